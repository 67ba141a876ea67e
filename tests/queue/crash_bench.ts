import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Verdict } from "../../lib/queue/orphans.ts";
import { recoverOrphans, type Recovery } from "../../lib/queue/recovery.ts";
import type { WorkerEvent } from "../../lib/queue/working.ts";
import { procfs } from "../../lib/schedulers/batch/processes.ts";
import { QueueReading } from "../../lib/schedulers/queue/reading.ts";
import type { Done } from "../../lib/schedulers/queue/places.ts";
import { QueueScheduler } from "../../lib/schedulers/queue/queue_scheduler.ts";
import type { JobReport, Scheduler } from "../../lib/schedulers/scheduler.ts";
import { systemClock } from "../../lib/system/clock.ts";

/** Seconds. */
const LEASE = 1;

export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Asks until it is so. */
export async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(20)) {
    if (await look()) return;
  }
  assert.fail(`not after 30 s: ${what}`);
}

/** A worker process, and all that it said so far. */
export interface WorkerProcess {
  pid: number;
  allocation: string;
  events: WorkerEvent[];
  signal: (name: Deno.Signal) => void;
  ended: Promise<unknown>;
}

/** A queue in a folder with worker processes, each in an allocation of a pretended scheduler. */
export class CrashBench {
  readonly folder = Deno.makeTempDirSync({ prefix: "expflow-test-" });
  readonly scheduler = new QueueScheduler({
    folder: join(this.folder, "queue"),
    clock: systemClock,
    cwd: this.folder,
  });
  readonly workers: WorkerProcess[] = [];
  readonly #over = new Set<string>();

  path(name: string): string {
    return join(this.folder, name);
  }

  exists(name: string): boolean {
    return [...Deno.readDirSync(this.folder)].some((entry) => entry.name === name);
  }

  async submit(body: string, array: string): Promise<number> {
    const script = this.path("script.sh");
    const head = ["#!/bin/bash", `#SBATCH --array=${array}`, "#SBATCH --output=/dev/null"];
    Deno.writeTextFileSync(script, `${head.join("\n")}\nr=\${SLURM_RESTART_COUNT-0}\n${body}\n`);
    return Number(await this.scheduler.submit({ script, dependencies: [] }));
  }

  startWorker(): WorkerProcess {
    const entry = fileURLToPath(new URL("worker_entry.ts", import.meta.url));
    const allocation = String(this.workers.length + 1);
    const args = ["run", "-A", "--no-lock", "--cached-only", entry];
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args, this.scheduler.layout.folder, allocation],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const events: WorkerEvent[] = [];
    const ended = Promise.all([child.status, collect(child.stdout, events)]);
    const signal = (name: Deno.Signal): void => child.kill(name);
    const worker = { pid: child.pid, allocation, events, signal, ended };
    this.workers.push(worker);
    return worker;
  }

  /** From now on the scheduler says that the allocation of this worker is over. */
  endAllocation({ allocation }: WorkerProcess): void {
    this.#over.add(allocation);
  }

  async kill(worker: WorkerProcess): Promise<void> {
    worker.signal("SIGKILL");
    await worker.ended;
    this.endAllocation(worker);
  }

  recover(): Promise<Recovery[]> {
    return recoverOrphans(this.scheduler.layout, {
      scheduler: () => this.#pretended(),
      processes: procfs,
      host: Deno.hostname(),
      lease: LEASE,
      clock: systemClock,
    });
  }

  /** Recovers until this worker is found lost. */
  async recoverFrom(worker: WorkerProcess): Promise<Verdict> {
    let found: Verdict | undefined;
    const id = worker.events[0]!.worker;
    await until("it is lost", async () => {
      found = (await this.recover()).find((one) => one.worker === id && one.kind === "lost");
      return found !== undefined;
    });
    return found!;
  }

  done(job: number): Map<number, Done> {
    return new QueueReading(this.scheduler.layout).view(job)!.done;
  }

  async close(): Promise<void> {
    for (const { signal } of this.workers) {
      try {
        signal("SIGKILL");
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // it has ended
      }
    }
    await Promise.all(this.workers.map(({ ended }) => ended));
    // shepherds only now end what still runs, and it writes
    await until("the folder is removed", () => {
      try {
        Deno.removeSync(this.folder, { recursive: true });
        return true;
      } catch {
        return false;
      }
    });
  }

  #pretended(): Scheduler {
    const report = (job: string): JobReport => ({
      known: true,
      tasks: [{ job, state: this.#over.has(job) ? "CANCELLED" : "RUNNING", source: "pretended" }],
    });
    const states = (ids: string[]) => Promise.resolve(new Map(ids.map((id) => [id, report(id)])));
    return { name: "pretended", states } as Partial<Scheduler> as Scheduler;
  }
}

async function collect(stream: ReadableStream<Uint8Array>, events: WorkerEvent[]): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    events.push(...lines.map((line) => JSON.parse(line)));
  }
}
