import type { FailureClass } from "../../core/failures.ts";
import type { RunState } from "../../core/states.ts";

/** Something that tells a failure. Everything that is given must hold. */
export interface Sign {
  /** On one line of the end of the log. */
  log?: RegExp;
  /** Words that, on the same line, say that it is something else. */
  not?: RegExp;
  /** State of the stage. */
  states?: readonly RunState[];
  /** As bash sees it: 128 + n after signal n. */
  exitCodes?: readonly number[];
  /** In the scheduler's or expflow's words. */
  reason?: RegExp;
  /** Whether it leaves no doubt. */
  certain?: true;
}

/** A failure that is known: what tells it, and what helps. */
export interface Rule {
  /** Unique, as `cuda-oom`. */
  id: string;
  class: FailureClass;
  /** What happened, in a few words. */
  title: string;
  /** What the user can do, one line. */
  remedy: string;
  signs: readonly Sign[];
}

/** What is known of a run that ended. */
export interface Facts {
  state: RunState;
  exitCode?: number;
  /** Signal that ended the batch script, in the scheduler's words. */
  signal?: number;
  reason?: string;
  /** Files that the experiment requires and the run did not leave. */
  missing: readonly string[];
  /** The end of its output; stderr first. */
  tails: readonly Tail[];
}

/** The end of a file of output. */
export interface Tail {
  /** Its path. */
  file: string;
  /** In order, the last one last. */
  lines: readonly string[];
  /** Number of the first of them, from 1; absent where the file is longer than what was read. */
  first?: number;
}

/** Something that was found, as it was written. */
export interface Evidence {
  /** Path of a log, or where a state or exit code is from. */
  source: string;
  /** Number of the line, from 1, where the whole file was read … */
  line?: number;
  /** … or counted from its end: 1 for the last one. */
  fromEnd?: number;
  /** The line or word itself. */
  text: string;
}

/** What a run failed of. */
export interface Diagnosis {
  /** As a retry policy names it. */
  class: FailureClass;
  /** Id of the rule; absent for `unknown`. */
  rule?: string;
  /** What happened, in a few words. */
  title: string;
  /** What the user can do, one line. */
  remedy: string;
  /** `unknown` where no rule knows it. */
  certainty: "certain" | "likely" | "unknown";
  /** What says so; of an unknown failure, the last lines of its output. */
  evidence: Evidence[];
  /** What else its output tells: often what followed from it. */
  also: { class: FailureClass; rule: string; title: string; evidence: Evidence[] }[];
}
