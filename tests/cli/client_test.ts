import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { CLIENTS } from "../../lib/client/clients.gen.ts";
import { rowsOf } from "../client/session.ts";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";

const PYTHON = `import sys, time
import expflow
given = expflow.params()
start = expflow.latest_checkpoint()
done = int(open(start).read()) if start else 0
for epoch in range(done + 1, given["epochs"] + 1):
    expflow.should_stop()
    time.sleep(given["seconds"])
    expflow.log(epoch, {"loss": 1 / epoch}, attempt_of=epoch * 1.0)
    with expflow.save_checkpoint(epoch=epoch) as path:
        with open(path, "w") as file:
            file.write(str(epoch))
    if expflow.should_stop() and epoch < given["epochs"]:
        sys.exit(3)
expflow.save_artifact(__file__, "code/train.py")
`;

const DENO = `import * as expflow from "./expflow.ts";
const given = expflow.params({ epochs: 0, seconds: 0 });
const start = expflow.latestCheckpoint();
for (let epoch = start ? Number(Deno.readTextFileSync(start)) + 1 : 1; epoch <= given.epochs; epoch++) {
  await expflow.shouldStop();
  await new Promise((resolve) => setTimeout(resolve, given.seconds * 1000));
  expflow.log(epoch, { loss: 1 / epoch, attempt_of: epoch });
  await expflow.saveCheckpoint({ epoch }, (path) => Deno.writeTextFile(path, String(epoch)));
  if (await expflow.shouldStop() && epoch < given.epochs) Deno.exit(3);
}
await expflow.saveArtifact(new URL(import.meta.url).pathname, "code/train.py");
`;

const SCRIPTS = {
  python: { name: "train.py", text: PYTHON, command: "python3 train.py" },
  deno: {
    name: "train.ts",
    text: DENO,
    command: `${Deno.execPath()} run -A --no-config --cached-only train.ts`,
  },
};

/** A project with a program and the client beside it, as a user gets it. */
async function projectWith(box: Sandbox, language: keyof typeof SCRIPTS): Promise<string> {
  const cwd = await box.project();
  const { name, text } = SCRIPTS[language];
  Deno.writeTextFileSync(join(cwd, name), text);
  await box.ok(["client", language, "--output", "."], { cwd });
  return cwd;
}

for (const [language, { command }] of Object.entries(SCRIPTS)) {
  const cases = { requeue: "USR1", resubmit: "USR2" };
  for (const [resume, signal] of Object.entries(cases)) {
    Deno.test(`a ${language} program is warned by ${signal}, goes on by ${resume}, and is harvested`, async () => {
      await using box = new Sandbox();
      const cwd = await projectWith(box, language as keyof typeof SCRIPTS);
      writeExperiment(
        cwd,
        "long",
        `command: ${command}
args: none
params: { epochs: 10, seconds: 0.5 }
resources: { time: "0:05", signal: ${signal}@3 }
resume: ${resume}
checkpoint: ckpt
`,
      );
      await box.ok(["submit", "long", "--wait"], { cwd });
      const { runs: [run] } = await statusOf(box, cwd, "long");
      ok(run.stages.train.attempt > 1, JSON.stringify(run.stages));
      const folder = join(cwd, "experiments", "runs", "long", "0");
      const steps = rowsOf(join(folder, "metrics.jsonl")).map(({ step }) => step);
      deepEqual(steps, Array.from({ length: 10 }, (_, at) => at + 1));
      const [report] = JSON.parse((await box.ok(["harvest", "long", "--json"], { cwd })).out);
      const [record] = report.records;
      deepEqual(record.metrics.loss, {
        last: 0.1,
        best: 0.1,
        bestStep: 10,
        direction: "min",
        source: "metrics.jsonl",
      });
      deepEqual(record.problems, []);
      const paths = record.artifacts.map(({ path }: { path: string }) => path);
      ok(paths.includes("artifacts/code/train.py") && paths.includes("ckpt/epoch=10.ckpt"), paths);
    });
  }
}

Deno.test("a program that is cancelled saves, and resume goes on from there", async () => {
  await using box = new Sandbox();
  const cwd = await projectWith(box, "python");
  writeExperiment(
    cwd,
    "exp",
    "command: python3 train.py\nargs: none\nparams: { epochs: 6, seconds: 0.4 }\ncheckpoint: ckpt\n",
  );
  await box.ok(["submit", "exp"], { cwd });
  const metrics = join(cwd, "experiments", "runs", "exp", "0", "metrics.jsonl");
  for (let tries = 0; !isWritten(metrics); tries++) {
    ok(tries < 600, "no metrics");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await box.ok(["cancel", "exp"], { cwd });
  for (let tries = 0; (await statusOf(box, cwd, "exp")).counts.cancelled !== 1; tries++) {
    ok(tries < 100, "not cancelled");
  }
  const before = rowsOf(metrics).length;
  ok(before < 6, `${before} epochs`);
  await box.ok(["resume", "exp"], { cwd });
  for (let tries = 0; (await statusOf(box, cwd, "exp")).counts.completed !== 1; tries++) {
    ok(tries < 100, "not completed");
  }
  deepEqual(rowsOf(metrics).map(({ step }) => step), [1, 2, 3, 4, 5, 6]);
});

function isWritten(path: string): boolean {
  try {
    return Deno.statSync(path).size > 0;
  } catch {
    return false;
  }
}

Deno.test("client writes the file it prints, and no other's", async (t) => {
  await using box = new Sandbox();
  const cwd = box.root;
  for (const [language, { file, text }] of Object.entries(CLIENTS)) {
    await t.step(language, async () => {
      equal((await box.ok(["client", language])).out, text);
      equal((await box.ok(["client", language, "-o", "."], { cwd })).out, `${join(cwd, file)}\n`);
      equal(Deno.readTextFileSync(join(cwd, file)), text);
      Deno.writeTextFileSync(join(cwd, file), text.replace("metrics", "METRICS"));
      const { out } = await box.ok(["client", language, "-o", `lib/${file}`, "--json"], { cwd });
      deepEqual(JSON.parse(out), { language, path: join(cwd, "lib", file) });
      await box.ok(["client", language, "-o", file], { cwd });
      equal(Deno.readTextFileSync(join(cwd, file)), text, "an older client is replaced");
      const json = JSON.parse((await box.ok(["client", language, "--json"])).out);
      deepEqual(json, { language, file, text });
    });
  }
  await t.step("another file is left alone", async () => {
    Deno.writeTextFileSync(join(cwd, "mine.py"), "mine\n");
    const { code, err } = await box.run(["client", "python", "-o", "mine.py"], { cwd });
    equal(code, 5);
    match(err, /^error: Cannot write .*mine.py: another file is there\nhint: /);
    equal(Deno.readTextFileSync(join(cwd, "mine.py")), "mine\n");
  });
  await t.step("another language is none", async () => {
    const { code, err } = await box.run(["client", "ruby"]);
    equal(code, 2);
    match(err, /^error: Cannot write a client for "ruby"\nhint: there is one for python and one/);
  });
});
