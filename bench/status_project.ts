import { dirname, join } from "node:path";
import { createExperiment, initProject, openProject, submit } from "../mod.ts";
import { markerName } from "../lib/core/markers.ts";
import type { Scheduler } from "../lib/schedulers/scheduler.ts";
import { setProjectSetting } from "../lib/manager/settings.ts";
import { readSubmissions } from "../lib/store/plan.ts";

/** Tasks in one array. */
const ARRAY = 1000;
const FIRST_JOB = 101;
const STARTED = 1_700_000_000;

/** A project on a Slurm that is a program: it prints `rows`. */
export interface QueuedProject {
  root: string;
  /** Folder with the `squeue` to put on PATH. */
  bin: string;
  /** Folder of the markers, for a bare `ls`. */
  events: string;
}

/** Takes jobs, and runs none. */
function taker(): Scheduler {
  let job = FIRST_JOB;
  const scheduler: Partial<Scheduler> = {
    name: "slurm",
    submit: () => Promise.resolve(String(job++)),
    findByName: () => Promise.resolve([]),
    states: () => Promise.resolve(new Map()),
    limits: () => Promise.resolve({ maxArrayTasks: ARRAY, submit: [] }),
    countQueued: (filters) => Promise.resolve(filters.map(() => 0)),
  };
  return scheduler as Scheduler;
}

/** What a run leaves that completed after ten minutes. */
function mark(events: string, run: number): void {
  Deno.mkdirSync(events, { recursive: true });
  for (const [event, epoch] of [["start", STARTED], ["end", STARTED + 600]] as const) {
    const marker = { run, stage: "train", attempt: 1, event, code: 0, epoch };
    Deno.writeTextFileSync(join(events, markerName(marker)), "");
  }
}

/**
 * A project with one experiment, `big`: of its runs the first half is completed, a quarter runs (each
 * has a row in the queue), and the rest waits.
 */
export async function queuedProject(parent: string, runs: number): Promise<QueuedProject> {
  const { root } = await initProject({ name: "bench", parent, cwd: parent });
  const project = await openProject(root, { scheduler: taker() });
  await setProjectSetting(project, "scheduler", "slurm");
  const models = "model=a,b,c,d,e,f,g,h,i,j";
  createExperiment(project, "big", { command: "true", sweep: `x=0:${runs / 10 - 1}:1 ${models}` });
  await submit(project, "big");
  const { plan } = readSubmissions(project.layout, "big")[0]!;
  const events = join(project.layout.state("big", "001"), "events");
  Deno.mkdirSync(events, { recursive: true });
  const rows: string[] = [];
  for (const [at, { runs: own, base, jobName }] of plan.chunks.entries()) {
    const id = FIRST_JOB + at;
    const waiting = own.filter((run) => run >= runs * 3 / 4);
    for (const run of own) {
      if (run < runs / 2) mark(events, run);
      else if (run < runs * 3 / 4) {
        rows.push(
          `${id}|${run - base}|N/A|RUNNING|0|0|${STARTED}|${STARTED}|N/A|n1|None|${jobName}|\n`,
        );
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

/** A project with very many experiments: half of them submitted, with one completed run each. */
export async function listedProject(parent: string, experiments: number): Promise<string> {
  const { root } = await initProject({ name: "bench", parent, cwd: parent });
  const project = await openProject(root);
  const { layout } = project;
  createExperiment(project, "e0", { command: "true", description: "one of many" });
  await submit(await openProject(root, { scheduler: taker() }), "e0");
  mark(join(layout.state("e0", "001"), "events"), 0);
  const text = Deno.readTextFileSync(layout.experiment("e0"));
  const folders = ["submissions", "state"].map((kind) =>
    kind === "state" ? dirname(layout.state("e0", "001")) : join(layout.submissions, "e0")
  );
  for (let at = 1; at < experiments; at++) {
    Deno.writeTextFileSync(layout.experiment(`e${at}`), text);
    if (at % 2 === 1) continue;
    for (const folder of folders) copyFolder(folder, join(dirname(folder), `e${at}`));
  }
  return root;
}

function copyFolder(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name, isDirectory, isSymlink } of Deno.readDirSync(from)) {
    if (isDirectory) copyFolder(join(from, name), join(to, name));
    else if (isSymlink) Deno.symlinkSync(Deno.readLinkSync(join(from, name)), join(to, name));
    else Deno.copyFileSync(join(from, name), join(to, name));
  }
}
