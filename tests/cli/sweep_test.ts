import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";

const EXPERIMENT = `command: "echo {params.lr} > {run.dir}/lr.txt"
args: none
snapshot: off
resources: {time: 1h, cpus_per_task: 2}
sweep:
  grid:
    opt: [sgd, adam] # two of them
    m: [0.8, 0.9]
    lr: [0.1, 0.2]
  when: {m: opt == 'sgd'}
  where: opt == 'sgd' or lr < 0.2
`;

Deno.test("sweep preview counts, sweep extend adds, and what is done stays done", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(cwd, "exp001", EXPERIMENT);
  const file = join(cwd, "experiment_configs", "exp001.yaml");

  await t.step("preview --json", async () => {
    const { out } = await box.ok(["sweep", "preview", "exp001", "--json"], { cwd });
    const { runs, states, excluded, factors, cost, first } = JSON.parse(out);
    equal(runs, 5);
    deepEqual(states, { planned: 5 });
    deepEqual(excluded, [
      { by: "where", text: "opt == 'sgd' or lr < 0.2", count: 1 },
      { by: "when", text: "m", count: 2 },
    ]);
    deepEqual(factors[1], {
      key: "m",
      distinct: 2,
      more: false,
      values: [{ value: 0.8, runs: 2 }, { value: 0.9, runs: 2 }],
      unset: 1,
      span: [0.8, 0.9],
    });
    deepEqual([cost.gpuHours, cost.cpuHours], [0, 10]);
    deepEqual(first[4], { index: 4, params: { opt: "adam", lr: 0.1 }, state: "planned" });
  });

  await t.step("preview in words", async () => {
    const { out } = await box.ok(["sweep", "preview", "exp001", "--first", "1"], { cwd });
    match(out, /^exp001: 5 runs \(5 planned\)\n/);
    match(out, /1 combination left out by where: opt == 'sgd' or lr < 0.2\n/);
    match(out, /2 combinations folded into others: m is not set there\n/);
    match(out, /cost: at most 0 GPU-hours, at most 10 CPU-hours \(upper bound: /);
    match(out, /and 4 more/);
  });

  await t.step("extend keeps what is completed, with its index", async () => {
    await box.ok(["submit", "exp001", "--wait"], { cwd });
    const dry = await box.ok(["sweep", "extend", "exp001", "--sweep", "lr=0.05", "--dry-run"], {
      cwd,
    });
    match(dry.out, /5 runs kept, 3 runs new/);
    equal(Deno.readTextFileSync(file), EXPERIMENT);
    const { out } = await box.ok(["sweep", "extend", "exp001", "--sweep", "lr=0.05", "--json"], {
      cwd,
    });
    const { kept, added } = JSON.parse(out);
    deepEqual([kept, added], [5, 3]);
    equal(
      Deno.readTextFileSync(file),
      EXPERIMENT.replace("lr: [0.1, 0.2]", "lr: [0.1, 0.2, 0.05]"),
    );
    const preview = await box.ok(["sweep", "preview", "exp001", "--json"], { cwd });
    deepEqual(JSON.parse(preview.out).states, { completed: 5, planned: 3 });
    const submitted = await box.ok(["submit", "exp001", "--json"], { cwd });
    deepEqual(JSON.parse(submitted.out).runs, [5, 6, 7]);
    const again = await box.ok(["sweep", "extend", "exp001", "--sweep", "lr=0.05"], { cwd });
    match(again.out, /nothing to add/);
  });

  await t.step("what is refused changes nothing", async () => {
    const text = Deno.readTextFileSync(file);
    const cases = [["--sweep", "wd=1"], ["--draws", "3"], [], ["--sweep", "lr"], ["--draws", "x"]];
    for (const options of cases) {
      const { code, err } = await box.run(["sweep", "extend", "exp001", ...options], { cwd });
      equal(code, 2, err);
      match(err, /^error: Cannot [^\n]+\nhint: [^\n]+\n$/);
    }
    equal(Deno.readTextFileSync(file), text);
    equal((await box.run(["sweep", "preview", "nothing"], { cwd })).code, 4);
  });
});

Deno.test("each group of a sweep is submitted with its own resources", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "exp001",
    `stages: {train: "true", eval: {command: "true", after: train}}
args: none
snapshot: off
resources: {time: 1h, mem: 100M}
sweep:
  groups:
    small: {grid: {a: [1, 2]}}
    large: {grid: {a: [3]}, resources: {time: 2h, mem_per_cpu: 50M}}
`,
  );
  const { out } = await box.ok(["submit", "exp001", "--dry-run", "--json"], { cwd });
  const { plan } = JSON.parse(out);
  deepEqual(
    plan.chunks.map(({ stage, group, runs }: Record<string, unknown>) => [stage, group, runs]),
    [["train", "small", [0, 1]], ["train", "large", [2]], ["eval", "small", [0, 1]], [
      "eval",
      "large",
      [2],
    ]],
  );
  const rendered = await box.ok(["render", "exp001", "--json"], { cwd });
  const scripts = JSON.parse(rendered.out).map(({ text }: { text: string }) => text) as string[];
  const large = scripts.filter((text) => text.includes("--time=02:00:00"));
  equal(large.length, 2);
  for (const text of large) {
    ok(text.includes("--mem-per-cpu=50M"));
    ok(!text.includes("--mem=100M"));
  }
  await box.ok(["submit", "exp001", "--wait"], { cwd });
  const { counts } = await statusOf(box, cwd, "exp001");
  equal(counts.completed, 3);
});
