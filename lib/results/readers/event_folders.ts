import { dirname } from "node:path";
import { type Group, inOrder } from "./reader.ts";

/** Folders that a program makes anew each time it starts: they say when, not what. */
const START = /^(version_\d+|\d+(\.\d+)?|[A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d_.*)$/;

/**
 * Event files by what they are about. Those of restarts (`version_0`, `version_1`; two files in one
 * folder) are one series. Folders beside or below each other (`train` and `validation` of Keras,
 * those of `add_scalars`) use the same tags for different things: their path is put before the tag.
 */
export function gatherEventFiles(paths: readonly string[]): Group[] {
  const subjects = new Map<string, string[]>();
  for (const path of paths) {
    const subject = dirname(path).split("/").filter((part) => part !== "." && !START.test(part));
    const key = subject.join("/");
    subjects.set(key, [...subjects.get(key) ?? [], path]);
  }
  const shared = commonParent([...subjects.keys()]);
  return [...subjects].sort(([a], [b]) => a < b ? -1 : 1).map(([subject, files]) => {
    const own = subject.split("/").slice(shared).join("/");
    const name = dirname(files[0]!) === "." ? files[0]! : dirname(files[0]!);
    return { ...inOrder(name, files), prefix: own === "" ? "" : `${own}/` };
  });
}

/** How many parts all folders begin with. */
function commonParent(folders: string[]): number {
  const [first = [], ...rest] = folders.map((folder) => folder.split("/").filter(Boolean));
  const differs = first.findIndex((part, at) => rest.some((other) => other[at] !== part));
  return differs < 0 ? first.length : differs;
}
