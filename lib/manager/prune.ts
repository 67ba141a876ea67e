import { dirname } from "node:path";
import type { Kept, Waste } from "../core/clean_up.ts";
import { ConflictError, UsageError } from "../core/errors.ts";
import { matchesPattern } from "../core/patterns.ts";
import { readPins } from "../store/pins.ts";
import { listSubmitted } from "../store/plan.ts";
import { removeAbandoned } from "../submission/preparing.ts";
import { type ExperimentStatus, statusOf } from "../submission/status.ts";
import { trashesOf, type WasteFound, wasteOf } from "../submission/waste.ts";
import { discard } from "../system/tree.ts";
import { readResults } from "./harvest.ts";
import type { Project } from "./project.ts";
import { status } from "./status.ts";
import { inTurnNow } from "./turns.ts";

/** What is cleaned up. */
export interface PruneOptions {
  /** Only this experiment; every one that was submitted unless told. */
  id?: string;
  /** Really remove it; else it is only said. */
  yes?: boolean;
  /** So many of the newest checkpoints of a run stay; 1 unless told. */
  keep?: number;
}

/** What was removed, or would be. */
export interface PruneReport {
  /** Whether it was removed. */
  removed: boolean;
  /** What was removed, or would be. */
  waste: Waste[];
  /** What looks alike and stays. */
  kept: Kept[];
  /** Of all waste. */
  bytes: number;
  /** Files, folders and links of all waste. */
  inodes: number;
}

/**
 * Removes what nobody needs any more: checkpoints of ended runs but the newest and the best ones,
 * attempts that a later one replaced, code and scripts of submissions whose runs were all submitted
 * again. Nothing is removed without `yes`.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, prune, submit, wait } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", {
 *   command: "for n in 1 2 3; do echo $n > {run.dir}/epoch_$n.pt; done",
 *   args: "none",
 *   set: ["checkpoint=."],
 * });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * const { inodes } = await prune(project, { id: "exp001" }); // a dry run
 * const { waste } = await prune(project, { id: "exp001", yes: true });
 * const left = [...Deno.readDirSync(`${root}/experiments/runs/exp001/0`)].map(({ name }) => name);
 * if (inodes !== 2 || waste.length !== 2 || !left.includes("epoch_3.pt")) throw new Error(`${left}`);
 * ```
 */
export async function prune(
  project: Project,
  { id, yes = false, keep = 1 }: PruneOptions = {},
): Promise<PruneReport> {
  if (!(keep >= 1)) {
    throw new UsageError(`Cannot keep ${keep} checkpoints of a run: at least 1 stays`, {
      hint: "to free all of it, archive the experiment",
    });
  }
  if (id !== undefined) await status(project, { ids: [id] });
  const ids = id === undefined ? listSubmitted(project.layout) : [id];
  const report: PruneReport = { removed: yes, waste: [], kept: [], bytes: 0, inodes: 0 };
  for (const one of ids) {
    const found = yes
      ? await removeInTurn(project, one, keep)
      : await lookForWaste(project, one, keep);
    report.waste.push(...found.waste);
    report.kept.push(...found.kept);
  }
  for (const { bytes, inodes } of report.waste) {
    report.bytes += bytes;
    report.inodes += inodes;
  }
  return report;
}

async function removeInTurn(project: Project, id: string, keep: number): Promise<WasteFound> {
  try {
    return await inTurnNow(project, "clean", id, () => removeWaste(project, id, keep));
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const path = project.layout.runs(id);
    return { waste: [], kept: [{ experiment: id, path, why: error.message }] };
  }
}

async function removeWaste(project: Project, id: string, keep: number): Promise<WasteFound> {
  const { layout, context } = project;
  const { waste, kept } = await lookForWaste(project, id, keep);
  const [submissions, runs] = trashesOf(layout, id);
  const removed = waste.filter(({ path, kind }) =>
    discard(path, kind === "code" || dirname(path) === submissions ? submissions : runs)
  );
  removeAbandoned(dirname(layout.submission(id, "any")), context.host, context.clock.now());
  for (const trash of [submissions, runs]) discardEmpty(trash);
  return { waste: removed, kept };
}

function discardEmpty(folder: string): void {
  try {
    Deno.removeSync(folder);
  } catch {
    // it is not there, or not empty: then the next clean-up removes it
  }
}

async function lookForWaste(project: Project, id: string, keep: number): Promise<WasteFound> {
  const { layout, context } = project;
  const [known] = await statusOf(context, [id]);
  if (known!.archived) return { waste: [], kept: [] };
  const records = new Map(readResults(project, [id]).map((record) => [record.run, record]));
  const named = artifactPatterns(known!);
  return wasteOf({
    layout,
    status: known!,
    pins: readPins(layout, id),
    keep,
    bestSteps: (run) =>
      new Set(
        Object.values(records.get(run)?.metrics ?? {}).flatMap(({ bestStep }) => bestStep ?? []),
      ),
    isArtifact: (path) => named.some((pattern) => matchesPattern(pattern, path)),
  });
}

function artifactPatterns({ plans }: ExperimentStatus): string[] {
  return plans.flatMap(({ config }) => config.harvest.artifacts ?? []);
}
