import { join } from "node:path";
import {
  createExclusive,
  makeFolder,
  namesIn,
  readIfThere,
  readLinkIfThere,
  removeIfThere,
  storageError,
} from "../../system/files.ts";
import { eventName, readEvents, type TaskEvent } from "./events.ts";
import type { JobSpec } from "../batch/job_spec.ts";
import { type JobProgress, newProgress, reduce } from "./progress.ts";
import type { ProcessId } from "../batch/processes.ts";
import { parseArray } from "../batch/tasks.ts";
import { removeAbandoned, temporaryPath } from "./temporary.ts";

/** Where everything of a local scheduler lies. */
export interface Layout {
  folder: string;
  /** One folder a job, complete when it is there. */
  jobs: string;
  /** An empty file for each job that is over. */
  finished: string;
  /** Hints to the supervisor of what has changed; nothing is lost with them. */
  inbox: string;
  temporary: string;
  settings: string;
  /** What runs each task; bash. */
  shepherd: string;
  /** Symbolic link to `pid:start` of the supervisor. */
  supervisor: string;
  /** There after `stop`: nothing but a new submission or request starts a supervisor. */
  stopped: string;
  log: string;
}

/** The layout of a folder. */
export function layoutOf(folder: string): Layout {
  const at = (name: string): string => join(folder, name);
  return {
    folder,
    jobs: at("jobs"),
    finished: at("finished"),
    inbox: at("inbox"),
    temporary: at("temporary"),
    settings: at("settings.json"),
    shepherd: at("shepherd.sh"),
    supervisor: at("supervisor"),
    stopped: at("stopped"),
    log: at("supervisor.log"),
  };
}

/** Makes the folders of a layout. */
export function makeLayout(layout: Layout): void {
  for (const folder of [layout.jobs, layout.finished, layout.inbox, layout.temporary]) {
    makeFolder(folder);
  }
}

function numbersIn(folder: string): number[] {
  return namesIn(folder).filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b);
}

/** Ids of all jobs, rising. */
export function jobIds(layout: Layout): number[] {
  return numbersIn(layout.jobs);
}

/** Ids of the jobs that are not marked as over, rising. */
export function unfinishedIds(layout: Layout): number[] {
  const finished = new Set(numbersIn(layout.finished));
  return jobIds(layout).filter((id) => !finished.has(id));
}

/** The folder of a job. */
export function jobFolder(layout: Layout, id: number): string {
  return join(layout.jobs, String(id));
}

/** A job as it was submitted, if there is one with this id. */
export function readSpec(layout: Layout, id: number): JobSpec | undefined {
  const text = readIfThere(join(jobFolder(layout, id), "job.json"));
  return text === undefined ? undefined : JSON.parse(text);
}

/** A job and what has happened to it, from one listing of its events. */
export function readProgress(layout: Layout, id: number): JobProgress | undefined {
  const spec = readSpec(layout, id);
  if (!spec) return undefined;
  const progress = newProgress(id, spec);
  for (const event of readEvents(namesIn(join(jobFolder(layout, id), "events")))) {
    reduce(progress, event);
  }
  return progress;
}

/** The first id that no job and no task of an array has. */
function nextId(layout: Layout): number {
  const last = jobIds(layout).at(-1);
  if (last === undefined) return 1;
  const array = readSpec(layout, last)?.array;
  return last + (array === undefined ? 1 : parseArray(array).indices.length);
}

function renameToFree(layout: Layout, made: string): number {
  while (true) {
    const id = nextId(layout);
    try {
      Deno.renameSync(made, jobFolder(layout, id));
      return id;
    } catch (error) {
      if (!/ENOTEMPTY|EEXIST|not empty|exists/i.test(String(error))) throw error;
    }
  }
}

/**
 * Makes a job. It is there wholly or not at all, under an id of its own: each submitter computes
 * the next id from the last job, so that two with the same view try the same one.
 */
export function createJob(layout: Layout, spec: JobSpec, script: Uint8Array): number {
  makeLayout(layout);
  removeAbandoned(layout);
  const made = temporaryPath(layout);
  try {
    for (const name of ["events", "requests"]) makeFolder(join(made, name));
    Deno.writeFileSync(join(made, "script"), script);
    Deno.writeTextFileSync(join(made, "job.json"), `${JSON.stringify(spec, null, 1)}\n`);
    return renameToFree(layout, made);
  } catch (error) {
    removeIfThere(made);
    throw storageError(`submit to ${layout.folder}`, error);
  }
}

/** Writes an event of a job. */
export function writeEvent(layout: Layout, id: number, event: TaskEvent): void {
  createExclusive(join(jobFolder(layout, id), "events", eventName(event)));
}

/** Who claimed an attempt, and its GPUs. */
export function readClaim(
  layout: Layout,
  id: number,
  task: number,
  restart: number,
): { shepherd: ProcessId; gpus: number[] } | undefined {
  const link = readLinkIfThere(join(jobFolder(layout, id), "events", `${task}.${restart}.claim`));
  if (link === undefined) return undefined;
  const [pid, start = "", gpus = ""] = link.split(":");
  return {
    shepherd: { pid: Number(pid), start },
    gpus: gpus === "" ? [] : gpus.split(",").map(Number),
  };
}

function hintPath(layout: Layout, id: number, about: "job" | "request"): string {
  return join(layout.inbox, `${id}.${about}`);
}

/** Leaves a hint for the supervisor. */
export function hint(layout: Layout, id: number, about: "job" | "request"): void {
  createExclusive(hintPath(layout, id, about));
}

/** Name of the file that asks to cancel a job, or one task of it. */
export function cancelName(task?: number): string {
  return task === undefined ? "cancel" : `cancel.${task}`;
}

/** Name of the file that asks to run an attempt of a task again. */
export function requeueName(task: number, restart: number): string {
  return `requeue.${task}.${restart}`;
}

/** The files that a task makes to be run again. */
export function requeuePaths(
  layout: Layout,
  id: number,
  task: number,
  restart: number,
): { request: string; hint: string } {
  const request = join(jobFolder(layout, id), "requests", requeueName(task, restart));
  return { request, hint: hintPath(layout, id, "request") };
}

/** Asks the supervisor for something, with a file in the job's folder. */
export function request(layout: Layout, id: number, names: string[]): void {
  for (const name of names) createExclusive(join(jobFolder(layout, id), "requests", name));
  removeIfThere(join(layout.finished, String(id)));
  hint(layout, id, "request");
}
