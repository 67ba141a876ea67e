import type { Clock } from "../../system/clock.ts";
import type { Runner } from "../../system/runner.ts";
import type { Machine } from "../batch/job_spec.ts";
import type { Processes } from "../batch/processes.ts";
import type { QueuedJob } from "./queue.ts";
import type { Layout } from "./store.ts";

/** What a supervisor holds: its tools, and the unfinished jobs. */
export interface World {
  layout: Layout;
  runner: Runner;
  clock: Clock;
  processes: Processes;
  machine: Machine;
  /** Milliseconds between TERM and KILL. */
  killWait: number;
  /** Milliseconds without unfinished jobs after which it exits. */
  idle: number;
  /** Unfinished jobs by rising id. */
  jobs: Map<number, QueuedJob>;
  /** Every id that was looked at: unfinished, finished or unreadable. */
  known: Set<number>;
  log: (line: string) => void;
}
