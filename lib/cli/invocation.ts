/** How this program was started, as a person would type it again. */
export function invocation(): string {
  const main = new URL(Deno.mainModule);
  const path = main.protocol === "file:" ? decodeURIComponent(main.pathname) : main.href;
  return `deno run -A ${/^[\w./:@%+=,-]+$/.test(path) ? path : `'${path}'`}`;
}

/** The same as words with absolute paths, for a place that has no PATH and another folder. */
export function invocationWords(): string[] {
  const main = new URL(Deno.mainModule);
  const path = main.protocol === "file:" ? decodeURIComponent(main.pathname) : main.href;
  return [Deno.execPath(), "run", "-A", path];
}
