import type { Experiment } from "../core/experiment.ts";
import type { ChunkDependency, PlannedChunk } from "../store/plan.ts";
import type { StageWork, Wait } from "./select.ts";

/** What names jobs and cuts arrays. */
export interface ChunkOptions {
  /** Random part that makes job names unique in the cluster. */
  token: string;
  maxArrayTasks: number;
}

/** Largest power of ten of tasks that one array may have: chunks then begin at round indices. */
export function chunkSize(maxArrayTasks: number): number {
  return 10 ** Math.floor(Math.log10(Math.max(1, maxArrayTasks)));
}

/**
 * Cuts the work into jobs: one for each stage, range of indices and set of things waited for, so
 * that task ids are indices, or indices less a round number.
 */
export function planChunks(
  experiment: Experiment,
  work: readonly StageWork[],
  { token, maxArrayTasks }: ChunkOptions,
): PlannedChunk[] {
  const size = chunkSize(maxArrayTasks);
  const chunks: PlannedChunk[] = [];
  const chunkOfRun = new Map<string, PlannedChunk>();
  for (const { name: stage } of experiment.stages) {
    for (const items of groupByJob(work.filter((item) => item.stage === stage), size, chunkOfRun)) {
      const run = items[0]!.run;
      const before = items[0]!.waits.map((wait) => dependencyOf(wait, run, chunkOfRun));
      const array = items.length > 1 || before.some(({ base }) => base !== undefined);
      const base = array ? Math.floor(run / size) * size : run;
      const chunk: PlannedChunk = {
        stage,
        chunk: chunks.length,
        jobName: `${experiment.id}.${stage}.${chunks.length}-${token}`,
        script: `${stage}.${chunks.length}.sbatch`,
        array,
        base,
        runs: items.map(({ run }) => run),
        attempts: items.map(({ attempt }) => attempt),
        after: before.map(({ base: other, ...dependency }) => ({
          ...dependency,
          taskwise: dependency.type === "afterok" && other === base,
        })),
      };
      chunks.push(chunk);
      for (const { run } of items) chunkOfRun.set(`${run}.${stage}`, chunk);
    }
  }
  return chunks;
}

/** Work that one job can carry: of one range of indices, and waiting for the same jobs. */
function groupByJob(
  work: readonly StageWork[],
  size: number,
  chunkOfRun: ReadonlyMap<string, PlannedChunk>,
): StageWork[][] {
  const groups = new Map<string, StageWork[]>();
  for (const item of work) {
    const waits = item.waits.map((wait) => dependencyOf(wait, item.run, chunkOfRun));
    const key = JSON.stringify([Math.floor(item.run / size), waits]);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()].map((items) => items.sort((a, b) => a.run - b.run));
}

/** What a run waits for, with the base of that job where it is an array. */
function dependencyOf(
  { stage, type, earlier }: Wait,
  run: number,
  chunkOfRun: ReadonlyMap<string, PlannedChunk>,
): Omit<ChunkDependency, "taskwise"> & { base?: number } {
  if (earlier) return { stage, type, ...earlier };
  const { chunk, array, base } = chunkOfRun.get(`${run}.${stage}`)!;
  return { stage, type, chunk, base: array ? base : undefined };
}

/** File name of a run's log in the folder of its submission, without the suffix. */
export function logName(
  chunk: Pick<PlannedChunk, "stage" | "array" | "base">,
  run: number,
): string {
  return `${chunk.stage}.${logNumber(chunk, String(run - chunk.base))}`;
}

/** The same with Slurm's `%a` in the place of the task. */
export function logPattern(chunk: Pick<PlannedChunk, "stage" | "array" | "base">): string {
  return `${chunk.stage}.${logNumber(chunk, "%a")}`;
}

function logNumber({ array, base }: Pick<PlannedChunk, "array" | "base">, task: string): string {
  if (!array) return String(base);
  return base === 0 ? task : `${base}+${task}`;
}
