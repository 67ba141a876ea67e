/** What of a submission decides whether its numbers can be compared with earlier ones. */
export interface ReproducibilityRecord {
  /** Name → value, as text; `null` where it is known that there is none. Absent: not known. */
  facts: Record<string, string | null>;
  /** What is not as it was in an earlier submission. */
  changes: ReproducibilityChange[];
  /** What makes runs comparable, and whether this experiment does it. */
  checklist: { item: string; met: boolean | null; why: string }[];
}

/** A fact that is not what it was. */
export interface ReproducibilityChange {
  /** Its name, as in the facts: `GPU type of train`. */
  fact: string;
  /** `null`: there was none. */
  was: string | null;
  /** `null`: there is none. */
  now: string | null;
  /** The latest submission that has this fact. */
  submission: string;
  /** What it does to results. */
  effect: string;
}
