/** Where time comes from. Tests inject one that they move. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds of this clock. */
  sleep(ms: number): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Whole seconds since 1970. */
export function epochSeconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}
