import { join } from "node:path";
import { createExperiment, initProject, openProject, submit } from "../mod.ts";
import { markerName } from "../lib/core/markers.ts";
import type { Project } from "../lib/manager/project.ts";
import type { Scheduler } from "../lib/schedulers/scheduler.ts";

/** A scheduler that takes jobs and runs none: what ran is told by the markers that are made here. */
const taker: Partial<Scheduler> = {
  name: "local",
  submit: () => Promise.resolve("1"),
  findByName: () => Promise.resolve([]),
  states: () => Promise.resolve(new Map()),
  limits: () => Promise.resolve({ maxArrayTasks: 1_000_000, submit: [] }),
  countQueued: (filters) => Promise.resolve(filters.map(() => 0)),
};

/** How a project with completed runs is made. */
export interface MadeProject {
  runs: number;
  /** Content of `metrics.jsonl`; run n has number n modulo their count, as a hard link. */
  contents: readonly string[];
}

/** A project with one experiment, `big`, whose runs are all completed. */
export async function completedProject(
  parent: string,
  { runs, contents }: MadeProject,
): Promise<Project> {
  const { root } = await initProject({ name: "bench", parent, cwd: parent });
  const project = await openProject(root, { scheduler: taker as Scheduler });
  createExperiment(project, "big", { sweep: `x=${Array.from({ length: runs }, (_, x) => x)}` });
  await submit(project, "big");
  const events = join(project.layout.state("big", "001"), "events");
  Deno.mkdirSync(events, { recursive: true });
  const files = contents.map((content, at) => {
    const path = join(parent, `metrics${at}.jsonl`);
    Deno.writeTextFileSync(path, content);
    Deno.utimeSync(path, 1_700_000_000, 1_700_000_000);
    return path;
  });
  for (let run = 0; run < runs; run++) {
    const folder = project.layout.run("big", run);
    Deno.mkdirSync(folder, { recursive: true });
    Deno.linkSync(files[run % files.length]!, join(folder, "metrics.jsonl"));
    for (const event of ["start", "end"] as const) {
      const marker = { run, stage: "train", attempt: 1, event, code: 0, epoch: 1_700_000_000 };
      Deno.writeTextFileSync(join(events, markerName(marker)), "");
    }
  }
  return project;
}
