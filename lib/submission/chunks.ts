import type { Experiment, Stage } from "../core/experiment.ts";
import { type Packing, packingOf } from "../core/packing.ts";
import type { Resources } from "../core/resources.ts";
import type { ChunkDependency, PlannedChunk, PlannedPack } from "../store/plan.ts";
import { taskCount } from "./packs.ts";
import { resourcesIn } from "./resources.ts";
import type { StageWork, Wait } from "./select.ts";
import { throttled } from "./throttle.ts";

/** What names jobs and cuts arrays. */
export interface ChunkOptions {
  /** Random part that makes job names unique in the cluster. */
  token: string;
  maxArrayTasks: number;
  /** Stage → how many of its jobs may be queued at once; absent where that is not limited. */
  submitLimits?: ReadonlyMap<string, number>;
}

/** Jobs of one limit are cut so fine that as many of them fit: when one has ended, one can follow. */
const PIECES_IN_LIMIT = 4;

/** Largest power of ten of tasks that one array may have: scripts then begin at round indices. */
export function chunkSize(maxArrayTasks: number): number {
  return 10 ** Math.floor(Math.log10(Math.max(1, maxArrayTasks)));
}

/** A dependency, and the base of that job where it is an array with a task for each run. */
type Before = Omit<ChunkDependency, "taskwise"> & { base?: number };

/** Work that one job carries. */
interface Group {
  stage: string;
  /** Named group of the sweep, where there is one. */
  named?: string;
  items: StageWork[];
  before: Before[];
  /** It begins at multiples of it. */
  size: number;
  /** How the runs share tasks, where they do. */
  packing?: Packing;
}

/**
 * Cuts the work into jobs: one for each stage, range of indices, group of the sweep and set of
 * things waited for, so that task ids are indices, or indices less a round number. Where only some may be queued at once,
 * the jobs are smaller; those of one range share a script.
 */
export function planChunks(
  experiment: Experiment,
  work: readonly StageWork[],
  options: ChunkOptions,
): PlannedChunk[] {
  const size = chunkSize(options.maxArrayTasks);
  const chunks: PlannedChunk[] = [];
  const chunkOfRun = new Map<string, PlannedChunk>();
  for (const one of experiment.stages) {
    const { name: stage, chain } = one;
    const items = work.filter((item) => item.stage === stage);
    const first = chunks.length;
    const nameOf = (chunk: number) => `${experiment.id}.${stage}.${chunk}-${options.token}`;
    if (chain !== undefined) {
      for (const item of items) {
        const group = alone(item, size, chunkOfRun);
        chunks.push(...chainOf(group, { first: chunks.length, links: chain, nameOf }));
      }
    } else {
      const limit = options.submitLimits?.get(stage);
      const cut = (named?: string): Cut => {
        const packing = packingOf(resourcesIn(experiment, one, named));
        const range = Math.max(size, packing?.runsPerJob ?? 1);
        const piece = pieceSize(limit, work.length, { size: range, packing });
        return { size: range, packing, piece };
      };
      const groups = groupByJob(stage, items, cut, chunkOfRun);
      const scripts = scriptsOf(groups, first);
      const made = groups.map((group, at): PlannedChunk =>
        chunkOf(group, {
          chunk: first + at,
          jobName: nameOf(first + at),
          ...scripts[at]!,
        })
      );
      chunks.push(...throttledByGroup(experiment, one, made));
    }
    for (const chunk of chunks.slice(first)) {
      for (const run of chunk.runs) chunkOfRun.set(`${run}.${stage}`, chunk);
    }
  }
  return chunks;
}

/** A group with a `max_parallel` of its own has it for itself; all others share the stage's. */
function throttledByGroup(
  experiment: Experiment,
  stage: Stage,
  chunks: readonly PlannedChunk[],
): PlannedChunk[] {
  const own = (group?: string) =>
    group !== undefined && experiment.sweep?.groups?.[group]?.resources?.max_parallel !== undefined;
  const sharing = Map.groupBy(chunks, ({ group }) => own(group) ? group : undefined);
  return Array.from(
    sharing,
    ([group, members]) => throttled(members, tasksAtOnce(resourcesIn(experiment, stage, group))),
  ).flat()
    .sort((a, b) => a.chunk - b.chunk);
}

/** `max_parallel` in tasks: those that share one count as so many. */
function tasksAtOnce({ max_parallel, runs_at_once = 1 }: Resources): number | undefined {
  return max_parallel && Math.max(1, Math.floor(max_parallel / runs_at_once));
}

/** How jobs of one kind are cut, in indices of runs. */
interface Cut {
  /** Jobs begin at multiples of it. */
  size: number;
  /** Indices that one job spans at most. */
  piece: number;
  packing?: Packing;
}

/** How many indices a job spans at most, where so many jobs and tasks may be queued at once. */
function pieceSize(
  limit: number | undefined,
  runs: number,
  { size, packing }: Omit<Cut, "piece">,
): number {
  const inTask = packing?.runsPerJob ?? 1;
  if (limit === undefined || Math.ceil(runs / inTask) <= limit) return size;
  return Math.min(size, inTask * Math.max(1, Math.floor(limit / PIECES_IN_LIMIT)));
}

