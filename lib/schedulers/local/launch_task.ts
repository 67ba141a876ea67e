import { join } from "node:path";
import { taskEnvironment } from "../batch/environment.ts";
import { outputPaths, patternValues } from "../batch/outputs.ts";
import { type JobProgress, noteLaunch } from "./progress.ts";
import { shortHost } from "./report.ts";
import { shepherdCommand } from "./shepherd.ts";
import { jobFolder, requeuePaths } from "./store.ts";
import { positionOf } from "../batch/tasks.ts";
import type { World } from "./world.ts";

/** The variables of this process, each taken away. */
function nothingInherited(): Record<string, undefined> {
  return Object.fromEntries(Object.keys(Deno.env.toObject()).map((name) => [name, undefined]));
}

/** Starts the shepherd of one attempt. */
export async function launchTask(
  world: World,
  job: JobProgress,
  { task, restart, gpus }: { task: number; restart: number; gpus: number[] },
): Promise<void> {
  const { layout, clock } = world;
  const values = patternValues(job.spec, {
    id: job.id,
    position: positionOf(job.indices, task),
    task,
    node: shortHost(job.spec.submitHost),
  });
  const folder = jobFolder(layout, job.id);
  const environment = taskEnvironment(job.spec, {
    ...values,
    restart,
    scheduler: "local",
    gpus,
    cpus: Math.min(job.spec.cpus, world.machine.cpus),
    indices: job.indices,
    requeue: requeuePaths(layout, job.id, task, restart),
    epoch: Math.floor(clock.now() / 1000),
  });
  const pid = world.runner.detach({
    argv: shepherdCommand({
      text: layout.shepherd,
      supervisor: Deno.pid,
      jobFolder: folder,
      inbox: layout.inbox,
      job: job.id,
      task,
      restart,
      gpus,
      chdir: job.spec.chdir,
      ...outputPaths(job.spec, values),
      openMode: job.spec.openMode,
      argv: [...job.spec.interpreter, join(folder, "script")],
    }),
    cwd: "/",
    env: { ...nothingInherited(), ...environment },
    output: layout.log,
  });
  const start = (await world.processes.find(pid))?.start ?? "";
  noteLaunch(job, task, { gpus, at: clock.now(), shepherd: { pid, start } });
}
