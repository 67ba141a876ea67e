import type { RunSpec } from "../core/experiment.ts";
import type { Marker } from "../core/markers.ts";
import type { RunState } from "../core/states.ts";
import type { JobReport, Scheduler } from "../schedulers/scheduler.ts";
import { archivedIds, type ArchiveFacts, readArchiveRecord } from "../store/archive_record.ts";
import { chunkKey } from "../store/journal.ts";
import type { Layout } from "../store/layout.ts";
import type { Plan } from "../store/plan.ts";
import { epochSeconds } from "../system/clock.ts";
import { collect, type Collected } from "./collect.ts";
import type { SubmissionContext } from "./context.ts";
import { chainsIn } from "./chain.ts";
import { foldChain } from "./findings.ts";
import { foldRun, type StageStatus } from "./fold.ts";
import { taskAt } from "./packs.ts";

/** A run of an experiment and where it stands. */
export interface RunStatus extends RunSpec {
  /** Of the run as a whole: the first stage that went wrong decides. */
  state: RunState;
  /** In the order of the stages. */
  stages: Record<string, StageStatus>;
}

/** An experiment as its submissions and the scheduler tell it. */
export interface ExperimentStatus {
  /** Id of the experiment. */
  id: string;
  /** Every run ever submitted, by rising index. */
  runs: RunStatus[];
  /** Its submissions, oldest first; empty when it was never submitted. */
  plans: Plan[];
  /** Present when it is archived: its runs are as they were then. */
  archived?: ArchiveFacts;
}

/**
 * Jobs whose markers do not yet tell everything: only these are asked for, with the tasks that are
 * open.
 */
function* jobsToAsk({ plan, journal, markers }: Collected): Generator<[string, number[]]> {
  for (const chunk of plan.chunks) {
    const own = markers.of(chunk.stage);
    const open = [...chunk.runs.keys()].filter((at) => !own(chunk.runs[at]!).some(isSuccess));
    if (open.length === 0) continue;
    const tasks = chunk.array ? [...new Set(open.map((at) => taskAt(chunk, at)))] : [];
    for (const job of journal.chunks.get(chunkKey(chunk))?.jobs ?? []) yield [job, tasks];
  }
}

function isSuccess({ event, code }: Marker): boolean {
  return event === "end" && code === 0;
}

/** What schedulers said of the jobs of a plan. */
type Reports = (plan: Plan) => ReadonlyMap<string, JobReport>;

/** Asks each scheduler once, for all its jobs. */
async function ask(
  { schedulerOf }: Pick<SubmissionContext, "schedulerOf">,
  submissions: readonly Collected[],
): Promise<Reports> {
  const questions = new Map<Scheduler | undefined, Map<string, number[]>>();
  for (const submission of submissions) {
    const scheduler = schedulerOf(submission.plan);
    const jobs = questions.get(scheduler) ?? new Map<string, number[]>();
    for (const [job, tasks] of jobsToAsk(submission)) jobs.set(job, tasks);
    questions.set(scheduler, jobs);
  }
  const answers = new Map<Scheduler | undefined, Map<string, JobReport>>();
  for (const [scheduler, jobs] of questions) {
    if (!scheduler || jobs.size === 0) continue;
    answers.set(scheduler, await scheduler.states([...jobs.keys()], jobs));
  }
  return (plan) => {
    const scheduler = schedulerOf(plan);
    if (scheduler) return answers.get(scheduler) ?? new Map();
    const why = `${plan.scheduler} on ${plan.host} has it, and cannot be asked from here`;
    const jobs = questions.get(undefined)?.keys() ?? [];
    return new Map(Array.from(jobs, (job) => [job, { known: false, why }]));
  };
}

/** Status of several experiments with one question to each scheduler. */
export async function statusOf(
  context: Pick<SubmissionContext, "layout" | "schedulerOf" | "clock">,
  ids: readonly string[],
): Promise<ExperimentStatus[]> {
  const archived = archivedIds(context.layout);
  const found = ids.map((id) => {
    const kept = archived.has(id) ? archivedStatus(context.layout, id) : undefined;
    return { id, kept, submissions: kept ? [] : collect(context.layout, id) };
  });
  const reports = await ask(context, found.flatMap(({ submissions }) => submissions));
  const now = epochSeconds(context.clock);
  return found.map(({ id, kept, submissions }) =>
    kept ?? foldExperiment(id, submissions, reports, now)
  );
}

function archivedStatus(layout: Layout, id: string): ExperimentStatus | undefined {
  const record = readArchiveRecord<ExperimentStatus>(layout, id);
  if (!record) return undefined;
  const { version: _, status, ...archived } = record;
  return { ...status, archived };
}

function foldExperiment(
  id: string,
  submissions: readonly Collected[],
  reports: Reports,
  now: number,
): ExperimentStatus {
  const runs = new Map<number, RunStatus>();
  for (const submission of submissions) {
    for (const spec of submission.runs) {
      runs.set(spec.index, {
        ...spec,
        state: "planned",
        stages: runs.get(spec.index)?.stages ?? {},
      });
    }
    for (const chain of chainsIn(submission.plan.chunks)) {
      const { stage } = chain[0]!;
      for (const { run, status } of foldChain(submission, chain, reports(submission.plan), now)) {
        const stages = runs.get(run)?.stages;
        if (stages && (status.state !== "refused" || !stages[stage])) {
          stages[stage] = status;
        }
      }
    }
  }
  const sorted = [...runs.values()].sort((a, b) => a.index - b.index);
  for (const run of sorted) run.state = foldRun(Object.values(run.stages));
  return { id, runs: sorted, plans: submissions.map(({ plan }) => plan) };
}

/** How many runs are in each state, in the order in which states are usually told. */
export function countStates(
  runs: readonly { state: RunState }[],
): Partial<Record<RunState, number>> {
  const counts: Partial<Record<RunState, number>> = {};
  for (const { state } of runs) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
