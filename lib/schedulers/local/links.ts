/** Puts a symbolic link there, in place of one that may be there. */
export function replaceLink(path: string, target: string): void {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}`;
  Deno.symlinkSync(target, temporary);
  Deno.renameSync(temporary, path);
}
