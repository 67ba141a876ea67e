import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { git, ROOT, Sandbox, statusOf, writeExperiment } from "./harness.ts";

Deno.test("the seed's workflow runs as written", async () => {
  await using box = new Sandbox();
  await box.ok(["init", "my_project"]);
  const cwd = join(box.scratch, "my_project");
  for (
    const folder of [
      "experiment_configs",
      "experiment_templates",
      "generated_scripts",
      "experiments/logs",
      "experiments/checkpoints",
      "experiments/cache",
    ]
  ) ok(Deno.statSync(join(cwd, folder)).isDirectory, folder);
  await box.ok(["new", "--exp-id", "exp001", "--template", "baseline", "--description", "Test"], {
    cwd,
  });
  await box.ok(["submit", "exp001", "--wait"], { cwd });
  const harvest = await box.ok(["harvest", "exp001"], { cwd });
  match(harvest.out, /^exp001: 1 completed\n/);
  await box.ok(["export", "results.csv"], { cwd });
  const [head, row] = Deno.readTextFileSync(join(cwd, "results.csv")).split("\n");
  const cells = Object.fromEntries(head!.split(",").map((key, i) => [key, row!.split(",")[i]]));
  deepEqual(
    [cells.experiment, cells.run, cells.state, cells.epochs, cells.loss],
    ["exp001", "0", "completed", "5", "0.666"],
  );
  for (const file of ["results.json", "results.md", "results.tex"]) {
    await box.ok(["export", file], { cwd });
    match(Deno.readTextFileSync(join(cwd, file)), /0\.666/, file);
  }
});

Deno.test("the same through a manager of the user's own", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const entry = join(ROOT, "examples", "my_manager.ts");
  writeExperiment(
    cwd,
    "exp001",
    "params: { lr: 0.1, epochs: 2 }\nsweep: { grid: { lr: [0.1, 1] } }",
  );
  await box.ok(["new", "exp002", "--template", "baseline"], { cwd, entry });
  await box.ok(["submit", "exp001", "--wait"], { cwd, entry });
  const { runs } = await statusOf(box, cwd, "exp001");
  deepEqual(Object.keys(runs[0].stages), ["train", "eval"]);
  await box.ok(["harvest", "exp001"], { cwd, entry });
  await box.ok(["export", "results.csv", "--id", "exp001"], { cwd, entry });
  const rows = Deno.readTextFileSync(join(cwd, "results.csv")).split("\n");
  match(rows[0]!, /epochs.*lr_was_small/);
  match(rows[1]!, /^exp001,0,completed,.*true/);
  match(rows[2]!, /^exp001,1,completed,.*false/);
});

Deno.test("init again keeps the user's edits and comments", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const config = join(cwd, ".hpc_config.yaml");
  const edited = `${Deno.readTextFileSync(config)}# mine\naccount: astro # ours\n`;
  Deno.writeTextFileSync(config, edited);
  Deno.removeSync(join(cwd, "experiments", "cache"));
  Deno.removeSync(join(cwd, "experiment_templates", "baseline.yaml"));
  const { out } = await box.ok(["init", "project"]);
  match(out, /your edits are kept/);
  equal(Deno.readTextFileSync(config), edited);
  ok(Deno.statSync(join(cwd, "experiments", "cache")).isDirectory);
  await box.ok(["config", "set", "account", "physics"], { cwd });
  equal(Deno.readTextFileSync(config), edited.replace("account: astro", "account: physics"));
});

Deno.test("eval runs after train, and never after a train that failed", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "two",
    `stages:
  train: 'echo t >> {run.dir}/trace; exit {params.code}'
  eval: { command: 'echo e >> {run.dir}/trace', after: train, args: none }
args: none
params: { code: 0 }
sweep: { grid: { code: [0, 3, 0] } }
`.replace("[0, 3, 0]", "[0, 3, 4]"),
  );
  const { code } = await box.run(["submit", "two", "--wait"], { cwd });
  equal(code, 1);
  const { counts, runs } = await statusOf(box, cwd, "two");
  deepEqual(counts, { completed: 1, failed: 2 });
  deepEqual(runs.map((run: { stages: { eval: { state: string } } }) => run.stages.eval.state), [
    "completed",
    "skipped",
    "skipped",
  ]);
  equal(runs[1].stages.train.exitCode, 3);
  const trace = (run: number) =>
    Deno.readTextFileSync(join(cwd, "experiments", "runs", "two", String(run), "trace"));
  deepEqual([trace(0), trace(1), trace(2)], ["t\ne\n", "t\n", "t\n"]);
});

