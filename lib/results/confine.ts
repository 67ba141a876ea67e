import { isAbsolute, join, sep } from "node:path";

/** Where a declared file really is, why it may not be read, or that it is not there. */
export type Confined = { path: string } | { refused: string } | { missing: true };

/**
 * Finds a file that must lie in `root`, a folder whose own path is resolved: absolute paths, `..` and
 * links that lead out of the folder are refused, and so is anything that is not a plain file.
 */
export function confine(root: string, path: string): Confined {
  if (path === "" || path.includes("\0")) return { refused: "is no path" };
  if (isAbsolute(path)) return { refused: "is absolute; give a path inside the run's folder" };
  if (path.split("/").includes("..")) return { refused: "holds .., which leaves the run's folder" };
  try {
    const real = Deno.realPathSync(join(root, path));
    if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) {
      return { refused: "is a link that leaves the run's folder" };
    }
    return Deno.statSync(real).isFile ? { path: real } : { refused: "is not a plain file" };
  } catch (error) {
    return whyNot(error);
  }
}

/** Whether something is not there, or why it cannot be looked at. */
export function whyNot(error: unknown): Confined {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
    return { missing: true };
  }
  return { refused: error instanceof Error ? error.message : String(error) };
}
