import { join } from "node:path";
import { RUN_ALONE } from "../../lib/queue/agent/running_worker.ts";
import { type AgentSettings, agentWords } from "../../lib/queue/agent/settings.ts";
import { type AgentStatus, readStatus } from "../../lib/queue/agent/status.ts";
import { workerBundle } from "../../lib/queue/bundle.gen.ts";
import { allClaims } from "../../lib/schedulers/queue/claim.ts";
import { perform } from "../../lib/schedulers/queue/disk.ts";
import { QueueScheduler } from "../../lib/schedulers/queue/queue_scheduler.ts";
import type { TaskReport } from "../../lib/schedulers/scheduler.ts";
import { systemClock } from "../../lib/system/clock.ts";
import { namesIn } from "../../lib/system/files.ts";
import { isProcessAlive } from "../../lib/system/processes.ts";

const SETTINGS: Omit<AgentSettings, "queue"> = {
  fleet: 1,
  scheduler: "local",
  gpus: 0,
  workersPerGpu: 1,
  sharing: "turns",
  gpuMem: 0,
  workers: 2,
  linger: 0.5,
  killWait: 1,
  lease: 60,
};

/** A queue in a folder with an unfriendly name, and agents that are started from the bundle. */
export class AgentBench implements AsyncDisposable {
  readonly root = Deno.makeTempDirSync({ prefix: "expflow it's $(no) " });
  readonly queue = join(this.root, "queue");
  readonly scheduler = new QueueScheduler({
    folder: this.queue,
    clock: systemClock,
    cwd: this.root,
  });
  readonly bundle = join(this.root, "bundle.js");
  readonly #agents: Deno.ChildProcess[] = [];

  constructor() {
    Deno.writeTextFileSync(this.bundle, workerBundle());
  }

  /** Submits an array of tasks, each of which notes its start and its end. */
  async submit(tasks: number, body: string, directives: string[] = []): Promise<string> {
    const lines = [`--array=0-${tasks - 1}`, "--time=10", "--output=/dev/null", ...directives];
    const script = join(this.root, "job.sh");
    Deno.writeTextFileSync(
      script,
      [
        "#!/bin/bash",
        ...lines.map((line) => `#SBATCH ${line}`),
        'echo "start $SLURM_ARRAY_TASK_ID" >>trace',
        body,
        'echo "end $SLURM_ARRAY_TASK_ID" >>trace',
        "",
      ].join("\n"),
    );
    return await this.scheduler.submit({ script, dependencies: [] });
  }

  /** Starts an agent. @param before words in front of Deno's. */
  start(settings: Partial<AgentSettings> = {}, before: string[] = []): Deno.ChildProcess {
    const words = agentWords({ ...SETTINGS, queue: this.queue, ...settings });
    const [program, ...args] = [
      ...before,
      Deno.execPath(),
      ...RUN_ALONE,
      this.bundle,
      "agent",
      ...words,
    ];
    const agent = new Deno.Command(program!, {
      args,
      clearEnv: true,
      env: {
        PATH: "/usr/bin:/bin",
        HOME: "/nonexistent",
        DENO_DIR: "/dev/null/none",
        CUDA_VISIBLE_DEVICES: "GPU-aaaaaaaa,MIG-bbbbbbbb",
      },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#agents.push(agent);
    return agent;
  }

  /** How the agents stand, the oldest first. */
  agents(): AgentStatus[] {
    const all = namesIn(join(this.queue, "agents")).map((id) => readStatus(this, id));
    return all.filter((one) => one !== undefined).sort((a, b) => a.since - b.since);
  }

  /** The queue's folder, as functions on it want it. */
  get folder(): string {
    return this.queue;
  }

  /** Waits until something is so. */
  async until<T>(what: string, look: () => T | undefined | false, seconds = 30): Promise<T> {
    for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await systemClock.sleep(50);
    }
    throw new Error(`not in ${seconds} s: ${what}; ${JSON.stringify(this.agents())}`);
  }

  /** Claims, as `worker → task`. */
  claims(): Map<string, number> {
    const all = perform(allClaims(this.scheduler.layout));
    return new Map(all.map(({ worker, task }) => [worker, task]));
  }

  /** Lines that tasks wrote, counted. */
  trace(): Map<string, number> {
    let text = "";
    try {
      text = Deno.readTextFileSync(join(this.root, "trace"));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const lines = text.split("\n").filter(Boolean);
    return new Map(Array.from(Map.groupBy(lines, (line) => line), ([line, all]) => [
      line,
      all.length,
    ]));
  }

  /** What the queue says of the tasks of a job. */
  async tasks(job: string): Promise<TaskReport[]> {
    const report = (await this.scheduler.states([job])).get(job);
    if (!report?.known) throw new Error(report?.why);
    return report.tasks;
  }

  /** Everything that an agent wrote of what went wrong. */
  // deno-lint-ignore no-explicit-any
  errors(): any[] {
    return this.agents().flatMap(({ id }) => {
      try {
        const text = Deno.readTextFileSync(join(this.queue, "agents", id, "errors.jsonl"));
        return text.trim().split("\n").map((line) => JSON.parse(line));
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return [];
        throw error;
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const workers = this.agents().flatMap(({ slots }) => slots.flatMap(({ pid }) => pid ?? []));
    for (const agent of this.#agents) {
      try {
        agent.kill("SIGKILL");
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // it has ended
      }
      await agent.status;
    }
    await this.until("workers end with their agents", () => !workers.some(isProcessAlive));
    Deno.removeSync(this.root, { recursive: true });
  }
}