Deno.test("stages can be submitted one by one; eval waits for a train that is under way", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "two",
    `stages:
  train: 'sleep 1; echo t >> {run.dir}/trace'
  eval: { command: 'echo e >> {run.dir}/trace', after: train, args: none }
args: none
sweep: { grid: { x: [0, 1] } }
`,
  );
  const blocked = await box.ok(["submit", "two", "--eval-only"], { cwd });
  match(blocked.err, /skipped: eval of run 0, as train did not succeed/);
  await box.ok(["submit", "two", "--train-only"], { cwd });
  await box.ok(["submit", "two", "--eval-only", "--wait"], { cwd });
  const { runs, submissions } = await statusOf(box, cwd, "two");
  deepEqual([submissions, runs[0].state, runs[1].state], [
    ["001", "002"],
    "completed",
    "completed",
  ]);
  for (const run of ["0", "1"]) {
    const trace = Deno.readTextFileSync(join(cwd, "experiments", "runs", "two", run, "trace"));
    equal(trace, "t\ne\n");
  }
});

Deno.test("submit skips what is completed, --force runs it again and keeps the old results", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "one",
    `command: 'echo x >> {run.dir}/trace'\nparams: { lr: 1 }\nargs: none\n`,
  );
  await box.ok(["submit", "one", "--wait"], { cwd });
  const again = await box.ok(["submit", "one"], { cwd });
  match(again.err, /skipped: run 0 is completed/);
  match(again.out, /nothing to submit/);
  await box.ok(["submit", "one", "--force", "--wait"], { cwd });
  const { runs } = await statusOf(box, cwd, "one");
  deepEqual([runs.length, runs[0].stages.train.attempt], [1, 2]);
  const folder = join(cwd, "experiments", "runs", "one");
  equal(Deno.readTextFileSync(join(folder, "0", "trace")), "x\n");
  const [previous] = [...Deno.readDirSync(join(folder, ".previous"))];
  equal(Deno.readTextFileSync(join(folder, ".previous", previous!.name, "trace")), "x\n");
});

Deno.test("extending a sweep adds runs and keeps the done ones", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const text = (values: string) =>
    `command: 'echo x >> {run.dir}/trace'\nargs: none\nsweep: { grid: { lr: [${values}] } }\n`;
  writeExperiment(cwd, "sw", text("2, 3"));
  await box.ok(["submit", "sw", "--wait"], { cwd });
  writeExperiment(cwd, "sw", text("1, 2, 3"));
  await box.ok(["submit", "sw", "--wait"], { cwd });
  const { runs } = await statusOf(box, cwd, "sw");
  deepEqual(
    runs.map((run: { run: number; params: { lr: number } }) => [run.run, run.params.lr]),
    [[0, 2], [1, 3], [2, 1]],
  );
});

Deno.test("a code change after submit does not reach runs that had not started", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const code = join(box.root, "code");
  Deno.mkdirSync(code);
  await git(code, "init", "-q");
  Deno.writeTextFileSync(join(code, "say.sh"), "sleep 0.3; cat answer >> $EXPFLOW_RUN_DIR/said\n");
  Deno.writeTextFileSync(join(code, "answer"), "committed\n");
  await git(code, "add", ".");
  await git(code, "commit", "-qm", "one");
  Deno.writeTextFileSync(join(code, "answer"), "as submitted\n");
  writeExperiment(
    cwd,
    "snap",
    `command: bash say.sh\nargs: none\nworkdir: ${code}\nsweep: { grid: { lr: [1, 2, 3, 4] } }\n` +
      "resources: { max_parallel: 1 }\n",
  );
  await box.ok(["submit", "snap"], { cwd });
  Deno.writeTextFileSync(join(code, "answer"), "changed afterwards\n");
  await git(code, "commit", "-qam", "two");
  await box.ok(["submit", "snap", "--wait"], { cwd });
  for (const run of [0, 1, 2, 3]) {
    const said = join(cwd, "experiments", "runs", "snap", String(run), "said");
    equal(Deno.readTextFileSync(said), "as submitted\n");
  }
  const plan = JSON.parse(
    Deno.readTextFileSync(join(cwd, "generated_scripts", "snap", "001", "plan.json")),
  );
  deepEqual([plan.code.mode, plan.code.dirty], ["snapshot", true]);
  match(
    Deno.readTextFileSync(join(cwd, "generated_scripts", "snap", "001", "code.diff")),
    /\+as submitted/,
  );
});

Deno.test("cancel is exact: exp1 leaves exp10 and exp1_x alone, and a run its neighbours", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  for (const id of ["exp1", "exp10", "exp1_x"]) {
    writeExperiment(cwd, id, "command: sleep 300\nargs: none\nsweep: { grid: { lr: [1, 2] } }\n");
    await box.ok(["submit", id], { cwd });
  }
  await box.ok(["cancel", "exp1"], { cwd });
  await box.ok(["cancel", "exp10/1"], { cwd });
  await box.run(["submit", "exp1", "--dry-run"], { cwd });
  for (let tries = 0; tries < 50; tries++) {
    const { counts } = await statusOf(box, cwd, "exp1");
    if (counts.cancelled === 2) break;
  }
  deepEqual((await statusOf(box, cwd, "exp1")).counts, { cancelled: 2 });
  const other = await statusOf(box, cwd, "exp10");
  equal(other.runs[1].state, "cancelled");
  ok(["pending", "running"].includes(other.runs[0].state), other.runs[0].state);
  ok(!("cancelled" in (await statusOf(box, cwd, "exp1_x")).counts));
});

