import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";

const OOM = "echo 'torch.OutOfMemoryError: CUDA out of memory.' >&2; exit 1";

// deno-lint-ignore no-explicit-any
type Json = any;

/** What the attempts of a run wrote into its folder. */
function trace(cwd: string, id: string, run: number): string {
  return Deno.readTextFileSync(join(cwd, "experiments", "runs", id, String(run), "trace"));
}

Deno.test("retry: a changed parameter makes children, and never touches the run that failed", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "exp",
    `command: "echo $EXPFLOW_ATTEMPT >> {run.dir}/trace; test {params.batch} -lt 200 || { ${OOM}; }"
args: none
params: { accumulation: 1 }
sweep: { grid: { batch: [64, 512], seed: [0, 1] } }
retry:
  cuda_oom: { times: 2, params: { batch: /2, accumulation: "*2" } }
`,
  );
  const { err } = await box.ok(["submit", "exp", "--wait"], { cwd });
  match(err, /retry of .* after cuda_oom: batch 512 → 256, accumulation 1 → 2, as /);
  const { runs } = await statusOf(box, cwd, "exp");
  const byIndex = (run: number) => runs.find((one: Json) => one.run === run);
  deepEqual(
    runs.map(({ state, params, parent, children = [], stages }: Json) => [
      params.batch,
      params.accumulation,
      state,
      parent === undefined ? undefined : byIndex(parent).params.batch,
      children.length,
      stages.train.attempt,
    ]).sort((a: Json, b: Json) => a[0] - b[0]),
    [
      [64, 1, "completed", undefined, 0, 1],
      [64, 1, "completed", undefined, 0, 1],
      [128, 4, "completed", 256, 0, 1],
      [128, 4, "completed", 256, 0, 1],
      [256, 2, "failed", 512, 1, 1],
      [256, 2, "failed", 512, 1, 1],
      [512, 1, "failed", undefined, 1, 1],
      [512, 1, "failed", undefined, 1, 1],
    ],
  );
  deepEqual(runs[7].retries.map(({ changes }: { changes: string[] }) => changes[0]), [
    "batch 512 → 256",
    "batch 256 → 128",
  ]);
  for (let run = 0; run < 8; run++) equal(trace(cwd, "exp", run), "1\n");
  const again = await box.ok(["submit", "exp"], { cwd });
  match(again.out, /nothing to submit/);
  match(again.err, /4 runs \(2, 3, 4, 5\) are retried as other runs/);
});

Deno.test("retry: more memory is the same run with a new attempt, until the cap", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "exp",
    `command: "echo $EXPFLOW_ATTEMPT >> {run.dir}/../trace.{run.index}; test $EXPFLOW_ATTEMPT -ge {params.ok} || kill -KILL $$"
args: none
resources: { mem: 100M }
sweep: { grid: { ok: [3, 9] } }
retry: { max_per_run: 2, host_oom: { times: 5, mem: x1.5 } }
`,
  );
  equal((await box.run(["submit", "exp", "--wait"], { cwd })).code, 1);
  const { runs } = await statusOf(box, cwd, "exp");
  deepEqual(runs.map((run: { state: string }) => run.state), ["completed", "failed"]);
  for (const [run, code] of [[0, "1\n2\n3\n"], [1, "1\n2\n3\n"]] as const) {
    equal(Deno.readTextFileSync(join(cwd, "experiments", "runs", "exp", `trace.${run}`)), code);
  }
  deepEqual(
    runs[0].retries.map(({ resources, attempt }: { resources: unknown; attempt: number }) => [
      resources,
      attempt,
    ]),
    [[{ mem: "150M" }, 2], [{ mem: "225M" }, 3]],
  );
  const script = join(cwd, "generated_scripts", "exp", "003", "train.0.sbatch");
  match(Deno.readTextFileSync(script), /^#SBATCH --mem=225M$/m);
  const { err, out } = await box.ok(["retry", "exp"], { cwd });
  match(out + err, /nothing to retry\n.*run 1: max_per_run \(2\) is used up/);
  const dry = await box.ok(["retry", "exp", "--failed", "--dry-run"], { cwd });
  match(dry.out, /retry of run 1 after host_oom\n/);
  ok(!existsSync(join(cwd, "generated_scripts", "exp", "004")));
  match(
    (await box.ok(["retry", "exp/1"], { cwd })).out,
    /retry of run 1 after host_oom \(exp\/004\)/,
  );
});

