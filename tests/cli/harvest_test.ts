import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { sha256 } from "../../lib/core/fingerprint.ts";
import type { HarvestReport } from "../../lib/manager/harvest.ts";
import { Sandbox, writeExperiment } from "./harness.ts";

const PROGRAM = [
  "command: |",
  '  cd "$EXPFLOW_RUN_DIR" && mkdir -p ckpt .hydra',
  '  echo \'{"step": 1, "loss": 0.5}\' >metrics.jsonl',
  '  echo \'{"step": 2, "loss": 0.75}\' >>metrics.jsonl',
  "  echo weights >ckpt/epoch=1.ckpt",
  "  echo 'lr: 0.1' >.hydra/config.yaml",
  "args: none",
  "resources: { mem: 100M }",
  "sweep: { grid: { lr: [0.1, 0.2] } }",
  "",
].join("\n");

/** A run's folder as it would be long after the run: its files are too old to be in doubt. */
function age(folder: string, seconds: number): void {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) age(path, seconds);
    else Deno.utimeSync(path, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);
  }
}

async function harvested(box: Sandbox, cwd: string): Promise<HarvestReport> {
  const [report] = JSON.parse((await box.ok(["harvest", "exp1", "--json"], { cwd })).out);
  return report;
}

Deno.test("harvest makes records, a table and curves, and reads again only what changed", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(cwd, "exp1", PROGRAM);
  writeExperiment(cwd, "exp10", PROGRAM.replaceAll("0.5", "9").replaceAll("0.75", "9"));
  await box.ok(["submit", "exp1", "exp10", "--wait"], { cwd });
  const run = (index: number) => join(cwd, "experiments", "runs", "exp1", String(index));
  for (const index of [0, 1]) age(run(index), 60);

  await t.step("a record says what, how and from what", async () => {
    const { records, read, notes, problems } = await harvested(box, cwd);
    equal(read, 2);
    deepEqual(notes, [
      "read: jsonl (2 runs), hydra (2 runs); harvest: declares nothing, so the usual files",
    ]);
    deepEqual(problems, [
      "run 1: lr: the run was given 0.2, the program's files say 0.1",
    ]);
    const [first] = records;
    deepEqual(first!.metrics.loss, {
      last: 0.75,
      best: 0.5,
      bestStep: 1,
      direction: "min",
      source: "metrics.jsonl",
    });
    deepEqual(first!.artifacts, [{
      path: "ckpt/epoch=1.ckpt",
      bytes: 8,
      checkpoint: true,
      sha256: sha256("weights\n"),
    }]);
    deepEqual([first!.reported, first!.resources?.train?.mem], [{ lr: 0.1 }, "100M"]);
  });
  await t.step("nothing new: no file is read, and nothing is written", async () => {
    const path = join(cwd, "experiments", "results", "exp1.jsonl");
    const before = Deno.statSync(path).ino;
    const { read, notes, records } = await harvested(box, cwd);
    equal(read, 0);
    equal(notes[1], "2 runs unchanged since the last harvest");
    equal(records[0]!.metrics.loss!.last, 0.75);
    equal(Deno.statSync(path).ino, before);
  });
  await t.step("a changed file is read again, the other run is not", async () => {
    Deno.writeTextFileSync(join(run(1), "metrics.jsonl"), '{"step": 3, "loss": 0.25}\n');
    age(run(1), 30);
    const { read, records } = await harvested(box, cwd);
    deepEqual([read, records[1]!.metrics.loss!.last], [1, 0.25]);
  });
  await t.step("a file that is seconds old is read each time", async () => {
    Deno.writeTextFileSync(join(run(1), "metrics.jsonl"), '{"step": 3, "loss": 0.125}\n');
    deepEqual([(await harvested(box, cwd)).read, (await harvested(box, cwd)).read], [1, 1]);
    age(run(1), 20);
    await harvested(box, cwd);
  });
  await t.step("another harvest: block reads everything again", async () => {
    const harvest =
      "harvest: { files: metrics.jsonl, artifacts: ['ckpt/*'], direction: { loss: max } }\n";
    writeExperiment(cwd, "exp1", PROGRAM + harvest);
    const { read, records, problems } = await harvested(box, cwd);
    deepEqual([read, records[0]!.metrics.loss!.best, problems], [2, 0.75, []]);
  });
  await t.step(
    "a broken memory, and records of another hand, cost a full harvest only",
    async () => {
      Deno.writeTextFileSync(join(cwd, ".expflow", "harvested", "exp1.json"), "{");
      equal((await harvested(box, cwd)).read, 2);
      Deno.writeTextFileSync(join(cwd, "experiments", "results", "exp1.jsonl"), "");
      const { read, records } = await harvested(box, cwd);
      deepEqual([read, records.length], [2, 2]);
    },
  );
  await t.step("results.parquet has every experiment", async () => {
    await box.ok(["harvest", "exp10"], { cwd });
    const file = await asyncBufferFromFile(join(cwd, "experiments", "results", "results.parquet"));
    const rows = await parquetReadObjects({ file });
    deepEqual(
      rows.map((row) => [row.experiment, row.run, row["params.lr"], row["metrics.loss"]]),
      [["exp1", 0, 0.1, 0.75], ["exp1", 1, 0.2, 0.125], ["exp10", 0, 0.1, 9], ["exp10", 1, 0.2, 9]],
    );
    ok(rows[0]!.started instanceof Date);
  });
  await t.step("--curves has every point", async () => {
    const { err } = await box.ok(["harvest", "exp1", "--curves"], { cwd });
    match(err, /3 points in .*exp1\.curves\.parquet/);
    const file = await asyncBufferFromFile(
      join(cwd, "experiments", "results", "exp1.curves.parquet"),
    );
    const rows = await parquetReadObjects({ file });
    deepEqual(rows.map(({ run, metric, step, value }) => [run, metric, step, value]), [
      [0, "loss", 1, 0.5],
      [0, "loss", 2, 0.75],
      [1, "loss", 3, 0.125],
    ]);
  });
});