Deno.test("logs, tail and --err show what a run said", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "talk",
    "command: 'for i in 1 2 3; do echo line $i; sleep 0.2; done; echo oops >&2'\nargs: none\n",
  );
  await box.ok(["submit", "talk"], { cwd });
  equal((await box.ok(["tail", "talk"], { cwd })).out, "line 1\nline 2\nline 3\n");
  equal((await box.ok(["logs", "talk", "-n", "1"], { cwd })).out, "line 3\n");
  match((await box.ok(["logs", "talk/0", "--err"], { cwd })).out, /oops\n/);
});

Deno.test("run submits one command, also outside a project", async () => {
  await using box = new Sandbox();
  const script = 'echo "{\\"words\\": $#}" > "$EXPFLOW_RUN_DIR/result.json"; printf "<%s>" "$@"';
  const args = ["run", "--id", "adhoc", "--wait", "--sweep", "lr=0.1,0.01", "--", "bash", "-c"];
  const { err, out } = await box.ok([...args, script, "name", "it's; $(rm) {a}"]);
  match(err, /no project in .*expflow-runs is used/);
  match(out, /adhoc: 2 completed/);
  const project = join(box.scratch, "expflow-runs");
  equal(
    (await box.ok(["logs", "adhoc/1"], { cwd: project })).out,
    "<it's; $(rm) {a}><--lr><0.01>",
  );
});

Deno.test("run leaves no experiment behind when nothing could be submitted", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const args = ["run", "--id", "w", "--gpus", "99", "--", "sleep", "1"];
  const { code, err } = await box.run(args, { cwd });
  equal(code, 6, err);
  deepEqual([...Deno.readDirSync(join(cwd, "experiment_configs"))], []);
});

Deno.test("dry-run and render write nothing", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  await box.ok(["new", "exp001", "--sweep", "lr=0.1,0.01"], { cwd });
  const before = [...walk(cwd)].join("\n");
  const dry = await box.ok(["submit", "exp001", "--dry-run"], { cwd });
  match(dry.out, /would submit 2 runs to local as exp001\/001/);
  const { out } = await box.ok(["render", "exp001"], { cwd });
  match(out, /^#!\/bin\/bash\n#SBATCH --job-name=exp001\.train\.0-/);
  equal([...walk(cwd)].join("\n"), before);
});

function* walk(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = join(folder, entry.name);
    yield path;
    if (entry.isDirectory) yield* walk(path);
  }
}

Deno.test("Ctrl-C ends the wait with 130, not the runs", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const go = join(box.root, "go");
  const command = `until [ -e ${go} ]; do sleep 0.05; done`;
  writeExperiment(cwd, "long", `command: ${JSON.stringify(command)}\nargs: none\n`);
  const waiting = box.spawn(["submit", "long", "--wait"], { cwd });
  for (let tries = 0; (await statusOf(box, cwd, "long")).counts.running !== 1; tries++) {
    ok(tries < 100, "the run does not start");
  }
  waiting.kill("SIGINT");
  const { code, stderr } = await waiting.output();
  equal(code, 130);
  match(new TextDecoder().decode(stderr), /error: Stopped waiting; the runs go on\nhint: .*status/);
  Deno.writeTextFileSync(go, "");
  await box.ok(["submit", "long", "--wait"], { cwd });
});

Deno.test("above 20 runs a person must agree", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  await box.ok(["new", "many", "--sweep", `lr=${Array.from({ length: 21 }, (_, i) => i)}`], {
    cwd,
  });
  const asked = await box.run(["submit", "many"], { cwd });
  deepEqual([asked.code, asked.err], [
    2,
    "error: Cannot ask whether to submit 21 runs of many: this is no terminal\n" +
    "hint: --yes submits without a question, --dry-run shows what would be submitted\n",
  ]);
  await box.ok(["submit", "many", "--yes", "--wait"], { cwd });
  deepEqual((await statusOf(box, cwd, "many")).counts, { completed: 21 });
});

Deno.test("a refused submission leaves nothing behind, and the next one works", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "big",
    "command: echo {params.x}\nargs: none\nparams: { x: 1 }\nresources: { gpus: 99 }\n",
  );
  const refused = await box.run(["submit", "big"], { cwd });
  equal(refused.code, 6, refused.err);
  deepEqual([...Deno.readDirSync(join(cwd, "generated_scripts", "big"))], []);
  writeExperiment(cwd, "big", "command: echo {params.x}\nargs: none\nparams: { x: 1 }\n");
  await box.ok(["submit", "big", "--wait"], { cwd });
});
