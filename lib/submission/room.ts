import type { Resources } from "../core/experiment.ts";
import type { JobScope, SubmitLimit } from "../schedulers/scheduler.ts";

/** A job that is to be submitted, and the limits that hold for it. */
export interface Applicant {
  /** Its key in the journal. */
  key: string;
  /** Tasks of an array; 1 for a job without one. */
  tasks: number;
  limits: readonly SubmitLimit[];
}

/** A limit that keeps a job out, and how much of it was used. */
export interface Shortage {
  limit: SubmitLimit;
  used: number;
}

/** What can be submitted now. */
export interface Room {
  /** Keys of those that fit, in their order. */
  fits: string[];
  /** The limit that keeps the first of the others out; absent when all fit. */
  shortage?: Shortage;
  /** A job that is larger than its limit and will never fit. */
  never?: Shortage & { key: string };
}

/**
 * Which jobs fit beside those that are queued, in their order: one that does not fit keeps back
 * those behind it that need the same limit, so that a large one has its turn too.
 *
 * @param used jobs and tasks that count against each limit now, by its name; a limit that is not
 * in it could not be counted and keeps nobody out.
 */
export function whatFits(
  applicants: readonly Applicant[],
  used: ReadonlyMap<string, number>,
): Room {
  const room: Room = { fits: [] };
  const filled = new Map(used);
  const closed = new Set<string>();
  for (const { key, tasks, limits } of applicants) {
    const never = limits.find(({ max }) => tasks > max);
    if (never) room.never ??= { key, limit: never, used: used.get(never.name) ?? 0 };
    const full = never ?? limits.find((limit) => {
      const taken = filled.get(limit.name);
      return closed.has(limit.name) || (taken !== undefined && taken + tasks > limit.max);
    });
    if (full) {
      room.shortage ??= { limit: full, used: used.get(full.name) ?? 0 };
      for (const { name } of limits) closed.add(name);
      continue;
    }
    room.fits.push(key);
    for (const { name } of limits) {
      const taken = filled.get(name);
      if (taken !== undefined) filled.set(name, taken + tasks);
    }
  }
  return room;
}

/** What of a stage's resources decides which limits hold; options for sbatch alone count too. */
export function scopeOf({ account, partition, qos, sbatch = [] }: Resources): JobScope {
  const scope: JobScope = { account, partition, qos };
  for (const option of sbatch) {
    const [, name, value] = /^--(account|partition|qos)=(.+)$/.exec(option) ?? [];
    if (name !== undefined) scope[name as keyof JobScope] = value;
  }
  return scope;
}

/** How many jobs may be queued at once where all of these hold; `undefined` without a limit. */
export function strictest(limits: readonly SubmitLimit[]): SubmitLimit | undefined {
  return limits.toSorted((a, b) => a.max - b.max)[0];
}
