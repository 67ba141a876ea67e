import { NotFoundError, UsageError } from "../core/errors.ts";
import { parseJobName } from "../core/job_name.ts";
import type { Params } from "../core/params.ts";
import { RUN_STATES, type RunState } from "../core/states.ts";
import { didYouMean } from "../core/suggest.ts";
import { perform } from "../schedulers/queue/disk.ts";
import { jobIds } from "../schedulers/queue/job.ts";
import { prioritiesOf } from "../schedulers/queue/priorities.ts";
import type { QueueLayout } from "../schedulers/queue/places.ts";
import { QueueReading } from "../schedulers/queue/reading.ts";
import { listSubmitted, type Plan, readPlans } from "../store/plan.ts";
import type { StageStatus } from "../submission/fold.ts";
import { resourcesIn } from "../submission/resources.ts";
import { type ExperimentStatus, type RunStatus, statusOf } from "../submission/status.ts";
import type { Project } from "./project.ts";
import { queueScheduler } from "./schedulers.ts";

/** States of what is in the queue: those of runs, with `queued` or `held` in the place of `pending`. */
export const ITEM_STATES = [
  "running",
  "queued",
  "held",
  ...RUN_STATES.filter((state) => state !== "running" && state !== "pending"),
] as const;

/** One of {@linkcode ITEM_STATES}. */
export type ItemState = "queued" | "held" | Exclude<RunState, "pending">;

/** A stage of a run that was submitted to the queue. */
export interface QueueItem {
  /** `exp001/3` */
  item: string;
  /** Id of the experiment. */
  experiment: string;
  /** Index of the run. */
  run: number;
  /** Name of the stage. */
  stage: string;
  /** Where it stands. */
  state: ItemState;
  /** Why it waits or failed, in a few words. */
  reason?: string;
  /** 0 to 1000, the highest is taken first; absent for what is over. */
  priority?: number;
  /** Those of the experiment. */
  tags: string[];
  /** Parameters of the run. */
  params: Params;
  /** Absent where the sweep has none. */
  seed?: number;
  /** Number of the job in the queue, and the task in it. */
  job?: string;
  /** Index in the job, where it has several. */
  task?: number;
  /** Its task carries other runs, too. */
  shared?: true;
  /** Number of the latest execution, from 1. */
  attempt: number;
  /** Seconds since 1970. */
  submitted: number;
  /** Seconds since 1970; absent before. */
  started?: number;
  /** Seconds since 1970; absent until it is over. */
  ended?: number;
  /** As bash sees it; absent until it is over. */
  exitCode?: number;
  /** Who runs it. */
  worker?: string;
  /** Where it runs or ran. */
  nodes?: string;
  /** CPUs that a worker must have. */
  cpus?: number;
  /** GPUs that a worker must have. */
  gpus?: number;
  /** As it was asked for. */
  mem?: string;
  /** Its time limit in seconds: a worker takes it only if as much is left of its allocation. */
  time?: number;
}

/** Which items to show; all unless told. */
export interface ItemQuery {
  /** Only items in one of these. */
  states?: readonly ItemState[];
  /** Only those of experiments that have one of these tags. */
  tags?: readonly string[];
}

/** The queue and its items, looked at once. */
export interface QueueLook {
  layout: QueueLayout;
  reading: QueueReading;
  statuses: ExperimentStatus[];
  /** What runs, what comes next in this order, and what is over, the latest first. */
  items: QueueItem[];
}

/** Looks at everything that was ever submitted to the queue of a project. */
export async function lookAtQueue(project: Project): Promise<QueueLook> {
  const { layout } = queueScheduler(project);
  const reading = new QueueReading(layout);
  const names = perform(jobIds(layout)).map((id) => reading.job(id)?.spec.name ?? "");
  // where no job is left, the records of submissions tell what was there
  const ids = new Set(
    names.length > 0
      ? names.flatMap((name) => parseJobName(name)?.experiment ?? [])
      : submittedHere(project),
  );
  const statuses = await statusOf(project.context, [...ids].sort());
  const priorityOf = prioritiesOf(layout);
  const items = statuses.flatMap((status) => {
    const plans = new Map(
      status.plans.filter(({ scheduler }) => scheduler === "queue")
        .map((plan) => [plan.submission, plan]),
    );
    return status.runs.flatMap((run) =>
      Object.entries(run.stages).flatMap(([stage, standing]) => {
        const plan = plans.get(standing.submission);
        return plan ? [itemOf({ reading, priorityOf, plan, run, stage, standing })] : [];
      })
    );
  });
  return { layout, reading, statuses, items: items.sort(byTurn) };
}

