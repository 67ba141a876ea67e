import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Ended, git, Sandbox, writeExperiment } from "./harness.ts";

const TRAIN = 'echo "{\\"loss\\": $1, \\"code\\": \\"committed\\"}" > "$2/result.json"\n';
const CHANGED = TRAIN.replace("committed", "uncommitted");

/** A project, and beside it a repository whose code says in its results which version ran. */
class Lab extends Sandbox {
  readonly code = join(this.root, "code");
  cwd = "";

  /** Runs four points with `code` as the work tree has it. */
  async start(code: string, more = ""): Promise<void> {
    this.cwd = await this.project();
    Deno.mkdirSync(this.code);
    await git(this.code, "init", "-q");
    this.writeCode(TRAIN);
    Deno.writeTextFileSync(join(this.code, "uv.lock"), "torch 2.1\n");
    Deno.writeTextFileSync(join(this.code, ".gitignore"), "data\n");
    await git(this.code, "add", ".");
    await git(this.code, "commit", "-qm", "first");
    if (code !== TRAIN) this.writeCode(code);
    writeExperiment(
      this.cwd,
      "exp",
      `workdir: ${this.code}
command: bash train.sh {params.lr} {run.dir}
args: none
sweep: { grid: { lr: [0.5, 0.25] }, seeds: [7, 8] }
${more}`,
    );
    await this.ok(["submit", "exp", "--wait"], { cwd: this.cwd });
  }

  writeCode(text: string): void {
    Deno.writeTextFileSync(join(this.code, "train.sh"), text);
  }

  async reproduce(...args: string[]): Promise<Ended> {
    return await this.run(["reproduce", "exp/3", ...args], { cwd: this.cwd });
  }

  submission(...names: string[]): string {
    return join(this.cwd, "generated_scripts", "exp", "001", ...names);
  }

  result(id: string, run = 0) {
    const path = join(this.cwd, "experiments", "runs", id, String(run), "result.json");
    return JSON.parse(Deno.readTextFileSync(path));
  }
}

Deno.test("reproduce: the code of then, whatever the work tree has now", async (t) => {
  await using box = new Lab();
  await box.start(CHANGED);
  Deno.writeTextFileSync(join(box.code, "train.sh"), "exit 1\n");
  Deno.writeTextFileSync(join(box.code, "mine.txt"), "mine\n");
  const tree = await git(box.code, "status", "--porcelain");
  const original = Deno.readTextFileSync(box.submission("plan.json"));

  await t.step("a dry run says what would be done, and writes nothing", async () => {
    const { code, out, err } = await box.reproduce("--dry-run");
    equal(code, 0, err);
    match(out, /run: exp\/3\n {2}submission: "001"/);
    match(err, /^restored: code: commit [0-9a-f]{12} with the changes that were recorded$/m);
    ok(!existsSync(join(box.cwd, "experiment_configs", "exp-3-again.yaml")));
  });
  await t.step("--verify: equal metrics, an identity of its own", async () => {
    const { code, out, err } = await box.reproduce("--verify");
    equal(code, 0, out + err);
    match(err, /^restored: seed: 8$/m);
    ok(!err.includes("not restored"), err);
    match(out, /^loss +0.25 +0.25 +0 +equal$/m);
    deepEqual(box.result("exp-3-again"), { loss: 0.25, code: "uncommitted" });
    const { out: records } = await box.ok(["results", "query", "--json"], { cwd: box.cwd });
    // deno-lint-ignore no-explicit-any
    const again = JSON.parse(records).filter(({ reproduces }: any) => reproduces);
    deepEqual(
      // deno-lint-ignore no-explicit-any
      again.map((one: any) => [one.experiment, one.run, one.seed, one.reproduces]),
      [["exp-3-again", 0, 8, "exp/3"]],
    );
  });
  await t.step("submitted again, it still is the code of then", async () => {
    await box.ok(["submit", "exp-3-again", "--force", "--wait"], { cwd: box.cwd });
    equal(box.result("exp-3-again").code, "uncommitted");
  });
  await t.step("a second one is another experiment", async () => {
    const { out, err } = await box.reproduce();
    match(out, /^exp-3-again2: exp\/3 again, job /, err);
    match((await box.reproduce("--as", "exp")).err, /^error: Cannot create the experiment exp: /m);
  });
  await t.step("work tree and original are as they were", async () => {
    equal(await git(box.code, "status", "--porcelain"), tree);
    equal(Deno.readTextFileSync(join(box.code, "train.sh")), "exit 1\n");
    equal(Deno.readTextFileSync(box.submission("plan.json")), original);
    equal((await box.ok(["status", "exp", "--json"], { cwd: box.cwd })).code, 0);
  });
});

