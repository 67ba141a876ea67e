import { join } from "node:path";
import { createExclusive } from "../../system/files.ts";
import { launchTask } from "./launch_task.ts";
import type { Action } from "./plan.ts";
import { familyOf, sendSignal } from "../batch/processes.ts";
import { reduce } from "./progress.ts";
import { writeEvent } from "./store.ts";
import type { World } from "./world.ts";

async function signalTask(
  world: World,
  { job, task: index, scope, purpose, signal }: Extract<Action, { do: "signal" }>,
): Promise<void> {
  const task = world.jobs.get(job)?.progress.touched.get(index);
  if (!task?.shepherd) return;
  if (purpose === "tell") task.toldAt = world.clock.now();
  if (purpose === "kill") task.killedAt = world.clock.now();
  const { batch } = task;
  if (scope === "batch") {
    if (batch !== undefined) sendSignal(batch, signal);
    return;
  }
  const family = familyOf(await world.processes.all(), task.shepherd, batch);
  for (const pid of family) {
    if (scope === "others" && pid === batch) continue;
    sendSignal(pid, signal);
    if (purpose === "tell") sendSignal(pid, "SIGCONT");
  }
}

/** Carries out what was planned. A fact is written before it counts. */
export async function perform(world: World, action: Action): Promise<void> {
  const job = world.jobs.get(action.job);
  if (!job) return;
  switch (action.do) {
    case "launch":
      return await launchTask(world, job.progress, action);
    case "record":
      writeEvent(world.layout, action.job, action.event);
      return reduce(job.progress, action.event);
    case "signal":
      return await signalTask(world, action);
    case "finish":
      createExclusive(join(world.layout.finished, String(action.job)));
      world.jobs.delete(action.job);
  }
}
