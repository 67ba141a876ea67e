import { SchedulerError } from "../core/errors.ts";
import type { Resources } from "../core/resources.ts";
import type { SlurmAdvice } from "./advise.ts";
import type { AdvisedPlace } from "./places.ts";
import { rejectionLines } from "./rejection_lines.ts";

/** What was chosen for a job, and why; for the record of its submission. */
export interface Choice {
  resources: Pick<Resources, "partition" | "account" | "qos">;
  /** One line each. */
  why: string[];
}

/**
 * The best place, where no other jobs may take its nodes.
 *
 * @param job what is placed, for messages: `exp1/train`.
 * @throws {SchedulerError} when there is none, with every reason.
 */
export function choosePlace(job: string, advice: SlurmAdvice): Choice {
  const kept = advice.places.filter(({ mayBePreempted }) => mayBePreempted !== true);
  const [best, ...others] = kept;
  if (!best) throw nowhere(job, advice);
  const left = advice.places.filter((one) => !kept.includes(one));
  return {
    resources: chargedTo(best),
    why: [
      `${job}: ${placeText(best)}, ${startText(best)}, score ${best.score}`,
      ...others.length === 0
        ? []
        : [`${job}: not ${
          others.slice(0, 5).map((one) => `${placeText(one)} (${one.score})`).join(", ")
        }`],
      ...left.length === 0
        ? []
        : [`${job}: not ${names(left)}: other jobs may take its nodes; name it to use it`],
      ...rejectionLines(advice.rejected).map((line) => `${job}: not ${line}`),
      ...(best.holds ?? []).map(({ limit, max, used, wanted }) =>
        `${job}: ${limit} is ${max}, ${used} is used, ${wanted} is wanted: it will wait`
      ),
    ],
  };
}

/** What of a place stands in the resources of its job. */
export function chargedTo({ resources }: AdvisedPlace): Choice["resources"] {
  const { partition, account, qos } = resources;
  return {
    ...partition === undefined ? {} : { partition },
    ...account === undefined ? {} : { account },
    ...qos === undefined ? {} : { qos },
  };
}

function nowhere(job: string, { places, rejected, user }: SlurmAdvice): SchedulerError {
  const reasons = [
    ...rejectionLines(rejected),
    ...places.length === 0 ? [] : [`${names(places)}: other jobs may take its nodes (PreemptMode)`],
  ];
  const found = reasons.length === 0 ? "there are no partitions" : reasons.join("; ");
  return new SchedulerError(
    `Cannot choose a partition for ${job}: nothing fits for ${user}: ${found}`,
    {
      hint: places.length > 0
        ? "name the partition in resources.partition if its jobs may be ended for others"
        : "ask for less, or for what another account may use; `expflow advise` tries it",
    },
  );
}

function names(places: readonly AdvisedPlace[]): string {
  return [...new Set(places.map(({ partition }) => partition))].join(", ");
}

function placeText({ partition, resources }: AdvisedPlace): string {
  const { account, qos } = resources;
  return [
    `partition ${partition}`,
    ...account === undefined ? [] : [`account ${account}`],
    ...qos === undefined ? [] : [`QOS ${qos}`],
  ].join(" with ");
}

function startText({ start, startUnknown }: AdvisedPlace): string {
  return start
    ? `start in ${start.seconds} s (${start.source})`
    : `start unknown (${startUnknown})`;
}

/** No job names more partitions than this. */
const MOST_IN_RACE = 4;

/**
 * The best place whose job could as well run in other partitions, and all of these, the best
 * first. Whether Slurm takes them together is not said here.
 */
export function findRace(
  places: readonly AdvisedPlace[],
): { place: AdvisedPlace; partitions: string[] } | undefined {
  const able = places.filter((one) => one.start !== undefined && one.mayBePreempted !== true);
  for (const place of able) {
    const partitions = new Set(
      able.filter((one) => sameJob(one) === sameJob(place)).map(({ partition }) => partition),
    );
    if (partitions.size > 1) return { place, partitions: [...partitions].slice(0, MOST_IN_RACE) };
  }
  return undefined;
}

function sameJob({ resources: { account, qos, gpu_type }, nodes, gpusPerNode }: AdvisedPlace) {
  return JSON.stringify([account, qos, gpu_type, nodes, gpusPerNode]);
}
