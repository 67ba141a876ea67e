import { equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { expandSweep } from "../../lib/config/sweep.ts";
import { createExperiment } from "../../lib/manager/experiments.ts";
import { initProject } from "../../lib/manager/init.ts";
import { openProject } from "../../lib/manager/project.ts";
import { submit } from "../../lib/manager/submit.ts";
import type { JobRequest, Scheduler } from "../../lib/schedulers/scheduler.ts";

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

Deno.test("expandSweep() of a million grid points with a where: seconds, and little memory", () => {
  const sweep = {
    grid: { a: range(100), b: range(100), c: range(100) },
    where: "a + b * 2 <= c * 10",
  };
  const before = Deno.memoryUsage().rss;
  const start = performance.now();
  let points = 0;
  let excluded = 0;
  let highest = 0;
  for (const _ of expandSweep(sweep, { epochs: 10, model: "r18" }, () => excluded++)) {
    if (++points % 100_000 === 0) highest = Math.max(highest, Deno.memoryUsage().rss - before);
  }
  const seconds = (performance.now() - start) / 1000;
  equal(points + excluded, 1_000_000);
  equal(points, 847_000);
  // 0.3 s on an idle machine; the tests run beside others.
  ok(seconds < 12, `${seconds} s`);
  ok(highest < 300e6, `${highest / 1e6} MB`);
});

/** Takes jobs and runs none. */
class Recording implements Partial<Scheduler> {
  readonly name = "recording";
  readonly requests: JobRequest[] = [];

  constructor(readonly maxArrayTasks: number) {}

  submit(request: JobRequest): Promise<string> {
    return Promise.resolve(String(this.requests.push(request)));
  }

  findByName(): Promise<string[]> {
    return Promise.resolve([]);
  }

  states(ids: string[]): ReturnType<Scheduler["states"]> {
    return Promise.resolve(new Map(ids.map((id) => [id, { known: false, why: "not asked" }])));
  }

  limits(): ReturnType<Scheduler["limits"]> {
    return Promise.resolve({ maxArrayTasks: this.maxArrayTasks, submit: [] });
  }
}

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(join(folder, name)) : [join(folder, name)]
  );
}

Deno.test("submission of 100,000 points leaves at most 20 files", async () => {
  const parent = Deno.makeTempDirSync({ prefix: "expflow-scale-" });
  try {
    const { root } = await initProject({ name: "big", parent, cwd: parent });
    const scheduler = new Recording(1_000_000);
    const project = await openProject(root, { scheduler: scheduler as unknown as Scheduler });
    createExperiment(project, "exp001", {
      command: "true",
      sweep: "a=0:99:1 b=0:99:1 c=0:9:1",
      set: ["snapshot=off"],
    });
    const before = new Set(filesBelow(root));
    const { selected, jobs } = await submit(project, "exp001");
    equal(selected.runs.length, 100_000);
    equal(jobs.size, 1);
    const left = filesBelow(root).filter((path) => !before.has(path));
    ok(left.length <= 20, `${left.length} files: ${left.slice(0, 30).join(", ")}`);
    const again = await submit(project, "exp001");
    equal(again.plan, undefined);
    equal(scheduler.requests.length, 1);
  } finally {
    Deno.removeSync(parent, { recursive: true });
  }
});
