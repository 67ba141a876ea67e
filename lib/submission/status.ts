import type { RunSpec } from "../core/experiment.ts";
import type { Marker } from "../core/markers.ts";
import type { RunState } from "../core/states.ts";
import type { JobReport, Scheduler, TaskReport } from "../schedulers/scheduler.ts";
import { chunkKey, type Journal, readJournal, readMarkers, readRefusal } from "../store/journal.ts";
import type { Layout } from "../store/layout.ts";
import { type Plan, type PlannedChunk, readSubmissions } from "../store/plan.ts";
import type { SubmissionContext } from "./context.ts";
import { chainsIn, tellingLink } from "./chain.ts";
import { foldRun, foldStage, type StageStatus } from "./fold.ts";

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
}

/** One submission as it lies on disk, indexed. */
interface Collected {
  plan: Plan;
  runs: RunSpec[];
  journal: Journal;
  markers: Map<string, Marker[]>;
  state: string;
}

function stageKey(run: number, stage: string): string {
  return `${run}.${stage}`;
}

function collect(layout: Layout, id: string): Collected[] {
  return readSubmissions(layout, id).map(({ plan, runs }) => {
    const state = layout.state(id, plan.submission);
    const markers = new Map<string, Marker[]>();
    for (const marker of readMarkers(state)) {
      const key = stageKey(marker.run, marker.stage);
      const known = markers.get(key);
      if (known) known.push(marker);
      else markers.set(key, [marker]);
    }
    return { plan, runs, journal: readJournal(state), markers, state };
  });
}

/**
 * Jobs whose markers do not yet tell everything: only these are asked for, with the tasks that are
 * open.
 */
function* jobsToAsk({ plan, journal, markers }: Collected): Generator<[string, number[]]> {
  for (const chunk of plan.chunks) {
    const open = chunk.runs.filter((run) =>
      !markers.get(stageKey(run, chunk.stage))?.some((m) => m.event === "end" && m.code === 0)
    );
    if (open.length === 0) continue;
    const tasks = chunk.array ? open.map((run) => run - chunk.base) : [];
    for (const job of journal.chunks.get(chunkKey(chunk))?.jobs ?? []) yield [job, tasks];
  }
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
  context: Pick<SubmissionContext, "layout" | "schedulerOf">,
  ids: readonly string[],
): Promise<ExperimentStatus[]> {
  const collected = ids.map((id) => ({ id, submissions: collect(context.layout, id) }));
  const reports = await ask(context, collected.flatMap(({ submissions }) => submissions));
  return collected.map(({ id, submissions }) => foldExperiment(id, submissions, reports));
}

function foldExperiment(
  id: string,
  submissions: readonly Collected[],
  reports: Reports,
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
      for (const [run, status] of foldChain(submission, chain, reports(submission.plan))) {
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

/** Where the runs of a chunk stand, or the one run of a chain of them. */
function* foldChain(
  { plan, journal, markers, state }: Collected,
  chain: readonly PlannedChunk[],
  reports: ReadonlyMap<string, JobReport>,
): Generator<[number, StageStatus]> {
  const chunk = chain[0]!;
  const known = journal.chunks.get(chunkKey(chunk));
  const links = chain.map((chunk) => {
    const jobs = journal.chunks.get(chunkKey(chunk))?.jobs ?? [];
    return { job: jobs[0], tasks: tasksOf(jobs, reports) };
  });
  const jobs = links.flatMap(({ job }) => job ?? []);
  const refused = journal.refused ? readRefusal(state, chunk) : undefined;
  for (const [position, run] of chunk.runs.entries()) {
    const task = chunk.array ? run - chunk.base : undefined;
    const { job, report } = tellingLink(links.map(({ job, tasks }) => ({
      job,
      report: tasks.unknown ?? tasks.byTask.get(task ?? -1),
    })));
    yield [
      run,
      foldStage({
        submission: plan.submission,
        fingerprint: plan.stages[chunk.stage] ?? "",
        attempt: chunk.attempts[position] ?? 1,
        markers: markers.get(stageKey(run, chunk.stage)) ?? [],
        job,
        task,
        report,
        chain: chain.length > 1 ? jobs : undefined,
        interrupted: (known?.turn ?? 0) > (known?.full ?? 0),
        refused,
        cancelled: journal.cancelled.has(run),
      }),
    ];
  }
}

/** The scheduler's reports on the jobs of a chunk, by task; -1 for a job that is no array. */
function tasksOf(jobs: readonly string[], reports: ReadonlyMap<string, JobReport>) {
  const byTask = new Map<number, TaskReport>();
  let unknown: { unknown: string } | undefined;
  for (const job of jobs) {
    const report = reports.get(job);
    if (report?.known) { for (const task of report.tasks) byTask.set(task.task ?? -1, task); }
    else if (report) unknown = { unknown: report.why };
  }
  return { byTask, unknown };
}

/** How many runs are in each state, in the order in which states are usually told. */
export function countStates(
  runs: readonly { state: RunState }[],
): Partial<Record<RunState, number>> {
  const counts: Partial<Record<RunState, number>> = {};
  for (const { state } of runs) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
