import { join } from "node:path";
import { taskEnvironment } from "../schedulers/batch/environment.ts";
import { outputPaths, patternValues } from "../schedulers/batch/outputs.ts";
import {
  familyOf,
  type Processes,
  type ProcessId,
  sendSignal,
} from "../schedulers/batch/processes.ts";
import { positionOf } from "../schedulers/batch/tasks.ts";
import { claimPath } from "../schedulers/queue/claim.ts";
import type { KnownJob } from "../schedulers/queue/job.ts";
import { type Claim, jobFolder, type QueueLayout, wishName } from "../schedulers/queue/places.ts";
import { type Child, startChild } from "../system/children.ts";
import { shepherdCommand } from "./shepherd.ts";

/** Where a task runs, and with what. */
export interface Place {
  layout: QueueLayout;
  /** Path of the shepherd's text. */
  shepherd: string;
  /** Short name of this machine. */
  node: string;
  cpus: number;
  /** As CUDA_VISIBLE_DEVICES takes them. */
  gpus: readonly string[];
  /** Variables of GPU sharing that tasks get, too. */
  variables: Readonly<Record<string, string>>;
  processes: Processes;
}

/** How a task ended by itself: a code, or why it could not be started. */
export type Ended = { code: number } | { broken: "chdir" | "output" };

/** A task that runs. */
export class RunningTask {
  readonly ended: Promise<Ended>;
  readonly #processes: Processes;
  readonly #shepherd: Promise<ProcessId>;
  #batch?: number;

  constructor(place: Place, job: KnownJob, claim: Claim) {
    const child = start(place, job, claim);
    this.#processes = place.processes;
    this.#shepherd = place.processes.find(child.pid)
      .then((row) => ({ pid: child.pid, start: row?.start ?? "" }));
    this.ended = this.#follow(child);
  }

  async #follow({ lines, code }: Child): Promise<Ended> {
    let ended: Ended | undefined;
    for await (const line of lines) {
      const [word, value = ""] = line.split(" ");
      if (word === "batch") this.#batch = Number(value);
      if (word === "end") ended = { code: Number(value) };
      if (word === "broken") ended = { broken: value as "chdir" | "output" };
    }
    if (ended) return ended;
    // it was killed: its guard would end the task soon, too
    const signal = await code;
    await this.signal("SIGKILL", "all");
    return { code: Math.max(signal, 128 + 9) };
  }

  /** Sends a signal to the batch shell, to all processes, or to all but that shell. */
  async signal(name: string, scope: "batch" | "all" | "others"): Promise<void> {
    const batch = this.#batch;
    if (scope === "batch") return batch === undefined ? undefined : sendSignal(batch, name);
    for (const pid of await this.pids()) {
      if (scope === "others" && pid === batch) continue;
      sendSignal(pid, name);
    }
  }

  /** Processes of the task. */
  async pids(): Promise<number[]> {
    return familyOf(await this.#processes.all(), await this.#shepherd, this.#batch);
  }
}

function start(place: Place, job: KnownJob, claim: Claim): Child {
  const { layout, node } = place;
  const { id, spec, indices } = job;
  const { task, restart, since } = claim;
  const values = patternValues(spec, { id, position: positionOf(indices, task), task, node });
  const again = join(layout.wishes, wishName({ kind: "requeue", job: id, task, epoch: since }));
  const environment = taskEnvironment(spec, {
    ...values,
    restart,
    scheduler: "queue",
    gpus: place.gpus.slice(0, spec.gpus),
    cpus: Math.min(spec.cpus, place.cpus),
    indices,
    requeue: { request: again, hint: again },
    epoch: since,
  });
  return startChild({
    argv: shepherdCommand({
      text: place.shepherd,
      claim: claimPath(layout, claim),
      queue: layout.version,
      chdir: spec.chdir,
      ...outputPaths(spec, values),
      openMode: spec.openMode,
      argv: [...spec.interpreter, join(jobFolder(layout, id), "script")],
    }),
    cwd: "/",
    env: { ...environment, ...place.variables },
  });
}
