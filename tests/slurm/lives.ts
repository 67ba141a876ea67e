import { deepEqual } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { LabUser } from "./lab.ts";

/** A run, what is done to it once it runs or waits, and what must be said of it then. */
export interface Life {
  command: string;
  /** Of `resources:`. */
  resources?: string;
  /** The state it is in before something happens to it. */
  before?: "running" | "pending";
  provoke?: (user: LabUser, job: string, project: string) => Promise<unknown>;
  /** The part of the stage's status that is checked. */
  ends: Record<string, unknown>;
}

const FOREVER = "sleep 300";

function update(change: string): Life["provoke"] {
  return (user, job) => user.admin(["scontrol", "update", `jobid=${job}`, change]);
}

/** Lives that are the same with and without accounting. */
export const LIVES: Record<string, Life> = {
  completed: { command: "true", ends: { state: "completed", exitCode: 0 } },
  failed: { command: "exit 3", ends: { state: "failed", exitCode: 3, reason: "exit code 3" } },
  memory: {
    command: "head -c 600M /dev/zero | tail", // tail looks for a line, and keeps all of it
    resources: "mem: 100M",
    ends: { state: "out_of_memory", schedulerState: "OUT_OF_MEMORY" },
  },
  killed: {
    command: "kill -KILL $SLURM_TASK_PID",
    ends: {
      state: "failed",
      schedulerState: "FAILED",
      signal: 9,
      reason: "signal 9: killed, perhaps for more memory than it asked for",
    },
  },
  slow: {
    command: FOREVER,
    resources: "time: '1'",
    before: "running",
    provoke: update("EndTime=now+2"),
    ends: { state: "timeout", schedulerState: "TIMEOUT" },
  },
  late: {
    command: FOREVER,
    resources: "time: '1', sbatch: [--hold, --deadline=now+63seconds]",
    before: "pending",
    provoke: async (user, job) => {
      await new Promise((resolve) => setTimeout(resolve, 5000)); // now it cannot end in time
      await user.admin(["scontrol", "release", job]);
    },
    ends: { state: "timeout", schedulerState: "DEADLINE" },
  },
};

/** Lives that need accounting, which knows by whom, or partitions. */
export const LIVES_BY_OTHERS: Record<string, Life> = {
  byOther: {
    command: FOREVER,
    before: "running",
    provoke: (user, job) => user.admin(["scancel", job]),
    ends: { state: "cancelled", schedulerState: "CANCELLED", reason: "cancelled by user 0" },
  },
  bySelf: {
    command: FOREVER,
    before: "running",
    provoke: (user, job) => user.do(["scancel", job]),
    ends: { state: "cancelled", schedulerState: "CANCELLED", reason: "cancelled by user 2001" },
  },
  preempted: {
    command: FOREVER,
    resources: "partition: preempt, requeue: false, sbatch: [--gres=gpu:rtx8000:8]",
    before: "running",
    provoke: (user) =>
      user.do(
        ["sbatch", "-p", "short", "--gres=gpu:rtx8000:8", "-o", "/dev/null", "--wrap", "sleep 9"],
      ),
    ends: { state: "preempted", schedulerState: "PREEMPTED" },
  },
};

/** Lives all of them at once, each an experiment of its own, and checks every end. */
export async function checkLives(
  t: Deno.TestContext,
  user: LabUser,
  project: string,
  lives: Record<string, Life>,
): Promise<void> {
  for (const [id, { command, resources = "" }] of Object.entries(lives)) {
    const text = `command: ${JSON.stringify(command)}\nargs: none\nresources: { ${resources} }\n`;
    user.write(project, id, text);
    await user.ok(["submit", id], project);
  }
  for (const [id, { before, provoke }] of Object.entries(lives)) {
    if (!before) continue;
    const { runs } = await user.until(project, id, ({ counts }) => counts[before] === 1);
    await provoke?.(user, runs[0].stages.train.job, project);
  }
  const told = await untilAll(user, project, lives);
  for (const [id, { ends }] of Object.entries(lives)) {
    await t.step(id, () => deepEqual(told.get(id), ends));
  }
}

/** Looks until every end is as wanted, or nothing moves any more. @returns the last look. */
async function untilAll(user: LabUser, project: string, lives: Record<string, Life>) {
  const told = new Map<string, Record<string, unknown>>();
  const isTold = ([id, { ends }]: [string, Life]) => isDeepStrictEqual(told.get(id), ends);
  for (let tries = 0; tries < 120 && !Object.entries(lives).every(isTold); tries++) {
    if (tries > 0) await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const { id, runs } of JSON.parse((await user.ok(["status", "--json"], project)).out)) {
      const keys = Object.keys(lives[id]?.ends ?? {});
      told.set(id, Object.fromEntries(keys.map((key) => [key, runs[0].stages.train[key]])));
    }
  }
  return told;
}
