import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { markerName } from "../../lib/core/markers.ts";
import { createExperiment } from "../../lib/manager/experiments.ts";
import { initProject } from "../../lib/manager/init.ts";
import { listAll } from "../../lib/manager/list.ts";
import { openProject, type Project } from "../../lib/manager/project.ts";
import { submit } from "../../lib/manager/submit.ts";
import type { Scheduler } from "../../lib/schedulers/scheduler.ts";

/** Takes jobs, runs none, and counts how often it is asked where they are. */
class Taker implements Partial<Scheduler> {
  readonly name = "taker";
  asked = 0;
  submit = () => Promise.resolve("1");
  findByName = () => Promise.resolve([]);
  states = () => (this.asked++, Promise.resolve(new Map()));
  limits = () => Promise.resolve({ maxArrayTasks: 1000, submit: [] });
  countQueued = () => Promise.resolve([0]);
}

function complete({ layout }: Project, id: string, submission: string): void {
  const events = join(layout.state(id, submission), "events");
  Deno.mkdirSync(events, { recursive: true });
  const marker = { run: 0, stage: "train", attempt: Number(submission), code: 0, epoch: 1000 };
  Deno.writeTextFileSync(join(events, markerName({ ...marker, event: "end" })), "");
}

/** The files that every experiment depends on, as in a project that is older. */
function ageProject({ layout }: Project): void {
  age(layout.config, 60);
  for (const { name } of Deno.readDirSync(layout.templates)) age(join(layout.templates, name), 60);
}

/** Far enough in the past for a file's time to be trusted. */
function age(path: string, seconds: number): void {
  const then = Date.now() / 1000 - seconds;
  Deno.utimeSync(path, then, then);
}

Deno.test("listAll() is the same with what was kept as without it, whatever changes", async (t) => {
  const parent = Deno.makeTempDirSync({ prefix: "expflow-list-" });
  const scheduler = new Taker();
  const { root } = await initProject({ name: "p", parent, cwd: parent });
  const project = await openProject(root, {
    scheduler: scheduler as Partial<Scheduler> as Scheduler,
  });
  const { layout } = project;
  const kept = join(layout.own, "listed.json");
  const template = join(layout.templates, "own.yaml");
  Deno.mkdirSync(layout.templates, { recursive: true });
  Deno.writeTextFileSync(template, "command: 'true'\nargs: none\ntags: [one]\n");
  const write = (id: string, text: string) =>
    Deno.writeTextFileSync(layout.experiment(id), `extends: own\n${text}`);
  const both = async () => {
    const cached = await listAll(project);
    const text = Deno.readTextFileSync(kept);
    Deno.removeSync(kept); // then everything is read
    deepEqual(cached, await listAll(project));
    Deno.writeTextFileSync(kept, text);
    return cached;
  };
  const steps: [string, () => unknown][] = [
    ["two files", () => {
      write("a", "description: first\n");
      write("b", "description: second\n");
      for (const id of ["a", "b"]) age(layout.experiment(id), 60);
      ageProject(project);
    }],
    ["nothing", () => {}],
    ["another description", () => write("a", "description: FIRST\n")],
    ["another template", () => {
      Deno.writeTextFileSync(template, "command: x\nargs: none\ntags: [two]\n");
      age(template, 50);
    }],
    ["a submission", () => submit(project, "b")],
    ["its end", () => complete(project, "b", "001")],
    ["another one", () => submit(project, "b", { force: true })],
    ["its end", () => complete(project, "b", "002")],
    ["a file less", () => Deno.removeSync(layout.experiment("a"))],
    ["garbage", () => Deno.writeTextFileSync(kept, "{")],
  ];
  try {
    for (const [name, change] of steps) {
      await t.step(`after ${name}`, async () => {
        await change();
        await both();
      });
    }
    await t.step("what is completed is not asked about", async () => {
      await listAll(project);
      const before = scheduler.asked;
      const [b] = await listAll(project);
      deepEqual([b!.id, b!.counts, b!.submissions], ["b", { completed: 1 }, 2]);
      equal(scheduler.asked, before);
    });
    await t.step("a project that cannot be written in", async () => {
      const expected = await listAll(project);
      Deno.removeSync(layout.own, { recursive: true });
      Deno.writeTextFileSync(layout.own, "no folder");
      deepEqual(await listAll(project), expected);
    });
  } finally {
    Deno.removeSync(parent, { recursive: true });
  }
});

Deno.test("listAll() many times at once leaves a whole file", async () => {
  const parent = Deno.makeTempDirSync({ prefix: "expflow-list-" });
  try {
    const { root } = await initProject({ name: "p", parent, cwd: parent });
    const project = await openProject(root);
    ageProject(project);
    for (let at = 0; at < 20; at++) {
      createExperiment(project, `e${at}`, { command: "true" });
      age(project.layout.experiment(`e${at}`), 60);
    }
    const all = await Promise.all(Array.from({ length: 8 }, () => listAll(project)));
    for (const one of all) deepEqual(one, all[0]);
    const { experiments } = JSON.parse(
      Deno.readTextFileSync(join(project.layout.own, "listed.json")),
    );
    equal(experiments.length, 20);
  } finally {
    Deno.removeSync(parent, { recursive: true });
  }
});
