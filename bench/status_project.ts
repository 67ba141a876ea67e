import { join } from "node:path";
import { createExperiment, initProject, openProject, submit } from "../mod.ts";
import { markerName } from "../lib/core/markers.ts";
import type { Scheduler } from "../lib/schedulers/scheduler.ts";
import { readSubmissions } from "../lib/store/plan.ts";

/** Tasks in one array. */
const ARRAY = 1000;
const STARTED = 1_700_000_000;

/** A project on a Slurm that is a program: it prints `rows`. */
export interface QueuedProject {
  root: string;
  /** Folder with the `squeue` to put on PATH. */
  bin: string;
  /** Folder of the markers, for a bare `ls`. */
  events: string;
}

/**
 * A project with one experiment, `big`: of its runs the first half is completed, a quarter runs (each
 * has a row in the queue), and the rest waits.
 */
export async function queuedProject(parent: string, runs: number): Promise<QueuedProject> {
  let job = 100;
  const scheduler: Partial<Scheduler> = {
    name: "slurm",
    submit: () => Promise.resolve(String(++job)),
    findByName: () => Promise.resolve([]),
    states: () => Promise.resolve(new Map()),
    limits: () => Promise.resolve({ maxArrayTasks: ARRAY, submit: [] }),
    countQueued: (filters) => Promise.resolve(filters.map(() => 0)),
  };
  const { root } = await initProject({ name: "bench", parent, cwd: parent });
  const project = await openProject(root, { scheduler: scheduler as Scheduler });
  createExperiment(project, "big", {
    command: "true",
    sweep: `x=0:${runs / 10 - 1}:1 model=a,b,c,d,e,f,g,h,i,j`,
  });
  Deno.writeTextFileSync(
    project.layout.config,
    Deno.readTextFileSync(project.layout.config).replace(/^scheduler:.*\n/m, "") +
      "scheduler: slurm\n",
  );
  await submit(project, "big");
  const [{ plan }] = readSubmissions(project.layout, "big") as [ReturnType<typeof readSubmissions>[0]];
  const events = join(project.layout.state("big", "001"), "events");
  Deno.mkdirSync(events, { recursive: true });
  const mark = (run: number, event: "start" | "end") => {
    const epoch = STARTED + (event === "end" ? 600 : 0);
    const marker = { run, stage: "train", attempt: 1, event, code: 0, epoch };
    Deno.writeTextFileSync(join(events, markerName(marker)), "");
  };
  const rows: string[] = [];
  for (const [at, { runs: own, base, jobName }] of plan.chunks.entries()) {
    const id = 101 + at;
    const waiting = own.filter((run) => run >= runs * 3 / 4);
    for (const run of own) {
      if (run < runs * 3 / 4) mark(run, "start");
      if (run < runs / 2) mark(run, "end");
      else if (run < runs * 3 / 4) {
        rows.push(`${id}|${run - base}|N/A|RUNNING|0|0|${STARTED}|${STARTED}|N/A|n1|None|${jobName}|\n`);
      }
    }
    if (waiting.length > 0) {
      const tasks = `${waiting[0]! - base}-${waiting.at(-1)! - base}`;
      rows.push(`${id}|${tasks}|N/A|PENDING|0|0|${STARTED}|N/A|N/A||Resources|${jobName}|\n`);
    }
  }
  const bin = join(parent, "bin");
  Deno.mkdirSync(bin);
  Deno.writeTextFileSync(join(parent, "rows"), rows.join(""));
  Deno.writeTextFileSync(join(bin, "squeue"), `#!/bin/sh\nexec cat ${join(parent, "rows")}\n`, {
    mode: 0o755,
  });
  return { root, bin, events };
}
