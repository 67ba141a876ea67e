/** How workers that die are started again. */
export interface RestartRule {
  /** Seconds before the first restart; doubled at each further one. */
  first: number;
  /** Most seconds between two. */
  most: number;
  /** So many deaths one after the other, and it is given up. */
  cap: number;
  /** Seconds of work, or one task that ended, after which earlier deaths count no more. */
  settled: number;
}

/** The usual rule: gives up after about two minutes. */
export const RESTARTS: RestartRule = { first: 1, most: 60, cap: 8, settled: 300 };

/** A death of a worker. */
export interface Death {
  /** Seconds that it had lived. */
  lived: number;
  /** Tasks that it brought to their end. */
  ended: number;
}

/**
 * When the next worker is to be started.
 *
 * @param before deaths one after the other until now, without this one.
 * @returns how many deaths count now, and the seconds to wait; none where it is given up.
 */
export function afterDeath(
  before: number,
  { lived, ended }: Death,
  { first, most, cap, settled }: RestartRule = RESTARTS,
): { deaths: number; wait?: number } {
  const deaths = lived >= settled || ended > 0 ? 1 : before + 1;
  if (deaths >= cap) return { deaths };
  return { deaths, wait: Math.min(most, first * 2 ** (deaths - 1)) };
}
