import { dirname, join } from "node:path";
import type { Sandbox } from "../cli/harness.ts";

/** Files by path → content. */
export type Files = Record<string, string>;

/**
 * As seconds ago: a file that is being written, for an hour at least however slow the machine is. To
 * expflow it is one of a file server whose clock is ahead.
 */
export const NOW = -3600;

/** Writes files of a project as if they had been written a minute ago. */
export function writeFiles(root: string, files: Files, secondsAgo = 60): void {
  const time = Date.now() / 1000 - secondsAgo;
  for (const [path, text] of Object.entries(files)) {
    const place = join(root, path);
    Deno.mkdirSync(dirname(place), { recursive: true });
    Deno.writeTextFileSync(place, text);
    Deno.utimeSync(place, time, time);
  }
}

/** Everything below a folder, but what expflow keeps there. */
export function filesIn(root: string, own = false): Files {
  const found: Files = {};
  const walk = (inside: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(join(root, inside))) {
      const path = inside === "" ? name : `${inside}/${name}`;
      if (!own && /^\.expflow-(sync|partial)$/.test(name)) continue;
      if (isDirectory) walk(path);
      else found[path] = Deno.readTextFileSync(join(root, path));
    }
  };
  walk("");
  return found;
}

/** A project that sends to `to`. @returns its folder. */
export async function syncing(box: Sandbox, to: string, more = ""): Promise<string> {
  const cwd = await box.project();
  const text = `sync:\n  backup:\n    to: ${JSON.stringify(to)}\n${more}`;
  Deno.writeTextFileSync(join(cwd, ".hpc_config.yaml"), text, { append: true });
  return cwd;
}

/** What `sync status --json` says of the only destination. */
// deno-lint-ignore no-explicit-any
export async function standing(box: Sandbox, cwd: string): Promise<any> {
  return JSON.parse((await box.ok(["sync", "status", "--json"], { cwd })).out)[0];
}

/** Names with everything that a shell, rsync or sha256sum might take for something else. */
export const HOSTILE: Files = {
  "experiments/results/plain.json": "1",
  "experiments/results/with space $(touch x) 'q' \"d\".json": "2",
  "experiments/results/-rf": "3",
  "experiments/results/back\\slash": "4",
  "experiments/results/line\nbreak": "5",
  "experiments/results/größe-模型.pt": "6",
  "experiments/results/[a]*?": "7",
  "experiments/runs/e/0/deep/down/empty": "",
};

/** SIGKILL, unless it has ended by itself. */
export function killed(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}
