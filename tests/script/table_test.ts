import assert from "node:assert/strict";
import type { ScriptRun } from "../../lib/script/model.ts";
import { exists } from "../../lib/system/files.ts";
import { type Lab, withLab } from "./harness.ts";

const FILLING = "x".repeat(200);

function runs(count: number): ScriptRun[] {
  return Array.from({ length: count }, (_, i) => ({
    index: i * 10,
    attempt: i === 3 ? 4 : 1,
    params: { n: i, filling: FILLING },
  }));
}

function write(lab: Lab, count: number): string {
  return lab.write({
    command: 'echo "{params.n} $EXPFLOW_ATTEMPT"',
    array: true,
    runs: runs(count),
  });
}

function task(id: number, job = 1): Record<string, string> {
  return { SLURM_ARRAY_JOB_ID: String(job), SLURM_ARRAY_TASK_ID: String(id) };
}

Deno.test("few values are embedded, many are in a table", async (t) => {
  for (const [count, inTable] of [[50, false], [5000, true]] as const) {
    await t.step(`${count} runs`, () =>
      withLab(async (lab) => {
        const script = write(lab, count);
        assert.equal(exists(lab.at("train.0.table")), inTable);
        for (const i of [0, 1, 3, 10, count - 1]) {
          const { stdout, stderr } = await lab.run(script, task(i * 10));
          assert.equal(stdout, `${i} ${i === 3 ? 4 : 1}\n`, stderr);
        }
        const { code, stderr } = await lab.run(script, task(5));
        assert.deepEqual([code, stderr], [78, "expflow: This script holds no run 5\n"]);
      }));
  }
});

Deno.test("another table than the one submitted stops the job", async (t) => {
  const changes: [name: string, change: (path: string) => void][] = [
    ["changed", (path) => Deno.writeTextFileSync(path, " ", { append: true })],
    ["cut", (path) => Deno.truncateSync(path, 1000)],
    ["gone", (path) => Deno.removeSync(path)],
  ];
  for (const [name, change] of changes) {
    await t.step(name, () =>
      withLab(async (lab) => {
        const script = write(lab, 500);
        change(lab.at("train.0.table"));
        const { code, stdout, stderr } = await lab.run(script, task(30));
        assert.equal(code, 78);
        assert.equal(stdout, "");
        assert.match(stderr, /^expflow: The table of values is not the one that was submitted/);
        assert.deepEqual(lab.events(), ["30.train.4.mismatch.78", "30.train.4.start.0"]);
        assert.equal(exists(lab.at("runs")), false);
      }));
  }
});

Deno.test("a table is checked with shasum where there is no sha256sum", () =>
  withLab(async (lab) => {
    const script = write(lab, 500);
    Deno.mkdirSync(lab.at("bin"));
    for (const name of ["bash", "date", "mkdir", "ln", "readlink", "sleep", "mv"]) {
      Deno.symlinkSync(`/bin/${name}`, lab.at("bin", name));
    }
    const sum = `#!/bin/bash\nPATH=/bin:/usr/bin\nexec sha256sum\n`;
    Deno.writeTextFileSync(lab.at("bin", "shasum"), sum, { mode: 0o755 });
    const reply = await lab.run(script, { ...task(10), PATH: lab.at("bin") });
    assert.deepEqual([reply.code, reply.stdout], [0, "1 1\n"], reply.stderr);
  }));
