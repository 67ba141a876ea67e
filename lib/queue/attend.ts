import type { KnownJob } from "../schedulers/queue/job.ts";
import type { Claim } from "../schedulers/queue/places.ts";
import type { Clock } from "../system/clock.ts";
import type { Ended, RunningTask } from "./running.ts";

/**
 * What a task is ended for. `cancel`: a user wants it no more. `timeout`: its time limit. `again`: it
 * is to run once more, here or elsewhere. `lost`: the claim is somebody else's.
 */
export type Ending = "cancel" | "timeout" | "again" | "lost";

/** What a task is attended with. */
export interface Attendance {
  clock: Clock;
  /** Milliseconds between TERM and KILL. */
  killWait: number;
  /** When everything that runs has to be over, in milliseconds since 1970. */
  deadline: number;
  /** What users or the worker's own end ask of it now. */
  asked: (claim: Claim) => Ending | undefined;
  /** Whether its warning is due, whatever the time. */
  warned: () => boolean;
}

/** How a task came to its end, and what it was ended for. */
export interface Attended {
  ended: Ended;
  ending?: Ending;
}

/** Milliseconds between two looks at what is asked. */
const LOOK_EVERY = 1000;

/** Sees a task to its end: warns it, and ends it when its time is up or somebody wants that. */
export async function attend(
  task: RunningTask,
  { spec }: KnownJob,
  claim: Claim,
  { clock, killWait, deadline, asked, warned }: Attendance,
): Promise<Attended> {
  const began = clock.now();
  const limit = spec.timeLimit === undefined ? Infinity : began + spec.timeLimit * 1000;
  const { warning } = spec;
  let warnAt = warning ? Math.min(limit, deadline) - warning.before * 1000 : Infinity;
  let isWarned = false;
  let ending: Ending | undefined;
  let killAt = Infinity;
  let ended: Ended | undefined;
  const over = task.ended.then((how) => void (ended = how));
  while (!ended) {
    const now = clock.now();
    if (!ending) {
      ending = asked(claim) ??
        (now >= limit ? "timeout" : now >= deadline ? "again" : undefined);
      if (ending) {
        await task.signal("SIGTERM", "all");
        await task.signal("SIGCONT", "all");
        killAt = ending === "lost" ? now : now + killWait;
      }
    }
    if (warning && !isWarned && (now >= warnAt || warned())) {
      [isWarned, warnAt] = [true, Infinity];
      await task.signal(warning.signal, warning.batchOnly ? "batch" : "others");
    }
    if (now >= killAt) {
      killAt = now + LOOK_EVERY;
      await task.signal("SIGKILL", "all");
    }
    const end = ending ? Infinity : Math.min(limit, deadline);
    const next = Math.min(now + LOOK_EVERY, killAt, warnAt, end);
    await untilEither(over, clock, Math.max(next - clock.now(), 10));
  }
  return { ended, ...ending ? { ending } : {} };
}

async function untilEither(over: Promise<void>, clock: Clock, ms: number): Promise<void> {
  await Promise.race([over, clock.sleep(ms)]);
}
