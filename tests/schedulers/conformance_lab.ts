import assert from "node:assert/strict";
import { join } from "node:path";
import type { JobRequest, Scheduler, TaskReport } from "../../lib/schedulers/scheduler.ts";

/** A scheduler under test, and what the suite has to know of it. */
export interface Bench {
  scheduler: Scheduler;
  /** Empty, writable, and seen by the machines that run the jobs. */
  folder: string;
  /** Put into every script: `--partition=cpu`, say. */
  directives: string[];
  /** A short time limit, as written and as it is kept. */
  limit: { text: string; seconds: number };
  /** Seconds before the limit at which to warn. */
  warning: number;
  /** Milliseconds after which what should have happened will not. */
  patience: number;
  /** Milliseconds between two questions. */
  poll: number;
  close(): Promise<void>;
}

const ENDED = ["COMPLETED", "FAILED", "TIMEOUT", "CANCELLED", "OUT_OF_MEMORY", "NODE_FAIL"];

function namesBelow(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap(({ name, isDirectory }) =>
    isDirectory ? namesBelow(join(folder, name)).map((inner) => `${name}/${inner}`) : [name]
  );
}

/** A bench with the words in which the suite is written. */
export class Lab {
  readonly bench: Bench;
  #scripts = 0;

  constructor(bench: Bench) {
    this.bench = bench;
  }

  path(name: string): string {
    return join(this.bench.folder, name);
  }

  read(name: string): string {
    return Deno.readTextFileSync(this.path(name));
  }

  exists(name: string): boolean {
    try {
      Deno.statSync(this.path(name));
      return true;
    } catch {
      return false;
    }
  }

  /** Writes a script; `$1` of `lines` is nothing special, it runs in the bench's folder. */
  script(directives: string[], body: string, name = `script-${++this.#scripts}.sh`): string {
    const all = [`--chdir='${this.bench.folder.replaceAll("'", `'"'"'`)}'`, "--time=5"];
    const lines = [...this.bench.directives, ...all, ...directives].map((one) => `#SBATCH ${one}`);
    Deno.writeTextFileSync(this.path(name), `#!/bin/bash\n${lines.join("\n")}\n\n${body}\n`);
    return this.path(name);
  }

  submit(
    directives: string[],
    body: string,
    dependencies: JobRequest["dependencies"] = [],
  ): Promise<string> {
    return this.bench.scheduler.submit({ script: this.script(directives, body), dependencies });
  }

  async tasks(job: string): Promise<TaskReport[]> {
    const report = (await this.bench.scheduler.states([job])).get(job);
    assert(report?.known, `job ${job} is not known: ${JSON.stringify(report)}`);
    return report.tasks;
  }

  /** Waits until something is so. */
  async until<T>(what: string, look: () => Promise<T | false | undefined>): Promise<T> {
    const end = Date.now() + this.bench.patience;
    while (Date.now() < end) {
      const found = await look();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, this.bench.poll));
    }
    throw new assert.AssertionError({ message: `not after ${this.bench.patience} ms: ${what}` });
  }

  /** The tasks of a job once all have ended. */
  async ended(job: string): Promise<TaskReport[]> {
    let last: TaskReport[] = [];
    try {
      return await this.until("all tasks ended", async () => {
        last = await this.tasks(job);
        return last.every(({ state }) => ENDED.includes(state)) && last;
      });
    } catch (error) {
      const files = namesBelow(this.bench.folder).join(" ");
      throw new Error(`job ${job}: ${JSON.stringify(last)}; files: ${files}`, { cause: error });
    }
  }

  /** The only task of a job once it has ended. */
  async end(job: string): Promise<TaskReport> {
    const [task, ...others] = await this.ended(job);
    assert(task);
    assert.deepEqual(others, []);
    return task;
  }

  appears(name: string): Promise<boolean> {
    return this.until(`${name} appears`, () => Promise.resolve(this.exists(name)));
  }
}
