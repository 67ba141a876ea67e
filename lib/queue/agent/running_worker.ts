import { type Child, startChild } from "../../system/children.ts";
import type { WorkerEnd, WorkerEvent } from "../working.ts";

/** Nothing is downloaded, looked up or kept: `DENO_DIR` is a folder that cannot be made. */
export const NO_CACHE: Readonly<Record<string, string>> = {
  DENO_DIR: "/dev/null/none",
  DENO_NO_UPDATE_CHECK: "1",
  NO_COLOR: "1",
};

/**
 * Words behind `deno` that run a file by itself. Deno lets a program look into `/proc`, where the
 * processes of a task are found, only with all permissions; from the network it takes nothing.
 */
export const RUN_ALONE: readonly string[] = [
  "run",
  "--quiet",
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
  "--cached-only",
  "--allow-all",
];

/** What a worker told until now. */
export interface Told {
  /** Its id, once it has one. */
  id?: string;
  /** Why it left; a worker that died does not say. */
  left?: WorkerEnd;
  /** What it runs, as `job.task`. */
  runs?: string;
  done: number;
  again: number;
}

/** What is known after one more event. */
export function hear(told: Told, { event, worker, why, job, task }: WorkerEvent): Told {
  switch (event) {
    case "begin":
      return { ...told, id: worker };
    case "claim":
      return { ...told, runs: `${job}.${task}` };
    case "end":
      return { ...told, runs: undefined, done: told.done + 1 };
    case "again":
      return { ...told, runs: undefined, again: told.again + 1 };
    case "refused":
      return { ...told, runs: undefined };
    case "leave":
      return { ...told, left: why as WorkerEnd };
    default:
      return told;
  }
}

/** How a worker is started. */
export interface WorkerStart {
  /** Deno, and the file that holds the worker. */
  deno: string;
  bundle: string;
  /** Path of its settings. */
  file: string;
  /** Where its last words go. */
  errors: string;
  env: Record<string, string>;
}

/** Starts a worker as a process of its own, that ends when this one does. */
export function startWorker({ deno, bundle, file, errors, env }: WorkerStart): Child {
  const worker = [deno, ...RUN_ALONE, bundle, "worker", file];
  return startChild({
    argv: ["/bin/bash", "-c", 'exec "$@" 2>>"$0"', errors, ...worker],
    cwd: "/",
    env: { ...env, ...NO_CACHE },
  });
}

/** Reads a line of a worker's; `undefined` where it is none of its events. */
export function parseEvent(line: string): WorkerEvent | undefined {
  try {
    const event: unknown = JSON.parse(line);
    return typeof event === "object" && event !== null && "event" in event
      ? event as WorkerEvent
      : undefined;
  } catch {
    return undefined;
  }
}
