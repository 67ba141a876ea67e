import type { Scheduler } from "../schedulers/scheduler.ts";
import type { Layout } from "../store/layout.ts";
import type { Plan } from "../store/plan.ts";
import type { Clock } from "../system/clock.ts";
import type { Runner } from "../system/runner.ts";

/** Where a submission went. */
export type SubmittedTo = Pick<Plan, "scheduler" | "host">;

/** What submitting needs of the world; tests pass their own. */
export interface SubmissionContext {
  /** Where the project's files are. */
  layout: Layout;
  /** Who runs the jobs that are submitted now. */
  scheduler: Scheduler;
  /** Who has the jobs of an earlier submission; nobody when that cannot be asked from here. */
  schedulerOf(plan: SubmittedTo): Scheduler | undefined;
  /** How git and other programs are run. */
  runner: Runner;
  /** Times that are written down, and pauses between two looks. */
  clock: Clock;
  /** Whom plans name as the submitter. */
  user: string;
  /** The user's scratch folder, which containers see too; absent where none is known. */
  scratch?: string;
  /** This machine: tells whether another submitter's process can be looked at. */
  host: string;
}
