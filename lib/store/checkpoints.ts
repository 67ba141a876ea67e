import { basename } from "node:path";
import { type CheckpointFile, sortCheckpoints } from "../core/checkpoints.ts";
import type { CheckpointSpec } from "../core/experiment.ts";
import { entryAt, namesIn } from "../system/files.ts";
import type { Layout } from "./layout.ts";

/** The whole checkpoints of a run, the newest first. */
export function checkpointsOf(
  layout: Layout,
  id: string,
  run: number,
  { path }: CheckpointSpec,
): CheckpointFile[] {
  const named = path.replaceAll("{run.index}", String(run)).replaceAll("{experiment}", id);
  const folder = named === "" || named.endsWith("/");
  const base = named.startsWith("/") ? "" : layout.run(id, run);
  const pattern = `${named}${folder ? "*" : ""}`.replace(/^\//, "");
  const files = expand(base, pattern).flatMap((found) => {
    const entry = entryAt(found);
    if (!entry) return [];
    const empty = entry.folder
      ? !namesIn(found).some((name) => !name.startsWith("."))
      : entry.empty;
    return [{ path: found, name: basename(found), ...entry, empty }];
  });
  return sortCheckpoints(files, !folder);
}

/** Paths that a pattern with `*` and `?` means to bash; hidden names only where it says so. */
function expand(base: string, pattern: string): string[] {
  return pattern.split("/").reduce((folders, part) => {
    if (!/[*?]/.test(part)) return folders.map((folder) => `${folder}/${part}`);
    const wanted = new RegExp(`^${Array.from(part, expression).join("")}$`, "su");
    return folders.filter((folder) => entryAt(folder || "/")?.folder).flatMap((folder) =>
      namesIn(folder || "/")
        .filter((name) => wanted.test(name) && (part.startsWith(".") || !name.startsWith(".")))
        .map((name) => `${folder}/${name}`)
    );
  }, [base]);
}

function expression(character: string): string {
  if (character === "*") return ".*";
  return character === "?" ? "." : RegExp.escape(character);
}
