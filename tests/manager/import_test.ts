import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { ConfigError, NotFoundError } from "../../lib/core/errors.ts";
import { exportCurves } from "../../lib/manager/curves.ts";
import { createExperiment, loadExperiment } from "../../lib/manager/experiments.ts";
import { readResults } from "../../lib/manager/harvest.ts";
import { importFrom, type ImportOptions, type ImportReport } from "../../lib/manager/import.ts";
import { initProject } from "../../lib/manager/init.ts";
import { listAll } from "../../lib/manager/list.ts";
import { openProject, type Project } from "../../lib/manager/project.ts";
import { previewSubmit, type SubmitOptions } from "../../lib/manager/submit.ts";
import type { Scheduler } from "../../lib/schedulers/scheduler.ts";
import { listImported, readImportSource } from "../../lib/store/imported.ts";
import { walkTree } from "../../lib/system/tree.ts";
import { DrExpFolder, fillSweep } from "../imports/dr_exp_folder.ts";

/** A project with a scheduler that nothing is submitted to, and a folder of dr_exp. */
class Box implements Disposable {
  readonly dr = new DrExpFolder();
  readonly parent = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "expflow-import-" }));
  project!: Project;

  static async open(): Promise<Box> {
    const box = new Box();
    const { root } = await initProject({ name: "p", parent: box.parent, cwd: box.parent });
    const scheduler: Partial<Scheduler> = {
      name: "nobody",
      limits: () => Promise.resolve({ maxArrayTasks: 1000, submit: [] }),
      states: () => Promise.resolve(new Map()),
    };
    box.project = await openProject(root, { scheduler: scheduler as Scheduler });
    return box;
  }

  async import(options?: ImportOptions): Promise<ImportReport> {
    return await importFrom(this.project, "dr_exp", this.dr.root, options);
  }

  /** Indices that `submit` would run. */
  async runs(id: string, options?: SubmitOptions): Promise<number[]> {
    const { selected } = await previewSubmit(this.project, id, options);
    return selected.runs.map(({ index }) => index);
  }

  file(id: string): string {
    return this.project.layout.experiment(id);
  }

  /** Path and content of every file but the tool's own. */
  tree(folder = this.parent): Map<string, string> {
    const found = new Map<string, string>();
    for (const { path, kind } of walkTree(folder)) {
      if (kind === "file" && !path.includes(".expflow/")) {
        found.set(path, Deno.readTextFileSync(join(folder, path)));
      }
    }
    return found;
  }

  [Symbol.dispose](): void {
    this.dr[Symbol.dispose]();
    Deno.removeSync(this.parent, { recursive: true });
  }
}

Deno.test("importFrom() gives records that say who ran them, and runs to submit", async () => {
  using box = await Box.open();
  fillSweep(box.dr);
  const before = box.tree(box.dr.root);
  const { experiments, problems, refused } = await box.import({ command: "python train.py" });
  deepEqual([problems, refused, experiments.length], [[], [], 1]);
  const { counts, points, file, changed } = experiments[0]!;
  deepEqual(counts, { completed: 2, failed: 1, queued: 1, unknown: 1 });
  deepEqual([points, file, changed], [5, "new", true]);
  const records = readResults(box.project);
  deepEqual(
    records.map(({ run, state, params, imported }) => [run, state, params.lr, imported?.id]),
    [
      [0, "completed", 0.1, "a0"],
      [1, "completed", 0.01, "a1"],
      [2, "failed", 1, "a2"],
      [3, "unknown", 0.5, "a3"],
    ],
  );
  const [, best, failed, running] = records;
  deepEqual(best!.metrics.acc, {
    last: 0.93,
    best: 0.95,
    bestStep: 1,
    direction: "max",
    source: "jobs/a1.json",
  });
  deepEqual([best!.started, best!.elapsed], ["2024-05-01T11:00:00.000Z", 1800]);
  deepEqual([failed!.attempt, failed!.problems], [3, ["dr_exp: RuntimeError: CUDA out of memory"]]);
  match(running!.problems.join(), /dr_exp says running/);
  ok(
    records.every(({ jobs, imported }) =>
      Object.keys(jobs).length === 0 && imported!.folder === box.dr.root
    ),
  );
  deepEqual(await box.runs("resnet"), [4]);
  deepEqual(await box.runs("resnet", { only: ["failed"] }), [2]);
  deepEqual(await box.runs("resnet", { only: ["planned"] }), [4]);
  deepEqual(await box.runs("resnet", { force: true }), [0, 1, 2, 3, 4]);
  deepEqual((await previewSubmit(box.project, "resnet")).selected.imported, [0, 1, 2, 3]);
  const [listed] = await listAll(box.project);
  deepEqual([listed!.submissions, listed!.counts, listed!.imported], [0, {}, {
    from: "dr_exp",
    folder: box.dr.root,
    counts,
  }]);
  equal(exportCurves(box.project, "resnet").points, 8);
  deepEqual(box.tree(box.dr.root), before);
});