Deno.test("retry: nothing is retried unless asked, or while any of the run is in the queue", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(cwd, "plain", `command: "${OOM}"\nargs: none\n`);
  equal((await box.run(["submit", "plain", "--wait"], { cwd })).code, 1);
  match((await box.ok(["retry", "plain"], { cwd })).err, /`retry:` says nothing of cuda_oom/);
  writeExperiment(
    cwd,
    "busy",
    `stages: { train: "${OOM}", after: { command: sleep 300, after: { train: afterany } } }
args: none
retry: { cuda_oom: 1 }
`,
  );
  await box.ok(["submit", "busy"], { cwd });
  for (let tries = 0;; tries++) {
    const { runs: [run] } = await statusOf(box, cwd, "busy");
    if (run.stages.train.state === "failed" && run.stages.after.state === "running") break;
    ok(tries < 100);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  match((await box.ok(["retry", "busy", "--failed"], { cwd })).out, /nothing to retry/);
  match((await box.ok(["pump", "busy"], { cwd })).out, /nothing waits/);
  await box.ok(["cancel", "busy"], { cwd });
  writeExperiment(cwd, "gone", "command: sleep 300\nargs: none\nretry: { unknown: 3, lost: 3 }\n");
  await box.ok(["submit", "gone"], { cwd });
  await box.ok(["cancel", "gone"], { cwd });
  for (let tries = 0; (await statusOf(box, cwd, "gone")).counts.cancelled !== 1; tries++) {
    ok(tries < 100);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  match((await box.ok(["retry", "gone", "--failed"], { cwd })).out, /nothing to retry/);
});

Deno.test("retry: a completed run that left no required output is run again", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "exp",
    `command: "test $EXPFLOW_ATTEMPT = 1 || echo '{\\"loss\\": 1}' > {run.dir}/result.json"
args: none
harvest: result.json
retry: { no_output: 1 }
`,
  );
  await box.ok(["submit", "exp"], { cwd });
  for (let tries = 0;; tries++) {
    if ((await statusOf(box, cwd, "exp")).counts.completed === 1) break;
    ok(tries < 100);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  match((await box.ok(["why", "exp/0"], { cwd })).out, /it ended with 0, and left no output/);
  match(
    (await box.ok(["pump", "exp"], { cwd })).out,
    /retry of run 0 after no_output \(exp\/002\)/,
  );
  await box.ok(["submit", "exp", "--wait"], { cwd });
  match((await box.ok(["why", "exp/0"], { cwd })).out, /exp\/0: completed; nothing failed/);
});

const ROUNDS = 12;

Deno.test(`retry: killing the command line ${ROUNDS} times loses and doubles no retry`, async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  for (let round = 0; round < ROUNDS; round++) {
    const id = `kill${round}`;
    writeExperiment(
      cwd,
      id,
      `command: "echo $EXPFLOW_ATTEMPT >> {run.dir}/trace; test {params.batch} -lt 200 || { ${OOM}; }"
args: none
sweep: { grid: { batch: [256, 300, 258] } }
retry: { cuda_oom: { params: { batch: /2 } } }
`,
    );
    const victim = box.spawn(["submit", id, "--wait"], { cwd });
    const after = 300 + 2500 * round / ROUNDS;
    await new Promise((resolve) => setTimeout(resolve, after));
    try {
      victim.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await victim.output();
    const at = `round ${round}, killed after ${after.toFixed(0)} ms`;
    await box.ok(["submit", id, "--wait"], { cwd });
    const { runs } = await statusOf(box, cwd, id);
    deepEqual(
      runs.map(({ state, params }: Json) => [state, params.batch]).sort(),
      [
        ["completed", 128],
        ["completed", 129],
        ["completed", 150],
        ["failed", 256],
        ["failed", 258],
        ["failed", 300],
      ],
      at,
    );
    for (let run = 0; run < runs.length; run++) equal(trace(cwd, id, run), "1\n", at);
  }
});

Deno.test("retry: six command lines at once retry each run once", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "exp",
    `command: "echo $EXPFLOW_ATTEMPT >> {run.dir}/trace; test $EXPFLOW_ATTEMPT = 2 || { ${OOM}; }"
args: none
sweep: { grid: { x: [1, 2, 3, 4] } }
retry: { cuda_oom: 1 }
`,
  );
  await box.ok(["submit", "exp"], { cwd });
  for (let tries = 0;; tries++) {
    if ((await statusOf(box, cwd, "exp")).counts.failed === 4) break;
    ok(tries < 100);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const all = await Promise.all(
    Array.from({ length: 6 }, () => box.run(["retry", "exp"], { cwd })),
  );
  deepEqual(all.map(({ code }) => code), Array(6).fill(0), all.map(({ err }) => err).join());
  await box.ok(["submit", "exp", "--wait"], { cwd });
  const { submissions, runs } = await statusOf(box, cwd, "exp");
  deepEqual(submissions, ["001", "002"]);
  for (const { run, stages } of runs) {
    deepEqual([stages.train.state, stages.train.attempt], ["completed", 2]);
    equal(trace(cwd, "exp", run), "2\n");
  }
});
