/** The target of a symbolic link; `undefined` when there is none. */
export function readLink(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Puts a symbolic link there, in place of one that may be there. */
export function replaceLink(path: string, target: string): void {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}`;
  Deno.symlinkSync(target, temporary);
  Deno.renameSync(temporary, path);
}
