import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { DrExpFolder, fillSweep } from "../imports/dr_exp_folder.ts";
import { Sandbox } from "./harness.ts";
import { canTrace, changesIn, killedAt, kindOf, litterIn, sample, traced } from "./strace.ts";
import { copyProject, listing } from "./trees.ts";

Deno.test("expflow import dr_exp: results are shown with their source, and the rest is submitted", async () => {
  await using box = new Sandbox();
  using dr = new DrExpFolder();
  fillSweep(dr);
  const cwd = await box.project();
  const dry = await box.ok(["import", "dr_exp", dr.root, "--dry-run"], { cwd });
  match(dry.out, /^resnet: 2 completed, 1 failed, 1 queued, 1 unknown; 5 points; new file$/m);
  match(dry.err, /nothing was written/);
  const first = await box.ok(["import", "dr_exp", dr.root], { cwd });
  equal(first.out, dry.out);
  match(first.err, /^warning: resnet: a3: dr_exp says running, by gpu01-3: .*unknown$/m);
  match(first.err, /expflow ran none of it/);

  const refused = await box.run(["submit", "resnet"], { cwd });
  equal(refused.code, 3);
  match(refused.err, /resnet.yaml: Cannot run resnet: it has no command/);
  match((await box.ok(["list"], { cwd })).out, /resnet +not submitted; in dr_exp: 2 completed/);
  match((await box.ok(["status", "resnet"], { cwd })).out, /not submitted; in dr_exp: 2 completed/);
  const query = await box.ok(["results", "query", "--where", "imported = 'dr_exp'"], { cwd });
  match(query.out, /^ +1 +completed +0.01 +0.9300/m);
  match(query.err, /imported from dr_exp, not run by expflow: 4 of 4 runs/);
  for (const view of [["stats"], ["table", "--rows", "lr", "--metric", "acc"]]) {
    match(
      (await box.ok(["results", ...view], { cwd })).err,
      /imported from dr_exp/,
      view.join(" "),
    );
  }
  await box.ok(["export", "out.csv"], { cwd });
  const [head, row] = Deno.readTextFileSync(join(cwd, "out.csv")).split("\n");
  match(head!, /,imported,imported_id$/);
  match(row!, /^resnet,0,completed,.*,dr_exp,a0$/);
  await box.ok(["export", "out.md"], { cwd });
  match(Deno.readTextFileSync(join(cwd, "out.md")), /not run by expflow: 4 of 4 runs/);
  const compare = await box.ok(["results", "compare", "resnet/0", "resnet/1"], { cwd });
  match(compare.out, /not run by expflow: 2 of 2 runs/);
  await box.ok(["plot", "curves", "resnet", "--metric", "acc", "--out", "acc.svg"], { cwd });
  match(
    (await box.run(["harvest", "resnet"], { cwd })).err,
    /its results in dr_exp are there already/,
  );

  const again = await box.ok(
    [
      "import",
      "dr_exp",
      dr.root,
      "--command",
      "echo '{\"acc\": 1}' > {run.dir}/result.json; : {args}",
    ],
    { cwd },
  );
  match(again.out, /file written anew/);
  const submitted = await box.ok(["submit", "resnet", "--wait", "--json"], { cwd });
  deepEqual(JSON.parse(submitted.out).counts, { completed: 1 });
  match(submitted.err, /4 runs \(0, 1, 2, 3\) are imported: another tool ran them/);
  await box.ok(["harvest", "resnet"], { cwd });
  const all = JSON.parse((await box.ok(["results", "query", "--json"], { cwd })).out);
  deepEqual(
    all.map((one: { run: number; imported?: { id: string } }) => [one.run, one.imported?.id]),
    [[0, "a0"], [1, "a1"], [2, "a2"], [3, "a3"], [4, undefined]],
  );
  const third = await box.ok(["import", "dr_exp", dr.root, "--json"], { cwd });
  equal(JSON.parse(third.out).experiments[0].changed, false);
  await box.ok(["submit", "resnet", "--only", "failed", "--wait"], { cwd });
  await box.ok(["harvest", "resnet"], { cwd });
  const rerun = JSON.parse((await box.ok(["results", "query", "--json"], { cwd })).out);
  deepEqual([rerun[2].state, rerun[2].imported], ["completed", undefined]);
});

Deno.test("expflow import: an experiment of that name stays, and the others are imported", async () => {
  await using box = new Sandbox();
  using dr = new DrExpFolder();
  fillSweep(dr);
  dr.job("b0", { experiment: "../x\n" });
  const cwd = await box.project();
  await box.ok(["new", "resnet"], { cwd });
  const { code, out, err } = await box.run(["import", "dr_exp", dr.root], { cwd });
  equal(code, 5);
  match(out, /^x-[0-9a-f]{8} \("..\/x\\n" there\): 1 queued/);
  match(err, /error: Cannot import "resnet" as resnet: there is an experiment of this name/);
  match(err, /hint: --prefix/);
  const wrong = await box.run(["import", "dr_exp", cwd], { cwd });
  equal(wrong.code, 4);
  match(wrong.err, /Cannot import from .*: it has no folder jobs/);
});

Deno.test("expflow import: what is killed anywhere and done again is the same as done once", {
  ignore: !canTrace,
}, async (t) => {
  await using box = new Sandbox();
  using dr = new DrExpFolder();
  fillSweep(dr);
  dr.job("b0", { experiment: "other", status: "completed", final_metrics: { acc: 1 } });
  const base = await box.project();
  const args = ["import", "dr_exp", dr.root];
  const folders = (cwd: string) =>
    ["experiment_configs", "experiments/imported", "experiments/results"]
      .map((name) => join(cwd, name));
  const whole = join(box.scratch, "whole");
  copyProject(base, whole);
  const log = join(box.root, "whole.log");
  const { success } = await box.spawn(args, { cwd: whole, before: traced(log) }).output();
  ok(success);
  const expected = listing(whole, folders(whole), false);
  const points = sample(changesIn(log, whole), 12);
  ok(points.length >= 12, `${points.length} calls`);
  const places = new Set<string>();
  for (const [at, call] of points.entries()) {
    await t.step(`${call.name} ${call.nth}`, async () => {
      const cwd = join(box.scratch, `killed${at}`);
      copyProject(base, cwd);
      const killed = join(box.root, `killed${at}.log`);
      await box.spawn(args, { cwd, before: traced(killed, call) }).output();
      const line = killedAt(killed);
      if (line !== undefined) places.add(kindOf(line));
      await box.ok(args, { cwd });
      deepEqual(listing(cwd, folders(cwd), false), expected);
      deepEqual(litterIn(cwd), []);
    });
  }
  ok(places.size >= 6, `killed at ${[...places].join(", ")}`);
});
