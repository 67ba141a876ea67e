import type { RunSpec } from "../../core/experiment.ts";
import type { Plan, RetryRecord } from "../../store/plan.ts";

/** A retry of one run. */
export interface Retry extends RetryRecord {
  /** The submission that it is in. */
  submission: string;
  /** Number of the attempt that it is. */
  attempt: number;
}

/** Every retry of an experiment, and whose they are. */
export interface Lineage {
  /** Retries of a run and, before them, of those that it is a child of; oldest first. */
  retriesOf(run: number): Retry[];
  /** Children of a run, oldest first. */
  childrenOf(run: number): number[];
  /** Retries of all runs that no person asked for. */
  total: number;
}

/** Reads the retries of an experiment from its submissions. */
export function lineageOf(
  plans: readonly Plan[],
  runs: readonly Pick<RunSpec, "index" | "parent">[],
): Lineage {
  const own = new Map<number, Retry[]>();
  let total = 0;
  for (const { submission, retry, chunks } of plans) {
    if (!retry) continue;
    for (const { stage, link, runs, attempts } of chunks) {
      if (stage !== retry.stage || (link ?? 1) > 1) continue;
      for (const [at, run] of runs.entries()) {
        const one = { ...retry, submission, attempt: attempts[at]! };
        const known = own.get(run);
        if (known) known.push(one);
        else own.set(run, [one]);
        if (!retry.asked) total++;
      }
    }
  }
  const parents = new Map<number, number>();
  const children = new Map<number, number[]>();
  for (const { index, parent } of runs) {
    if (parent === undefined) continue;
    parents.set(index, parent);
    children.set(parent, [...children.get(parent) ?? [], index]);
  }
  const retriesOf = (run: number): Retry[] => {
    const parent = parents.get(run);
    const mine = own.get(run) ?? [];
    return parent === undefined ? mine : [...retriesOf(parent), ...mine];
  };
  return { retriesOf, childrenOf: (run) => children.get(run) ?? [], total };
}

/** Whether a run, or one that retries it with other parameters, is completed. */
export function isSettled(
  runs: ReadonlyMap<number, { state: string }>,
  lineage: Pick<Lineage, "childrenOf">,
  run: number,
): boolean {
  return runs.get(run)?.state === "completed" ||
    lineage.childrenOf(run).some((child) => isSettled(runs, lineage, child));
}

/** These runs, and those that retry them with other parameters. */
export function withDescendants(
  lineage: Pick<Lineage, "childrenOf">,
  runs: Iterable<number>,
): Set<number> {
  const found = new Set(runs);
  for (const run of found) for (const child of lineage.childrenOf(run)) found.add(child);
  return found;
}