/** Experiments that were ever submitted to the queue. */
function submittedHere({ layout }: Project): string[] {
  return listSubmitted(layout).filter((id) =>
    readPlans(layout, id).some(({ scheduler }) => scheduler === "queue")
  );
}

interface Found {
  reading: QueueReading;
  priorityOf: ReturnType<typeof prioritiesOf>;
  plan: Plan;
  run: RunStatus;
  stage: string;
  standing: StageStatus;
}

function itemOf({ reading, priorityOf, plan, run, stage, standing }: Found): QueueItem {
  const { reason, job, task, shared, attempt, started, ended, exitCode, nodes } = standing;
  const number = Number(job);
  const open = job !== undefined && (standing.state === "pending" || standing.state === "running");
  const view = open ? reading.view(number) : undefined;
  const claim = view?.claims.get(task ?? 0);
  const held = view?.held || view?.heldTasks.has(task ?? 0);
  const waiting = held ? "held" : "queued";
  const spec = job === undefined ? undefined : reading.job(number)?.spec;
  const own = plan.config.stages.find(({ name }) => name === stage);
  return {
    item: `${plan.experiment}/${run.index}`,
    experiment: plan.experiment,
    run: run.index,
    stage,
    state: standing.state === "pending" ? waiting : standing.state,
    reason: standing.state === "completed" ? undefined : reason,
    priority: open ? priorityOf(number, task ?? 0) : undefined,
    tags: plan.config.tags,
    params: run.params,
    seed: run.seed,
    job,
    task,
    shared,
    attempt,
    submitted: plan.created,
    started,
    ended,
    exitCode,
    worker: claim?.worker,
    nodes,
    cpus: spec?.cpus,
    gpus: spec?.gpus,
    mem: own && resourcesIn(plan.config, own, run.group).mem,
    time: spec?.timeLimit,
  };
}

const RANKS: Partial<Record<ItemState, number>> = { running: 0, queued: 1, held: 2, planned: 3 };
const OVER = 4;

/** Which comes first in a list: what is taken first, and of what is over what ended last. */
function byTurn(a: QueueItem, b: QueueItem): number {
  const [rank, other] = [RANKS[a.state] ?? OVER, RANKS[b.state] ?? OVER];
  if (rank !== other) return rank - other;
  if (rank === OVER && a.ended !== b.ended) return (b.ended ?? 0) - (a.ended ?? 0);
  return (b.priority ?? 0) - (a.priority ?? 0) || Number(a.job ?? 0) - Number(b.job ?? 0) ||
    (a.task ?? 0) - (b.task ?? 0) || a.run - b.run;
}

/** The items of a look that a query asks for. */
export function selectItems(items: readonly QueueItem[], query: ItemQuery): QueueItem[] {
  const { states, tags } = query;
  return items.filter((item) =>
    (!states || states.includes(item.state)) &&
    (!tags || tags.some((tag) => item.tags.includes(tag)))
  );
}

/**
 * Reads states of items, as `queued,running`; `pending` is another word for `queued`.
 *
 * @throws {UsageError} for any other word.
 */
export function parseItemStates(text: string): ItemState[] {
  return text.split(",").map((part) => {
    const word = part.trim().replaceAll(" ", "_");
    const state = ITEM_STATES.find((one) => one === (word === "pending" ? "queued" : word));
    if (state) return state as ItemState;
    throw new UsageError(`Cannot look for items that are ${JSON.stringify(part)}`, {
      hint: didYouMean(word, [...ITEM_STATES, "pending"]),
    });
  });
}

/** The error for something that is not in the queue. */
export function notQueued(text: string, word: string, known: readonly string[]): NotFoundError {
  return new NotFoundError(`Cannot find ${text} in the queue`, {
    hint: known.length === 0
      ? "it is empty: `expflow queue add ID` submits an experiment to it"
      : didYouMean(word, known),
  });
}
