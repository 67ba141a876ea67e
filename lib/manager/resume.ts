import { isAbsolute, join } from "node:path";
import { checkpointRank } from "../core/checkpoints.ts";
import { ConfigError, NotFoundError, UsageError } from "../core/errors.ts";
import type { CheckpointSpec, Experiment } from "../core/experiment.ts";
import { mayRunAgain } from "../core/states.ts";
import { checkpointsOf } from "../store/checkpoints.ts";
import type { RunStatus } from "../submission/status.ts";
import { submitExperiment, type SubmitOutcome } from "../submission/submit.ts";
import { exists } from "../system/files.ts";
import { loadExperiment } from "./experiments.ts";
import type { Project } from "./project.ts";
import { withOneScheduler } from "./same_scheduler.ts";
import { status } from "./status.ts";
import { requestOf } from "./submit.ts";

/** Which runs are resumed, and from where. */
export interface ResumeOptions {
  /** Only this run, by index. */
  run?: number;
  /** Path of a checkpoint, relative to the run's folder; one run only. */
  from?: string;
  /** The checkpoint of this epoch, or step where names have no epoch. */
  epoch?: number;
  /** Also what is completed. */
  force?: boolean;
}

/**
 * Submits the runs that did not complete once more. They go on where they ended: their folders and
 * logs stay, and each starts from its newest checkpoint, or the one asked for; what is newer than
 * that one is moved to `.previous.<attempt>` in the run's folder. They go to the scheduler that they
 * ran on, unless the project was opened with `to`.
 *
 * @throws {NotFoundError} when there is no such run or checkpoint, {UsageError} on `from` for several
 * runs, {ConfigError} on `from` or `epoch` without `checkpoint` in the experiment.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, resume, submit, wait } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "long", {
 *   // Each attempt trains one epoch, and the first one fails after it.
 *   command: `test -z "$EXPFLOW_CHECKPOINT" || exit 0; echo 1 > {run.dir}/epoch_1.pt; exit 3`,
 *   args: "none",
 *   set: ["checkpoint=."],
 * });
 * await submit(project, "long");
 * await wait(project, "long");
 * await resume(project, "long");
 * const { runs } = await wait(project, "long");
 * if (runs[0]?.state !== "completed" || runs[0].stages.train?.attempt !== 2) throw new Error();
 * ```
 */
export async function resume(
  project: Project,
  id: string,
  options: ResumeOptions = {},
): Promise<SubmitOutcome> {
  const { from, epoch, run: only } = options;
  const [found] = await status(project, { ids: [id], run: only });
  const again = options.force || from !== undefined || epoch !== undefined;
  const wanted = found!.runs.filter(({ state }) =>
    mayRunAgain(state) || (again && state === "completed")
  );
  if (from !== undefined && wanted.length > 1) {
    throw new UsageError(`Cannot resume ${wanted.length} runs of ${id} from one checkpoint`, {
      hint: `name the run: ${id}/${wanted[0]!.index}`,
    });
  }
  const { experiment } = loadExperiment(project, id);
  const resumed = new Map(
    wanted.map((run) => [run.index, startOf(project, experiment, run, options)]),
  );
  const target = withOneScheduler(project, found!, wanted);
  return await submitExperiment(
    target.context,
    await requestOf(target, id, {
      runs: wanted.map(({ index }) => index),
      force: again,
      resumed,
    }),
  );
}

function startOf(
  { layout }: Project,
  experiment: Experiment,
  { index }: RunStatus,
  { from, epoch }: ResumeOptions,
): { from?: string } {
  if (from === undefined && epoch === undefined) return {};
  const known = checkpointsOf(layout, experiment.id, index, checkpointSpec(experiment));
  if (from !== undefined) {
    const path = isAbsolute(from) ? from : join(layout.run(experiment.id, index), from);
    if (!exists(path)) {
      throw new NotFoundError(`Cannot resume run ${index} from ${path}: it is not there`, {
        hint: known[0] ? `its newest checkpoint is ${known[0].path}` : "it has no checkpoint",
      });
    }
    return { from: known.find((one) => sameFile(one.path, path))?.path ?? path };
  }
  const match = known.find(({ name }) => {
    const rank = checkpointRank(name);
    return (rank.epoch >= 0 ? rank.epoch : rank.step) === epoch;
  });
  if (match) return { from: match.path };
  throw new NotFoundError(`Cannot resume run ${index} from epoch ${epoch}: no such checkpoint`, {
    hint: known.length > 0
      ? `it has ${known.slice(0, 5).map(({ name }) => name).join(", ")}`
      : "it has no checkpoint",
  });
}

function checkpointSpec({ id, stages }: Experiment): CheckpointSpec {
  const spec = stages.find(({ checkpoint }) => checkpoint)?.checkpoint;
  if (spec) return spec;
  throw new ConfigError(`Cannot tell ${id} which checkpoint to start from: it declares none`, {
    hint: "add checkpoint: {dir: checkpoints, param: resume_from} to its file",
  });
}

function sameFile(one: string, other: string): boolean {
  return Deno.realPathSync(one) === Deno.realPathSync(other);
}