Deno.test("importFrom() without a command writes a file that says so and cannot be submitted", async () => {
  using box = await Box.open();
  fillSweep(box.dr);
  await box.import();
  match(Deno.readTextFileSync(box.file("resnet")), /^# command: python train.py$/m);
  await rejects(
    () => box.runs("resnet"),
    (error: Error) => error instanceof ConfigError && /has no command/.test(error.message),
  );
  equal(exportCurves(box.project, "resnet").points, 8);
});

Deno.test("importFrom() takes the command that jobs record, if it is one", async () => {
  using box = await Box.open();
  box.dr.job("a0", { command: "python a.py" });
  box.dr.job("b0", { experiment: "two", command: "python a.py" });
  box.dr.job("b1", { experiment: "two", command: "python b.py", config: { lr: 1 } });
  await box.import();
  equal(loadExperiment(box.project, "resnet").experiment.stages[0]!.command, "python a.py");
  ok(!/^command:/m.test(Deno.readTextFileSync(box.file("two"))));
});

Deno.test("importFrom() again changes nothing, and then what changed there", async (t) => {
  using box = await Box.open();
  fillSweep(box.dr);
  await box.import({ command: "echo" });
  const first = box.tree();
  await t.step("the same", async () => {
    const { experiments } = await box.import();
    deepEqual([experiments[0]!.changed, experiments[0]!.file], [false, "unchanged"]);
    deepEqual(box.tree(), first);
  });
  await t.step("a run completed and one is new", async () => {
    box.dr.job("a4", {
      config: { lr: 0.2, model: "r18", optim: { wd: 0 } },
      status: "completed",
      final_metrics: { acc: 0.5 },
    });
    box.dr.job("a9", { config: { lr: 7, model: "r18", optim: { wd: 0 } } });
    const { experiments } = await box.import();
    equal(experiments[0]!.file, "rewritten");
    deepEqual(readResults(box.project).map(({ run }) => run), [0, 1, 2, 3, 4]);
    deepEqual(await box.runs("resnet"), [5]);
  });
  await t.step("the user's edits stay", async () => {
    const mine = Deno.readTextFileSync(box.file("resnet")).replace("echo", "python train.py");
    Deno.writeTextFileSync(box.file("resnet"), mine);
    box.dr.job("aa", { config: { lr: 8, model: "r18", optim: { wd: 0 } } });
    const { experiments } = await box.import();
    equal(experiments[0]!.file, "edited");
    match(JSON.stringify(experiments[0]!.problems), /was edited since/);
    equal(Deno.readTextFileSync(box.file("resnet")), mine);
    deepEqual(await box.runs("resnet"), [5]);
  });
  await t.step("a run that is gone there stays here", async () => {
    Deno.removeSync(join(box.dr.root, "jobs", "a0.json"));
    const { experiments } = await box.import();
    match(JSON.stringify(experiments[0]!.problems), /it is not found there any more.*\["a0"\]/);
    equal(readResults(box.project)[0]!.imported!.id, "a0");
  });
});

Deno.test("importFrom() with dryRun reports the same and writes nothing", async () => {
  using box = await Box.open();
  fillSweep(box.dr);
  const before = box.tree();
  const told = await box.import({ dryRun: true });
  deepEqual(box.tree(), before);
  deepEqual(await box.import(), { ...told, dryRun: false });
});

Deno.test("importFrom() leaves experiments alone that are there already", async () => {
  using box = await Box.open();
  fillSweep(box.dr);
  box.dr.job("b0", { experiment: "free" });
  createExperiment(box.project, "resnet", { command: "echo mine" });
  const mine = Deno.readTextFileSync(box.file("resnet"));
  const { experiments, refused } = await box.import();
  deepEqual(experiments.map(({ id }) => id), ["free"]);
  deepEqual(refused.map(({ id }) => id), ["resnet"]);
  equal(Deno.readTextFileSync(box.file("resnet")), mine);
  const again = await box.import({ prefix: "old-" });
  deepEqual(again.experiments.map(({ id }) => id), ["old-free", "old-resnet"]);
  using other = new DrExpFolder();
  other.job("x", { experiment: "free" });
  const second = await importFrom(box.project, "dr_exp", other.root);
  match(second.refused[0]!.reason, /was imported under this name/);
});

Deno.test("importFrom() keeps runs with the same parameters, as one point", async () => {
  using box = await Box.open();
  const job = (id: string, lr: number, status: string, acc?: number) =>
    box.dr.job(id, { config: { lr, seed: 1 }, status, final_metrics: acc ? { acc } : null });
  job("a", 0.1, "failed");
  job("b", 0.1, "queued");
  job("c", 0.2, "completed", 0.5);
  job("d", 0.2, "completed", 0.6);
  job("e", 0.2, "queued");
  const { experiments } = await box.import({ command: "echo" });
  equal(experiments[0]!.points, 2);
  deepEqual(
    readResults(box.project).map(({ imported, run, seed }) => [imported!.id, run, seed]),
    [["a", 0, 1], ["c", 1, 1], ["d", 3, 1]],
  );
  deepEqual(await box.runs("resnet"), [2]);
  const told = experiments[0]!.problems.map(({ problem, runs }) => `${runs}: ${problem}`).join(
    "\n",
  );
  match(told, /^b: it has the parameters of a: both are one run of the sweep$/m);
  match(told, /^d: it has the parameters of c: its results are kept beside$/m);
  match(told, /^e: it has the parameters of c, which is completed: `submit` does not run/m);
});

Deno.test("importFrom() says which runs can be no point, and keeps their results", async () => {
  using box = await Box.open();
  box.dr.job("a", { config: { "learning rate": 1 }, status: "completed", final_metrics: { m: 1 } });
  box.dr.job("b", { experiment: "other", config: null, status: "failed" });
  const { experiments } = await box.import();
  deepEqual(experiments.map(({ id, file }) => [id, file]), [["other", "none"], ["resnet", "none"]]);
  deepEqual(readResults(box.project, ["resnet"])[0]!.params, { "learning rate": 1 });
  deepEqual((await listAll(box.project)).map(({ id }) => id), ["other", "resnet"]);
  match(JSON.stringify(experiments), /cannot name a parameter.*only its results are there/);
});

Deno.test("importFrom() gives points back as they were, whatever their values", async (t) => {
  const cases: [string, object[]][] = [
    ["nulls", [{ a: null, b: 1 }, { a: 1, b: 1 }, { b: 1 }]],
    ["groups", [{ o: { lr: 1, n: { d: [1, { x: 2 }] } } }, { o: { lr: 2 } }]],
    ["numbers", [{ lr: 1e-7 }, { lr: 1e22 }, { lr: -0.5 }, { lr: 0 }]],
    ["texts", [{ t: "1e-3" }, { t: "yes" }, { t: "a: b # c" }, { t: "x\ny\u2028\x7f" }, { t: "" }]],
    ["one", [{ lr: 1, t: "{params.lr}" }]],
    ["mixed", [{ a: true }, { b: [] }, { c: "0:1:0.1" }]],
  ];
  for (const [name, configs] of cases) {
    await t.step(name, async () => {
      using box = await Box.open();
      configs.forEach((config, at) =>
        box.dr.job(`j${at}`, { config, status: at === 0 ? "completed" : "queued" })
      );
      const { experiments } = await box.import({ command: "echo" });
      deepEqual(
        experiments[0]!.problems.filter(({ problem }) => problem !== "no metrics were found"),
        [],
      );
      const points = [...loadExperiment(box.project, "resnet").points()];
      deepEqual(points.map(({ params }) => params), configs);
      deepEqual(await box.runs("resnet"), configs.map((_, at) => at).slice(1));
    });
  }
});

const NASTY = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.constantFrom("../x", "../../etc/passwd", "/abs", "a\nb", "..", "", "x".repeat(60), "é\0"),
  fc.constantFrom("__proto__", "constructor", "toString", "*alias", "<<", "- a: [", "# b"),
);

