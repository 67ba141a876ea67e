import { basename, dirname, join, resolve } from "node:path";
import { NotFoundError } from "../core/errors.ts";
import { entryAt, namesIn } from "../system/files.ts";
import { readJob } from "./dr_exp_job.ts";
import type { Foreign, ForeignFormat, ForeignRun } from "./foreign.ts";

/**
 * dr_exp, a job queue for sweeps: `jobs/<uuid>.json` is a job, and `storage/run_<id>/` has what it
 * wrote, with `metrics.jsonl`.
 */
export const drExp: ForeignFormat = {
  name: "dr_exp",
  summary: "jobs and results of a dr_exp folder (jobs/<uuid>.json, storage/run_<id>/)",
  read: readFolder,
};

const JOB = ".json";

function readFolder(given: string): Foreign {
  const folder = rootOf(given);
  const jobs = join(folder, "jobs");
  const storage = new Set(namesIn(join(folder, "storage")));
  const names = namesIn(jobs).sort();
  const problems: string[] = [];
  const runs = new Map<string, ForeignRun>();
  for (const name of names.filter((one) => one.endsWith(JOB))) {
    const file = `jobs/${name}`;
    const found = readJob({ path: join(jobs, name), file, stem: name.slice(0, -JOB.length) });
    if ("problem" in found) {
      problems.push(`${JSON.stringify(file)}: ${found.problem}; not imported`);
      continue;
    }
    const first = runs.get(found.id);
    if (first) {
      const second = isNamedSo(found) && !isNamedSo(first) ? found : first;
      const other = second === found ? first : found;
      problems.push(
        `${JSON.stringify(other.file)}: has the id of ${JSON.stringify(second.file)}, ` +
          `${JSON.stringify(found.id)}; not imported`,
      );
      runs.set(found.id, second);
    } else runs.set(found.id, found);
  }
  for (const run of runs.values()) run.output = outputOf(folder, storage, run.id);
  const others = names.filter((one) => !one.endsWith(JOB)).length;
  if (others > 0) problems.push(`jobs: ${others} entries are no .json, and not looked into`);
  const owned = new Set(Array.from(runs.keys(), (id) => `run_${id}`));
  const orphans = [...storage].filter((name) => name.startsWith("run_") && !owned.has(name)).length;
  if (orphans > 0) problems.push(`storage: ${orphans} folders are of no job that was read`);
  return { folder, runs: [...runs.values()], problems };
}

/** The folder that has `jobs/`: the one that is named, or the one above it. */
function rootOf(given: string): string {
  const folder = resolve(given);
  if (entryAt(join(folder, "jobs"))?.folder) return Deno.realPathSync(folder);
  if (basename(folder) === "jobs" && entryAt(folder)?.folder) {
    return Deno.realPathSync(dirname(folder));
  }
  const found = entryAt(folder) ? "it has no folder jobs" : "there is no such folder";
  throw new NotFoundError(`Cannot import from ${JSON.stringify(given)}: ${found}`, {
    hint: "name the folder of dr_exp that has jobs/ and storage/",
  });
}

function isNamedSo({ id, file }: ForeignRun): boolean {
  return file === `jobs/${id}${JOB}`;
}

/** Only a direct child of `storage/` by its listing: an id may hold anything. */
function outputOf(folder: string, storage: ReadonlySet<string>, id: string): string | undefined {
  const name = `run_${id}`;
  return storage.has(name) ? join(folder, "storage", name) : undefined;
}
