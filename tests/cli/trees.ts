import { createHash } from "node:crypto";
import { equal } from "node:assert/strict";
import { relative } from "node:path";
import { walkTree } from "../../lib/system/tree.ts";

/** What an archive takes, as folders of a project. */
export function experimentFolders(project: string, id: string): string[] {
  const inside = ["generated_scripts", "experiments/logs", "experiments/runs", "experiments/state"];
  return inside.map((folder) => `${project}/${folder}/${id}`);
}

/** Everything in some folders, one line each: path, kind, mode, time, where it points or what is in it. */
export function listing(project: string, folders: readonly string[], times = true): string[] {
  return folders.flatMap((folder) =>
    Array.from(walkTree(folder), ({ path, kind, mode, changed, target }) => {
      const at = path === "" ? folder : `${folder}/${path}`;
      const content = kind === "file"
        ? createHash("sha256").update(Deno.readFileSync(at)).digest("hex")
        : target ?? "";
      return [relative(project, at), kind, mode.toString(8), times ? changed : "", content].join(
        " ",
      );
    })
  );
}

/** Copies a project with everything as it is. */
export function copyProject(from: string, to: string): void {
  const { success } = new Deno.Command("cp", { args: ["-a", from, to] }).outputSync();
  equal(success, true, `cp -a ${from} ${to}`);
}
