import type { PlannedChunk } from "../store/plan.ts";

type Carried = Pick<PlannedChunk, "runs" | "base" | "pack">;

/** What one task of a chunk carries. */
export interface TaskRuns {
  /** Its id: the index of its first run, less the base. */
  task: number;
  /** By rising index. */
  runs: number[];
}

/** The tasks of a chunk: each run is in exactly one. */
export function tasksOf({ runs, base, pack }: Carried): TaskRuns[] {
  const size = pack?.runsPerJob ?? 1;
  return Array.from({ length: Math.ceil(runs.length / size) }, (_, at) => {
    const own = runs.slice(at * size, (at + 1) * size);
    return { task: own[0]! - base, runs: own };
  });
}

/** Id of the task that carries the run at this position of `runs`. */
export function taskAt({ runs, base, pack }: Carried, position: number): number {
  return runs[position - position % (pack?.runsPerJob ?? 1)]! - base;
}

/** How many tasks a chunk has. */
export function taskCount({ runs, pack }: Pick<Carried, "runs" | "pack">): number {
  return Math.ceil(runs.length / (pack?.runsPerJob ?? 1));
}
