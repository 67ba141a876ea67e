import { deepEqual, equal, match } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";

const SWEEP = "args: none\nsweep: { grid: { lr: [0.1, 0.2, 0.3], model: [r18, r50] } }\n";

async function states(box: Sandbox, cwd: string, id: string): Promise<[number, string][]> {
  const { runs } = await statusOf(box, cwd, id);
  return runs.map(({ run, state }: { run: number; state: string }) => [run, state]);
}

Deno.test("submit: a subset, a limit and states narrow what is run", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(cwd, "exp", `command: 'test {params.lr} != 0.2'\n${SWEEP}`);
  await box.run(["submit", "exp", "--subset", "lr == 0.2 or model == 'r50'", "--wait"], { cwd });
  deepEqual(await states(box, cwd, "exp"), [
    [1, "completed"],
    [2, "failed"],
    [3, "failed"],
    [5, "completed"],
  ]);
  const only = JSON.parse(
    (await box.ok(["submit", "exp", "--only", "failed", "--json"], { cwd })).out,
  );
  deepEqual(only.runs, [2, 3]);
  const rest = JSON.parse((await box.ok(["submit", "exp", "--limit", "1", "--json"], { cwd })).out);
  deepEqual(rest.runs, [0]);
});

Deno.test("submit: what no run has, or no state is, is a mistake that says so", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(cwd, "exp", `command: 'true'\n${SWEEP}`);
  const wrong = await box.run(["submit", "exp", "--subset", "rate > 0.1"], { cwd });
  equal(wrong.code, 2);
  match(
    wrong.err,
    /^error: Cannot use --subset "rate > 0.1": no run has rate\nhint: known: lr, model; /,
  );
  const state = await box.run(["submit", "exp", "--only", "faild"], { cwd });
  equal(state.code, 2);
  match(state.err, /expected a state\nhint: did you mean "failed"\?/);
});

Deno.test("submit --test-one: the others follow one that completed, and no other", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const command = (last: string) =>
    `command: 'echo $EXPFLOW_RUN >> ${join(box.root, "trace")}; ${last}'\n${SWEEP}`;
  await t.step("a failure stops it", async () => {
    writeExperiment(cwd, "bad", command("exit 3"));
    const { code, out, err } = await box.run(["submit", "bad", "--test-one"], { cwd });
    equal(code, 1);
    equal(out, "");
    match(err, /error: Not submitted: 5 other runs of bad, as this one failed\nbad\/0: /);
    deepEqual(await states(box, cwd, "bad"), [[0, "failed"]]);
  });
  await t.step("so does an output that is missing", async () => {
    writeExperiment(cwd, "empty", `${command("true")}harvest: { files: [metrics.json] }\n`);
    const { code, out } = await box.run(["submit", "empty", "--test-one", "--json"], { cwd });
    equal(code, 1);
    const { tested, left } = JSON.parse(out);
    deepEqual([tested.failure.diagnosis.class, left], ["no_output", 5]);
  });
  await t.step("a good one is not run twice", async () => {
    const trace = join(box.root, "trace");
    if (existsSync(trace)) Deno.removeSync(trace);
    writeExperiment(cwd, "good", command("true"));
    const { err } = await box.ok(["submit", "good", "--test-one", "--force", "--wait"], { cwd });
    match(err, /^tested: run 0 of good completed$/m);
    const runs = Deno.readTextFileSync(trace).trim().split("\n").sort();
    deepEqual(runs, ["0", "1", "2", "3", "4", "5"]);
  });
});

Deno.test("submit --test-one: what is wrong with one experiment does not keep the others", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(cwd, "good", `command: 'true'\n${SWEEP}`);
  writeExperiment(cwd, "wrong", `command: 'true'\nlauncher: srun\n${SWEEP}`);
  const { code, err } = await box.run(["submit", "good", "wrong", "--test-one", "--wait", "-y"], {
    cwd,
  });
  equal(code, 6);
  match(err, /^error: Cannot submit wrong: its stage train has launcher: srun/m);
  equal((await states(box, cwd, "good")).length, 6);
});

Deno.test("submit --wait of some runs is about these: what failed before does not count", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(cwd, "exp", `command: 'test {params.lr} != 0.2'\n${SWEEP}`);
  const failed = await box.run(["submit", "exp", "--subset", "lr == 0.2", "--wait"], { cwd });
  equal(failed.code, 1);
  match(failed.out, /^exp: 2 failed$/m);
  const good = await box.ok(["submit", "exp", "--subset", "lr == 0.1", "--wait"], { cwd });
  match(good.out, /^exp: 2 completed$/m);
  const again = await box.ok(["submit", "exp", "--subset", "lr == 0.1", "--wait"], { cwd });
  match(again.out, /^exp: 2 completed$/m);
  const args = ["submit", "exp", "--only", "planned", "--limit", "2", "--test-one", "--wait"];
  match((await box.ok(args, { cwd })).out, /^exp: 2 completed$/m);
});
