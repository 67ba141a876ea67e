import type { Experiment, RunPoint, RunSpec, Stage } from "../core/experiment.ts";
import { fingerprint } from "../core/fingerprint.ts";
import { mayRunAgain, type RunState } from "../core/states.ts";
import type { StageStatus } from "./fold.ts";
import { importedPoint, type ImportedRuns } from "./imported_runs.ts";
import type { RunStatus } from "./status.ts";

/** What a user may narrow a submission to. */
export interface Selection {
  /** Only this stage. */
  stage?: string;
  /** Only these runs, by index. */
  runs?: ReadonlySet<number>;
  /** Run again what is completed or queued. */
  force?: boolean;
  /**
   * Go on where the runs ended, with their folders and from their newest checkpoint, or from the
   * one that is given for a run.
   */
  resumed?: ReadonlyMap<number, { from?: string }>;
  /** Fingerprint of a run → checkpoint of another one that its first attempt starts from. */
  begins?: ReadonlyMap<string, string>;
  /**
   * Only runs that have had no other attempt since they were looked at: run → its latest attempt then.
   */
  seen?: ReadonlyMap<number, number>;
  /** Not these runs, by index. */
  except?: ReadonlySet<number>;
  /** Only runs with such parameters. */
  subset?: (point: RunPoint) => boolean;
  /** Only runs that are in one of these states; `planned` where they were never submitted. */
  only?: ReadonlySet<RunState>;
  /** At most so many runs, the first ones. */
  limit?: number;
  /** Runs of the experiment that another tool has, or had. */
  imported?: ImportedRuns;
  /** With `seen`: not these runs, but children of them that nobody has made yet. */
  children?: boolean;
}

/** What one stage of a run waits for: a stage in the same submission, or a job of an earlier one. */
export interface Wait {
  /** The stage that comes before. */
  stage: string;
  /** Whether that one must have succeeded, or only ended. */
  type: "afterok" | "afterany";
  /**
   * `base`: index of the run whose task is 0, where that job is an array with a task for each run;
   * `guarded`: where it carries several runs.
   */
  earlier?: { submission: string; job: string; base?: number; guarded?: boolean };
}

/** One stage of one run that will be submitted. */
export interface StageWork {
  /** Which stage is executed. */
  stage: string;
  /** Index of the run. */
  run: number;
  /** Group of the sweep that the run is in, where there is one. */
  group?: string;
  /** 1 for the first execution. */
  attempt: number;
  /** Empty when it can start at once. */
  waits: Wait[];
  /** Present when it goes on where the attempt before ended; `from`: not from the newest checkpoint. */
  continues?: { from?: string };
}

/** What a submission would do, and what it leaves out, with the reason. */
export interface Selected {
  /** Runs with something to do, in the order of the sweep. */
  runs: RunSpec[];
  /** Every stage of them that is executed; empty when there is nothing to submit. */
  work: StageWork[];
  /** Runs that are completed with these parameters and this command. */
  completed: number[];
  /** Runs that are queued, running, or of which nobody knows. */
  busy: number[];
  /** Runs that another tool ran; its results were imported. */
  imported: number[];
  /** Runs that failed and that another run retries with other parameters. */
  superseded: number[];
  /** Stages that cannot run, as one before them did not succeed and is not in this submission. */
  blocked: { run: number; stage: string; by: string }[];
}

/**
 * Fingerprint of each stage: of what it computes, its command and the stages it comes after, not of
 * what it asks for. Parameters are in the run's.
 */
export function stageFingerprints(stages: readonly Stage[]): Record<string, string> {
  const known: Record<string, string> = {};
  for (const { name, command, args, after } of stages) {
    known[name] = fingerprint([command, args, after.map(({ stage }) => known[stage] ?? stage)]);
  }
  return known;
}

/**
 * What makes two runs of an experiment the same: their parameters, and what the stages compute that
 * everything starts from.
 */
export function runFingerprints({ stages }: Experiment): (point: RunPoint) => string {
  const known = stageFingerprints(stages);
  const first = stages.filter(({ after }) => after.length === 0);
  const start = first.map(({ name }) => [name, known[name]!]);
  return ({ params }) => fingerprint([params, start]);
}

/**
 * Decides which stages of which runs are submitted. A run keeps the index it was given first;
 * points not seen before get the lowest that nobody has, in order: what is left out keeps its own.
 */
export function selectRuns(
  experiment: Experiment,
  points: Iterable<RunPoint>,
  earlier: readonly RunStatus[],
  selection: Selection = {},
): Selected {
  const selected: Selected = {
    runs: [],
    work: [],
    completed: [],
    busy: [],
    imported: [],
    superseded: [],
    blocked: [],
  };
  const byIndex = new Map(earlier.map((run) => [run.index, run]));
  const parents = new Set(earlier.flatMap(({ parent }) => parent ?? []));
  const byFingerprint = new Map(earlier.map((run) => [run.fingerprint, run]));
  let next = 0;
  const nextFree = (): number => {
    while (byIndex.has(next) || selection.imported?.indices.has(next)) next++;
    return next++;
  };
  const stages = stageFingerprints(experiment.stages);
  const fingerprintOf = runFingerprints(experiment);
  for (const point of points) {
    if (selected.runs.length === selection.limit) break;
    const mark = fingerprintOf(point);
    const known = byFingerprint.get(mark);
    const foreign = known ? undefined : importedPoint(selection.imported, point.params);
    const taken = foreign === undefined || byIndex.has(foreign.run);
    const index = known?.index ?? (taken ? nextFree() : foreign.run);
    if (selection.runs && !selection.runs.has(index)) continue;
    if (selection.except?.has(index)) continue;
    if (selection.subset?.(point) === false) continue;
    if (selection.only?.has((known ?? foreign)?.state ?? "planned") === false) continue;
    if (foreign && foreign.state !== "planned" && !selection.force && !selection.only) {
      selected.imported.push(index);
      continue;
    }
    if (selection.seen && !isUnchanged(selection, point, known, byIndex)) continue;
    if (parents.has(index) && !selection.force && !selection.seen) {
      selected.superseded.push(index);
      continue;
    }
    const begins = selection.begins?.get(mark);
    const own = begins === undefined || known ? selection : { ...selection, start: begins };
    const work = workOf(experiment, index, known, stages, own, selected);
    if (work.length === 0) continue;
    const { group } = point;
    for (const item of work) selected.work.push(group === undefined ? item : { ...item, group });
    const attempt = Math.max(...work.map((item) => item.attempt));
    selected.runs.push({ index, fingerprint: mark, attempt, ...point });
  }
  return selected;
}