Deno.test("reproduce: where the code is to be had from", async (t) => {
  await using box = new Lab();
  await box.start(CHANGED);
  const kept = box.submission("code");
  const diff = box.submission("code.diff");

  await t.step("the commit is gone: from the snapshot, exactly", async () => {
    Deno.renameSync(join(box.code, ".git"), join(box.root, "history"));
    const { code, out, err } = await box.reproduce("--verify", "--as", "kept");
    equal(code, 0, out + err);
    ok(!err.includes("not restored: code"), err);
    equal(box.result("kept").code, "uncommitted");
  });
  await t.step("the snapshot was changed: it says so", async () => {
    Deno.writeTextFileSync(join(kept, "other.sh"), "");
    const { code, err } = await box.reproduce("--as", "touched");
    equal(code, 0, err);
    match(err, /^not restored: code: its files are not those that were recorded: tree /m);
  });
  await t.step("neither commit nor snapshot: an error, and nothing is left", async () => {
    Deno.renameSync(kept, `${kept}.away`);
    const { code, err } = await box.reproduce("--as", "none");
    equal(code, 4, err);
    match(err, /^error: Cannot restore the code of exp\/001: .* has no commit .* no code\/$/m);
    ok(!existsSync(join(box.cwd, "experiment_configs", "none.yaml")));
  });
  await t.step("the commit alone: what was changed in it is lost, and said", async () => {
    Deno.renameSync(join(box.root, "history"), join(box.code, ".git"));
    Deno.removeSync(diff);
    const { code, out, err } = await box.reproduce("--verify", "--as", "alone");
    equal(code, 1, out + err);
    match(err, /^not restored: code: changes to commit [0-9a-f]{12} were not recorded, or are/m);
    match(out, /^code +uncommitted +committed +– +different$/m);
    equal(box.result("alone").code, "committed");
  });
});

Deno.test("reproduce: what else cannot be restored is said", async () => {
  await using box = new Lab();
  const data = join(box.root, "data.csv");
  Deno.writeTextFileSync(data, "1\n");
  Deno.mkdirSync(join(box.root, "venv", "bin"), { recursive: true });
  Deno.writeTextFileSync(join(box.root, "venv", "bin", "activate"), "");
  await box.start(
    TRAIN,
    `snapshot: off
params: { data_path: ${data} }
environment: { venv: ${join(box.root, "venv")} }
`,
  );
  const later = new Date(Date.now() + 10_000);
  Deno.utimeSync(data, later, later);
  Deno.removeSync(join(box.root, "venv"), { recursive: true });
  Deno.writeTextFileSync(
    join(box.cwd, ".hpc_config.yaml"),
    "defaults: { resources: { comment: new } }\n",
    { append: true },
  );
  Deno.writeTextFileSync(join(box.code, "uv.lock"), "torch 2.2\n");
  const { err } = await box.reproduce("--dry-run");
  for (
    const line of [
      /^not restored: code: it was not kept \(snapshot: off\): what is there now is run$/m,
      /^not restored: data: params.data_path: .*data.csv was changed after the original/m,
      /^not restored: lock file uv.lock: was \w+, is \w+: other versions of packages/m,
      /^not restored: stages.train.resources.comment: was none, is "new": the project's/m,
      /^not restored: venv of train: .*venv is not there any more$/m,
    ]
  ) match(err, line);
});

Deno.test("reproduce --verify: a run that is another each time is different", async () => {
  await using box = new Lab();
  await box.start('echo "{\\"time\\": $(date +%N | sed s/^0*//)}" > "$2/result.json"\n');
  const { code, out } = await box.reproduce("--verify", "--json");
  equal(code, 1);
  const { verification } = JSON.parse(out);
  deepEqual(
    // deno-lint-ignore no-explicit-any
    verification.metrics.map((one: any) => [one.name, one.verdict]),
    [["time", "different"]],
  );
  const loose = await box.reproduce("--verify", "--tolerance", "1");
  equal(loose.code, 0, loose.out);
  match((await box.reproduce("--tolerance", "much")).err, /Cannot use the tolerance "much"/);
});

Deno.test("reproduce: a run that was never submitted cannot be", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(cwd, "exp", "command: echo\n");
  const { code, err } = await box.run(["reproduce", "exp/0"], { cwd });
  equal(code, 4, err);
});