function chunkOf(
  { stage, named: group, items, before, packing, size }: Group,
  { shared, ...named }: {
    chunk: number;
    jobName: string;
    script: string;
    shared: boolean;
  },
): PlannedChunk {
  const run = items[0]!.run;
  const pack = packing && packed(packing, items);
  const array = shared || taskCount({ runs: items.map(({ run }) => run), pack }) > 1 ||
    (!pack && before.some(({ base }) => base !== undefined));
  const base = array ? Math.floor(run / size) * size : run;
  return {
    stage,
    ...named,
    ...shared ? { shared } : {},
    ...pack ? { pack } : {},
    array,
    base,
    ...(group === undefined ? {} : { group }),
    runs: items.map(({ run }) => run),
    attempts: items.map(({ attempt }) => attempt),
    after: before.map(({ base: other, ...dependency }) => ({
      ...dependency,
      taskwise: !pack && dependency.type === "afterok" && other === base,
      ...pack ? { guarded: true } : {},
    })),
  };
}

function packed(packing: Packing, items: readonly StageWork[]): PlannedPack {
  const continues = items.filter((item) => item.continues).map(({ run }) => run);
  return { ...packing, ...continues.length > 0 ? { continues } : {} };
}

function alone(
  item: StageWork,
  size: number,
  chunkOfRun: ReadonlyMap<string, PlannedChunk>,
): Group {
  const before = item.waits.map((wait) => dependencyOf(wait, item.run, chunkOfRun));
  return { stage: item.stage, named: item.group, items: [item], before, size };
}

/** The jobs of a run that takes several: each comes after the one before, whatever becomes of that. */
function chainOf(
  group: Group,
  { first, links, nameOf }: {
    first: number;
    links: number;
    nameOf: (chunk: number) => string;
  },
): PlannedChunk[] {
  const { stage } = group;
  return Array.from({ length: links }, (_, at): PlannedChunk => {
    const chunk = first + at;
    const own = { chunk, jobName: nameOf(chunk), script: `${stage}.${chunk}.sbatch` };
    const job = chunkOf(group, { ...own, shared: false });
    if (at === 0) return { ...job, link: 1 };
    const after = [{ stage, type: "afterany" as const, taskwise: false, chunk: chunk - 1 }];
    return { ...job, link: at + 1, after };
  });
}

/** Work that one job can carry: of one piece of the indices and group, waiting for the same jobs. */
function groupByJob(
  stage: string,
  work: readonly StageWork[],
  cutOf: (named?: string) => Cut,
  chunkOfRun: ReadonlyMap<string, PlannedChunk>,
): Group[] {
  const groups = new Map<string, Group>();
  for (const item of work) {
    const { size, piece, packing } = cutOf(item.group);
    const before = item.waits.map((wait) => dependencyOf(wait, item.run, chunkOfRun));
    const range = Math.floor(item.run / size);
    const key = JSON.stringify([range, Math.floor((item.run % size) / piece), before, item.group]);
    const group = groups.get(key);
    if (group) group.items.push(item);
    else groups.set(key, { stage, named: item.group, items: [item], before, size, packing });
  }
  return [...groups.values()].map(({ items, ...group }) => ({
    ...group,
    items: items.sort((a, b) => a.run - b.run),
  }));
}

/** The script of each job: one for all that differ only in their tasks. */
function scriptsOf(
  groups: readonly Group[],
  first: number,
): { script: string; shared: boolean }[] {
  const keys = groups.map(({ named, items, before, size }) => {
    const guards = before.map(({ stage, type, submission }) => [stage, type, submission]);
    return JSON.stringify([Math.floor(items[0]!.run / size), guards, named]);
  });
  const positions = Map.groupBy(keys.keys(), (at) => keys[at]!);
  return keys.map((key) => {
    const jobs = positions.get(key)!;
    return { script: `${groups[0]!.stage}.${first + jobs[0]!}.sbatch`, shared: jobs.length > 1 };
  });
}

/** What a run waits for, with the base of that job where it is an array. */
function dependencyOf(
  { stage, type, earlier }: Wait,
  run: number,
  chunkOfRun: ReadonlyMap<string, PlannedChunk>,
): Before {
  if (earlier) return { stage, type, ...earlier };
  const { chunk, array, base, pack } = chunkOfRun.get(`${run}.${stage}`)!;
  if (pack) return { stage, type, chunk, guarded: true };
  return { stage, type, chunk, base: array ? base : undefined };
}

/** File name of a run's log in the folder of its submission, without the suffix. */
export function logName(
  chunk: Pick<PlannedChunk, "stage" | "array" | "base">,
  run: number,
): string {
  return `${chunk.stage}.${logNumber(chunk, String(run - chunk.base))}`;
}

/** The same of a run whose job carries others too, and has a log of its own. */
export function sharedLogName(stage: string, run: number | string): string {
  return `${stage}.${run}`;
}

/** The same of a job, with Slurm's `%a` in the place of the task. */
export function logPattern(chunk: Pick<PlannedChunk, "stage" | "array" | "base" | "pack">): string {
  if (chunk.pack) return `${chunk.stage}.job-${logNumber(chunk, "%a")}`;
  return `${chunk.stage}.${logNumber(chunk, "%a")}`;
}

function logNumber({ array, base }: Pick<PlannedChunk, "array" | "base">, task: string): string {
  if (!array) return String(base);
  return base === 0 ? task : `${base}+${task}`;
}
