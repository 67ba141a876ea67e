import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

async function report(box: Sandbox, cwd: string, id: string): Promise<Json> {
  return JSON.parse((await box.ok(["search", "report", id, "--json"], { cwd })).out);
}

function journal(cwd: string, id: string): Json[] {
  const path = join(cwd, "experiments", "search", id, "journal.jsonl");
  return Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("a search suggests, runs and tells, and goes on when it is given more trials", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const text = (trials: number) =>
    `command: 'echo "{\\"loss\\": {params.x}}" > {run.dir}/result.json'
args: none
search:
  metric: loss
  trials: ${trials}
  at_once: 4
  sampler: sobol
  space: { x: "uniform(0,1)", name: "choice(a,b)" }
`;
  writeExperiment(cwd, "tune", text(4));
  const first = await box.ok(["search", "run", "tune"], { cwd });
  match(first.out, /^tune: 4 of 4 trials: 4 with a value, 0 failed, 0 open\nbest: 0 \(trial 0/);
  const before = journal(cwd, "tune");
  await box.ok(["search", "run", "tune"], { cwd });
  equal(journal(cwd, "tune").length, before.length, "nothing is left to do");
  writeExperiment(cwd, "tune", text(6));
  const { out } = await box.ok(["search", "run", "tune", "--json"], { cwd });
  equal(JSON.parse(out).begun, 6);
  const after = journal(cwd, "tune");
  deepEqual(after.slice(0, before.length), before);
  const { trials, curve, best, importance, driver } = await report(box, cwd, "tune");
  deepEqual(trials.map(({ value }: Json) => value), [0, 0.5, 0.75, 0.25, 0.375, 0.875]);
  deepEqual(trials.map(({ params, run }: Json) => [params.x, run]), [
    [0, 0],
    [0.5, 1],
    [0.75, 2],
    [0.25, 3],
    [0.375, 4],
    [0.875, 5],
  ]);
  deepEqual(curve.map(({ trial }: Json) => trial), Array(6).fill(0));
  equal(best.value, 0);
  equal(importance.params.length, 2);
  equal(driver, undefined);
  const shown = await box.ok(["search", "report", "tune"], { cwd });
  match(shown.out, /^trial +x +name +loss +run$/m);
  const submitted = await box.run(["submit", "tune"], { cwd });
  equal(submitted.code, 2);
  match(submitted.err, /expflow search run tune/);
  const previewed = await box.run(["sweep", "preview", "tune"], { cwd });
  equal(previewed.code, 2);
  match(previewed.err, /Cannot preview tune: it is a search/);
  writeExperiment(cwd, "tune", text(6).replace("uniform(0,1)", "uniform(0,2)"));
  const changed = await box.run(["search", "run", "tune"], { cwd });
  equal(changed.code, 5);
  match(changed.err, /Cannot go on with the search tune: its space is not what it was/);
});

Deno.test("failed, missing and NaN are told as failed; a point that was there is not run again", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const command = [
    "echo run >> {run.dir}/trace",
    `case {params.kind} in`,
    `fails) exit 3 ;;`,
    `silent) echo "{\\"other\\": 1}" > {run.dir}/result.json ;;`,
    `diverges) echo "{\\"acc\\": NaN}" > {run.dir}/result.json ;;`,
    `*) echo "{\\"acc\\": 0.5}" > {run.dir}/result.json ;;`,
    "esac",
  ].map((line) => `  ${line}\n`).join("");
  writeExperiment(
    cwd,
    "tune",
    `command: |\n${command}args: none
search: { metric: acc, trials: 8, at_once: 8, sampler: sobol, space: { kind: [fails, silent, diverges, works] } }
`,
  );
  const { err } = await box.ok(["search", "run", "tune"], { cwd });
  match(err, /trial \d failed \(run \d\): no metric acc: found other\n/);
  const { trials, valued, failed, best } = await report(box, cwd, "tune");
  equal(valued, 2);
  equal(failed, 6);
  equal(best.value, 0.5);
  const reasons = new Map(trials.map(({ params, failed }: Json) => [params.kind, failed]));
  deepEqual(
    Object.fromEntries(reasons),
    {
      fails: "failed",
      silent: "no metric acc: found other",
      diverges: "acc is NaN",
      works: undefined,
    },
  );
  ok(trials.every(({ value }: Json) => value !== 0));
  const { runs } = await statusOf(box, cwd, "tune");
  equal(runs.length, 4, "two trials of one point share a run");
  for (const { run } of trials) {
    const trace = join(cwd, "experiments", "runs", "tune", String(run), "trace");
    equal(Deno.readTextFileSync(trace), "run\n");
  }
});

