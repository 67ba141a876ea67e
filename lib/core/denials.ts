/** The word of a source that answered, and does not have the job it was asked about. */
export interface Denial {
  /** `squeue`, `sacct`, `local scheduler`. */
  source: string;
  /** What was asked, for this job alone; several jobs share one call. */
  command: string;
  /** The answer, on one line. */
  words: string;
  /** Seconds since 1970. */
  epoch: number;
}

/** One time that runs were looked for: nobody had them (`denied`), or somebody had again (`seen`). */
export interface Sought {
  kind: "denied" | "seen";
  /** Seconds since 1970. */
  epoch: number;
  /** Indices of the runs; absent when it holds for every run of the chunk. */
  runs?: number[];
  /** Each source's word; empty for `seen`. */
  denials: Denial[];
  /** Where it is written, below the state folder of the submission. */
  record: string;
}

/** What every source denied once is only unknown; a second denial counts after so many seconds. */
export const DENIAL_SECONDS = 30;

/** The denials of one run since it was last heard of: of the scheduler, or by a marker at `marked`. */
export function denialsOf(sought: readonly Sought[], run: number, marked: number): Sought[] {
  const own = sought.filter(({ runs }) => runs === undefined || runs.includes(run))
    .toSorted((a, b) => a.epoch - b.epoch);
  const seen = own.findLastIndex(({ kind }) => kind === "seen");
  return own.slice(seen + 1).filter(({ epoch }) => epoch > marked);
}

/** Whether these denials are two, far enough apart to call the run lost. */
export function isLost(denials: readonly Sought[]): boolean {
  const [first] = denials;
  return first !== undefined && denials.at(-1)!.epoch - first.epoch >= DENIAL_SECONDS;
}
