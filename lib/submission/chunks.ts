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
  for (const { name: stage, chain } of experiment.stages) {
    const items = work.filter((item) => item.stage === stage);
    const groups = chain === undefined
      ? groupByJob(items, size, chunkOfRun)
      : items.map((item) => [item]);
    for (const items of groups) {
      const run = items[0]!.run;
      const before = items[0]!.waits.map((wait) => dependencyOf(wait, run, chunkOfRun));
      const array = items.length > 1 || before.some(({ base }) => base !== undefined);
      const base = array ? Math.floor(run / size) * size : run;
      const chunk: PlannedChunk = {
        stage,
        chunk: chunks.length,
        ...namesOf(experiment.id, stage, chunks.length, token),
        array,
        base,
        runs: items.map(({ run }) => run),
        attempts: items.map(({ attempt }) => attempt),
        after: before.map(({ base: other, ...dependency }) => ({
          ...dependency,
          taskwise: dependency.type === "afterok" && other === base,
        })),
        ...chain === undefined ? {} : { link: 1 },
      };
      chunks.push(chunk);
      for (let link = 2; link <= (chain ?? 1); link++) {
        chunks.push(nextLink(experiment.id, chunks, token));
      }
      for (const { run } of items) chunkOfRun.set(`${run}.${stage}`, chunks.at(-1)!);
    }
  }
  return chunks;
}

function namesOf(
  experiment: string,
  stage: string,
  chunk: number,
  token: string,
): Pick<PlannedChunk, "jobName" | "script"> {
  return {
    jobName: `${experiment}.${stage}.${chunk}-${token}`,
    script: `${stage}.${chunk}.sbatch`,
  };
}

/** The job of a chain that comes after the last one, whatever becomes of that. */
function nextLink(
  experiment: string,
  chunks: readonly PlannedChunk[],
  token: string,
): PlannedChunk {
  const before = chunks.at(-1)!;
  const { stage, chunk } = before;
  return {
    ...before,
    ...namesOf(experiment, stage, chunk + 1, token),
    chunk: chunk + 1,
    link: before.link! + 1,
    after: [{ stage, type: "afterany", taskwise: false, chunk }],
  };
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