Deno.test("a search in which every run fails is no success", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const search = 'search: { metric: acc, trials: 2, at_once: 2, space: { x: "uniform(0,1)" } }';
  writeExperiment(cwd, "tune", `command: exit 3\nargs: none\n${search}\n`);
  const { code, out } = await box.run(["search", "run", "tune"], { cwd });
  equal(code, 1);
  equal(out, "tune: 2 of 2 trials: 0 with a value, 2 failed, 0 open\n");
});

Deno.test("asha: the better share goes on with more epochs, from its checkpoint", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const command = [
    `echo "{params.epochs} from <$EXPFLOW_CHECKPOINT>" > {run.dir}/trace`,
    "mkdir -p {run.dir}/ckpt && echo x > {run.dir}/ckpt/epoch_{params.epochs}.pt",
    `echo "{\\"acc\\": {params.x}}" > {run.dir}/result.json`,
  ].map((line) => `  ${line}\n`).join("");
  writeExperiment(
    cwd,
    "tune",
    `command: |\n${command}args: none
checkpoint: ckpt
search:
  metric: acc
  trials: 9
  at_once: 9
  sampler: sobol
  space: { x: "uniform(0,1)" }
  asha: { param: epochs, min: 1, max: 9 }
`,
  );
  await box.ok(["search", "run", "tune"], { cwd });
  const events = journal(cwd, "tune");
  const started = events.filter(({ event }) => event === "started");
  const budgets = started.map(({ params }) => params.epochs).sort((a, b) => a - b);
  equal(budgets.filter((budget) => budget === 1).length, 9);
  ok(budgets.filter((budget) => budget === 3).length >= 3, budgets.join());
  ok(budgets.includes(9) && budgets.every((budget) => [1, 3, 9].includes(budget)));
  const { best, trials } = await report(box, cwd, "tune");
  equal(best.value, Math.max(...trials.map(({ params }: Json) => params.x)));
  equal(best.rung, 2);
  for (const { trial, rung, params } of started) {
    const run = (at: number) =>
      events.find((one) => one.event === "told" && one.trial === trial && one.rung === at).run;
    const folder = (at: number) => join(cwd, "experiments", "runs", "tune", String(run(at)));
    const from = rung === 0 ? "" : `${folder(rung - 1)}/ckpt/epoch_${params.epochs / 3}.pt`;
    equal(Deno.readTextFileSync(join(folder(rung), "trace")), `${params.epochs} from <${from}>\n`);
  }
  const file = join(cwd, "experiment_configs", "tune.yaml");
  const text = Deno.readTextFileSync(file);
  Deno.writeTextFileSync(file, text.replace("min: 1, max: 9", "min: 10, max: 90"));
  const edited = await report(box, cwd, "tune");
  deepEqual(edited.trials, trials, "the budgets are those that the runs had");
});

Deno.test("retry: of an experiment acts before a trial is told as failed", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "tune",
    `command: 'test {params.batch} -lt 512 || { echo MemoryError >&2; exit 1; }; echo "{\\"acc\\": {params.x}}" > {run.dir}/result.json'
args: none
params: { batch: 512 }
retry: { host_oom: { params: { batch: /2 } } }
search: { metric: acc, trials: 2, at_once: 2, space: { x: "uniform(0,1)" } }
`,
  );
  await box.ok(["search", "run", "tune"], { cwd });
  const { trials, valued } = await report(box, cwd, "tune");
  equal(valued, 2);
  deepEqual(trials.map(({ run }: Json) => run).sort(), [2, 3], "the children have the values");
});

Deno.test("a second driver is told who drives, and Ctrl-C gives the search back", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "tune",
    `command: 'sleep 3; echo "{\\"acc\\": 1}" > {run.dir}/result.json'
args: none
search: { metric: acc, trials: 2, at_once: 2, space: { x: "uniform(0,1)" } }
`,
  );
  const first = box.spawn(["search", "run", "tune"], { cwd });
  while (true) {
    const { out } = await box.ok(["search", "status", "tune", "--json"], { cwd });
    const { driver, open } = JSON.parse(out);
    if (driver && open === 2) {
      equal(driver.pid, first.pid);
      break;
    }
  }
  const second = await box.run(["search", "run", "tune"], { cwd });
  equal(second.code, 5, second.err);
  match(second.err, new RegExp(`process ${first.pid} on `));
  first.kill("SIGINT");
  const ended = await first.output();
  equal(ended.code, 130, new TextDecoder().decode(ended.stderr));
  await box.ok(["search", "run", "tune"], { cwd });
  const { runs } = await statusOf(box, cwd, "tune");
  equal(runs.length, 2);
});