Deno.test("importFrom() writes nothing outside its files, whatever names hold", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(NASTY, { minLength: 1, maxLength: 4 }),
      NASTY,
      async (names, key) => {
        using box = await Box.open();
        const before = box.tree();
        names.forEach((experiment, at) =>
          box.dr.job(`j${at}`, {
            experiment,
            id: at === 0 ? key : `j${at}`,
            config: { [key]: 1, lr: key },
            tags: [key],
            error: key,
            worker_id: key,
            status: ["failed", "queued", "completed"][at % 3],
          })
        );
        const { experiments, refused } = await box.import();
        deepEqual(refused, []);
        equal(experiments.length, names.length);
        for (const path of box.tree().keys()) {
          if (before.has(path)) continue;
          match(
            path,
            /^p\/(experiment_configs\/[\w.-]+\.yaml|experiments\/(imported|results)\/[\w.-]+)$/,
          );
        }
        const { layout } = box.project;
        deepEqual(
          listImported(layout).map((id) => readImportSource(layout, id)!.name).sort(),
          [...names].sort(),
        );
        equal(readResults(box.project).length, names.length - Math.floor((names.length + 1) / 3));
        ok(!JSON.stringify(experiments).includes("has to be mended"), JSON.stringify(experiments));
        const again = await box.import();
        ok(again.experiments.every(({ changed }) => !changed));
        await listAll(box.project);
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("importFrom() refuses a tool or a folder that it does not know", async () => {
  using box = await Box.open();
  await rejects(() => importFrom(box.project, "dr_ex", box.dr.root), NotFoundError);
  await rejects(() => importFrom(box.project, "dr_exp", box.parent), NotFoundError);
});

Deno.test("importFrom() takes 10,000 jobs within seconds", async () => {
  using box = await Box.open();
  for (let at = 0; at < 10_000; at++) {
    const status = at % 2 === 0 ? "completed" : "queued";
    box.dr.job(`j${at}`, { config: { lr: at }, status, final_metrics: { acc: at } });
  }
  const start = performance.now();
  await box.import();
  const seconds = (performance.now() - start) / 1000;
  equal(readResults(box.project).length, 5000);
  ok(seconds < 30, `${seconds} s`);
});
