import { join } from "node:path";
import { namesIn, readIfThere, removeIfThere, writeWhole } from "../system/files.ts";
import type { Layout } from "./layout.ts";

/** Reads a file of the tool's own that may be deleted; `undefined` where there is nothing to go by. */
// deno-lint-ignore no-explicit-any
export function readKept({ own }: Pick<Layout, "own">, name: string): any {
  try {
    return JSON.parse(readIfThere(join(own, name)) ?? "null") ?? undefined;
  } catch {
    return undefined; // not readable, or not ours
  }
}

/**
 * Writes it, where that can be done: a project that cannot be written in is read anew each time.
 * What others were about to put there goes: they were killed, or lose against this one.
 */
export function writeKept(
  { own }: Pick<Layout, "own">,
  name: string,
  content: unknown,
  mode?: number,
): void {
  try {
    for (const other of namesIn(own)) {
      if (other.startsWith(`${name}.`) && other.endsWith(".tmp")) removeIfThere(join(own, other));
    }
    writeWhole(join(own, name), `${JSON.stringify(content)}\n`, mode);
  } catch {
    // nothing is lost but time
  }
}
