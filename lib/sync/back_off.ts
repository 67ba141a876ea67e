/** When something that failed is tried again. */
export interface BackOff {
  /** How often it failed, one after the other. */
  failures: number;
  /** Milliseconds since 1970 before which it is left alone. */
  until: number;
}

const FIRST_MS = 60_000;
const MOST_MS = 3_600_000;
/** Part of the time that is added by chance, so that many do not come back at once. */
const JITTER = 0.25;

/** After one more failure: 60 s × 2^n and up to a quarter more, an hour and a quarter at most. */
export function backOff(before: BackOff | undefined, now: number, random: () => number): BackOff {
  const n = before?.failures ?? 0;
  const wait = Math.min(FIRST_MS * 2 ** n, MOST_MS);
  return { failures: n + 1, until: now + Math.round(wait * (1 + JITTER * random())) };
}
