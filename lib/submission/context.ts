import type { Scheduler } from "../schedulers/scheduler.ts";
import type { Layout } from "../store/layout.ts";
import type { Clock } from "../system/clock.ts";
import type { Runner } from "../system/runner.ts";

/** What submitting needs of the world; tests pass their own. */
export interface SubmissionContext {
  layout: Layout;
  scheduler: Scheduler;
  runner: Runner;
  clock: Clock;
  user: string;
  host: string;
}