/** Number of the latest attempt of any stage of a run; 0 before the first. */
export function latestAttempt({ stages }: RunStatus): number {
  return Math.max(0, ...Object.values(stages).map(({ attempt }) => attempt));
}

function isUnchanged(
  { seen, children }: Selection,
  { parent }: RunPoint,
  known: RunStatus | undefined,
  byIndex: ReadonlyMap<number, RunStatus>,
): boolean {
  if (children && known) return false;
  const subject = children ? byIndex.get(parent ?? -1) : known;
  return subject !== undefined && latestAttempt(subject) === seen?.get(subject.index);
}

/** Runs that retries made with other parameters; the sweep does not have them. */
export function* childrenOf(
  experiment: Experiment,
  points: Iterable<RunPoint>,
  earlier: readonly RunStatus[],
): Generator<RunPoint> {
  const fingerprintOf = runFingerprints(experiment);
  const children = new Map(
    earlier.flatMap(({ index: _, fingerprint, attempt: __, state: ___, stages: ____, ...point }) =>
      point.parent !== undefined && fingerprintOf(point) === fingerprint
        ? [[fingerprint, point] as const]
        : []
    ),
  );
  if (children.size === 0) return;
  for (const point of points) children.delete(fingerprintOf(point));
  yield* children.values();
}

function workOf(
  experiment: Experiment,
  run: number,
  known: RunStatus | undefined,
  fingerprints: Record<string, string>,
  selection: Selection & { start?: string },
  selected: Selected,
): StageWork[] {
  const work = new Map<string, StageWork>();
  let busy = false;
  let blocked = false;
  for (const stage of experiment.stages) {
    const { name, after } = stage;
    if (selection.stage !== undefined && selection.stage !== name) continue;
    const status = known?.stages[name];
    const current = status?.fingerprint === fingerprints[name] ? status : undefined;
    const again = after.some(({ stage }) => work.has(stage));
    if (current && !again && !selection.force && !mayRunAgain(current.state)) {
      busy ||= current.state !== "completed";
      continue;
    }
    const waits: Wait[] = [];
    const failing = after.find((dependency) => {
      const wait = waitFor(run, dependency, work, known?.stages[dependency.stage]);
      if (wait && wait !== "never") waits.push(wait);
      return wait === "never";
    });
    if (failing) {
      blocked = true;
      selected.blocked.push({ run, stage: name, by: failing.stage });
      continue;
    }
    const ran = status !== undefined && status.state !== "refused";
    work.set(name, {
      stage: name,
      run,
      attempt: (status?.attempt ?? 0) + (ran ? 1 : 0) || 1,
      waits,
      ...again ? {} : continuing(stage, run, current, selection),
    });
  }
  if (work.size === 0 && !blocked) (busy ? selected.busy : selected.completed).push(run);
  return [...work.values()];
}

/** Ends that are not the program's: where `resume` says so, the next submission continues it. */
const INTERRUPTED: ReadonlySet<RunState> = new Set<RunState>([
  "timeout",
  "preempted",
  "node_fail",
  "not_begun",
]);

/** Whether a stage ended by its time limit, preemption or the loss of its node, and is to go on. */
export function isInterrupted({ resume, chain }: Stage, { state }: StageStatus): boolean {
  const goesOn = resume === "requeue" || resume === "resubmit" || chain !== undefined;
  return goesOn && INTERRUPTED.has(state);
}

function continuing(
  stage: Stage,
  run: number,
  status: StageStatus | undefined,
  { resumed, force, start }: Selection & { start?: string },
): Pick<StageWork, "continues"> {
  if (!status) return stage.checkpoint && start ? { continues: { from: start } } : {};
  const asked = resumed?.get(run);
  if (asked) return { continues: stage.checkpoint ? asked : {} };
  if (status.state === "not_begun") return status.continues && !force ? { continues: {} } : {};
  return isInterrupted(stage, status) && !force ? { continues: {} } : {};
}

function waitFor(
  run: number,
  { stage, type }: { stage: string; type: "afterok" | "afterany" },
  work: ReadonlyMap<string, StageWork>,
  status: StageStatus | undefined,
): Wait | "never" | undefined {
  if (work.has(stage)) return { stage, type };
  if (status?.state === "completed") return undefined;
  if (!status) return "never";
  if (mayRunAgain(status.state)) return type === "afterany" ? undefined : "never";
  const { submission, task, shared } = status;
  const job = status.chain?.at(-1) ?? status.job;
  if (job === undefined) return "never";
  if (shared) return { stage, type, earlier: { submission, job, guarded: true } };
  const base = task === undefined ? undefined : run - task;
  return { stage, type, earlier: { submission, job, base } };
}
