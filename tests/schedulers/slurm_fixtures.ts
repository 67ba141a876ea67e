import { join } from "node:path";
import type { Reply } from "../../lib/system/runner.ts";

const FOLDER = join(import.meta.dirname!, "..", "fixtures", "slurm");

/** The versions of Slurm that tests/slurm/capture.ts recorded. */
export const versions = Array.from(Deno.readDirSync(FOLDER), (entry) => entry.name).sort();

/** A recorded command and what it gave. */
export interface Fixture {
  argv: string[];
  reply: Reply;
}

/** Names of what was recorded of a version. */
export function fixtureNames(version: string): string[] {
  const names = Array.from(Deno.readDirSync(join(FOLDER, version)), (entry) => entry.name);
  return names.map((name) => name.replace(/\.txt$/, "")).sort();
}

/** Reads one recording. */
export function fixture(version: string, name: string): Fixture {
  const text = Deno.readTextFileSync(join(FOLDER, version, `${name}.txt`));
  const match = /# argv: (.+)\n# exit: (\d+)\n--- stdout\n([^]*?)--- stderr\n([^]*)$/.exec(text);
  if (!match) throw new Error(`${version}/${name}.txt is no recording`);
  const [, argv = "", code, stdout = "", stderr = ""] = match;
  return { argv: JSON.parse(argv), reply: { code: Number(code), stdout, stderr, timedOut: false } };
}

/** Numbers of the jobs a recorded command asked for, in the order of the capture script. */
export function askedJobs({ argv }: Fixture): string[] {
  return argv.find((word) => word.startsWith("--jobs="))!.slice("--jobs=".length).split(",");
}
