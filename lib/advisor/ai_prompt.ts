import type { Resources } from "../core/resources.ts";
import type { SlurmAdvice } from "./advise.ts";
import type { BatchPlan } from "./batch_plan.ts";
import type { Mask } from "./mask.ts";
import type { AdvisedPlace } from "./places.ts";
import { rejectionLines } from "./rejection_lines.ts";

const MOST_PLACES = 12;
const MOST_REJECTED = 20;
const TASK = [
  "A researcher is about to submit a job to a Slurm cluster. Below is what a tool measured:",
  "`start_in_s` is Slurm's own estimate, `likely_s` widens it by the researcher's past waits,",
  "`score` is 0 to 1 with its terms. null and absent mean not known: do not guess them.",
  "Say in at most 150 words which place to take and why, what to change in the request so that it",
  "starts earlier or costs less, and what that does to the results of a training. Use only these",
  "numbers. Plain text, no tables.",
].join("\n");

/** What a provider is told of places in a cluster; only what is named here, and that masked. */
export function clusterPrompt(
  { places, rejected, shorter, batch }: SlurmAdvice,
  mask: Mask,
): string {
  return promptOf({
    places: places.slice(0, MOST_PLACES).map((place) => placeFacts(place, mask)),
    not_possible: rejectionLines(rejected).slice(0, MOST_REJECTED).map(mask.hide),
    ...shorter === undefined
      ? {}
      : { shorter_limit: { time: shorter.time, starts_earlier_by_s: shorter.earlier } },
    ...batch === undefined ? {} : { batch },
  });
}

/** The same of a single machine. */
export function machinePrompt(
  machine: { cpus: number; memory: number; gpus: readonly string[] | null; lacks: string[] },
  batch: BatchPlan | undefined,
): string {
  const { memory, ...rest } = machine;
  return promptOf({
    machine: { ...rest, memory_mib: memory },
    ...batch === undefined ? {} : { batch },
  });
}

function promptOf(facts: object): string {
  return `${TASK}\n\n${JSON.stringify(facts, rounded, 1)}\n`;
}

/** Digits that nobody measured say nothing. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value)
    ? Number(value.toPrecision(3))
    : value;
}

function placeFacts(place: AdvisedPlace, { hide }: Mask) {
  const { partition, nodes, gpusPerNode, resources, start, wait, holds, cost, score, terms } =
    place;
  return {
    partition,
    nodes,
    gpus_per_node: gpusPerNode,
    request: requestFacts(resources, hide),
    start_in_s: start?.seconds ?? null,
    likely_s: wait === undefined ? null : [wait.from, wait.to],
    limits: holds?.map(({ limit, ...rest }) => ({ limit: hide(limit), ...rest })) ?? null,
    billing_hours: cost.billingHours,
    may_be_preempted: place.mayBePreempted ?? null,
    fairshare: place.fairshare ?? null,
    score,
    terms: terms.map(({ name, weight, value }) => ({ name, weight, value })),
  };
}

const TOLD = [
  "gpu_type",
  "time",
  "mem",
  "mem_per_cpu",
  "mem_per_gpu",
  "cpus_per_task",
  "ntasks",
  "ntasks_per_node",
  "exclusive",
] as const satisfies readonly (keyof Resources)[];

function requestFacts(resources: Resources, hide: Mask["hide"]) {
  const { account, qos } = resources;
  return {
    ...Object.fromEntries(
      TOLD.flatMap((key) => resources[key] === undefined ? [] : [[key, resources[key]]]),
    ),
    ...account === undefined ? {} : { account: hide(account) },
    ...qos === undefined ? {} : { qos: hide(qos) },
  };
}
