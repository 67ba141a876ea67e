import type { Experiment } from "../core/experiment.ts";
import { formatDuration, parseDuration } from "../core/durations.ts";
import { jobResources, roundsOf } from "../core/packing.ts";
import type { Resources } from "../core/resources.ts";
import type { PlannedChunk } from "../store/plan.ts";
import { tasksOf } from "./packs.ts";
import { kindOf, resourcesIn } from "./resources.ts";

/** Says how runs share jobs, what time limit that gives, and what waits for whole jobs. */
export function packingDecisions(
  experiment: Experiment,
  chunks: readonly PlannedChunk[],
): string[] {
  const lines = chunks.filter(({ pack }) => pack).map((chunk) => told(experiment, chunk));
  const coarse = chunks.flatMap(({ stage, after }) =>
    after.filter(({ guarded, stage: before }) => guarded && before !== stage)
      .map(({ stage: before }) =>
        `${stage} starts when jobs of ${before} have ended whole, as runs share jobs: ` +
        "each run of it then looks at its own"
      )
  );
  return [...new Set([...lines, ...coarse])];
}

function told(experiment: Experiment, chunk: PlannedChunk): string {
  const { stage: name, group, pack } = chunk;
  const stage = experiment.stages.find((one) => one.name === name)!;
  const { runsPerJob, atOnce } = pack!;
  const sizes = tasksOf(chunk).map(({ runs }) => runs.length);
  const largest = Math.max(...sizes);
  const resources = resourcesIn(experiment, stage, group);
  const { time } = jobResources(resources, largest);
  const limit = time === undefined
    ? "no time limit is asked for"
    : `time limit ${roundsOf(pack!, largest)} × ${timeOf(resources)} = ${time}`;
  return `${kindOf(name, group)}: up to ${runsPerJob} runs a job, ${atOnce} at once; ${limit}`;
}

function timeOf({ time }: Resources): string {
  return formatDuration(parseDuration(time!));
}
