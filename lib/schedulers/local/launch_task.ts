import { isAbsolute, join } from "node:path";
import { taskEnvironment } from "./environment.ts";
import { expandPattern, type PatternValues } from "./patterns.ts";
import { type JobProgress, noteLaunch } from "./progress.ts";
import { shortHost } from "./report.ts";
import { shepherdCommand } from "./shepherd.ts";
import { jobFolder, requeuePaths } from "./store.ts";
import { positionOf } from "./tasks.ts";
import type { World } from "./world.ts";

function patternValues(job: JobProgress, task: number): PatternValues {
  return {
    job: job.id + positionOf(job.indices, task),
    array: job.id,
    task,
    name: job.spec.name,
    user: job.spec.environment.USER ?? "",
    node: shortHost(job.spec.submitHost),
  };
}

function outputs(job: JobProgress, values: PatternValues): { output: string; error: string } {
  const { spec } = job;
  const resolve = (pattern: string): string => {
    const path = expandPattern(pattern, values);
    return isAbsolute(path) ? path : join(spec.chdir, path);
  };
  const standard = spec.array === undefined ? "slurm-%j.out" : "slurm-%A_%a.out";
  const output = resolve(spec.output ?? standard);
  return { output, error: spec.error === undefined ? output : resolve(spec.error) };
}

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
  const values = patternValues(job, task);
  const folder = jobFolder(layout, job.id);
  const environment = taskEnvironment(job.spec, {
    ...values,
    restart,
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
      ...outputs(job, values),
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
