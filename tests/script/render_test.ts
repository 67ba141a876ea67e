/** Whole scripts, as people will read them. `deno test -A tests/script/render_test.ts -- --update` */
import assert from "node:assert/strict";
import { ConfigError, UsageError } from "../../lib/core/errors.ts";
import type { ScriptModel } from "../../lib/script/model.ts";
import { renderScript } from "../../lib/script/render.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import { BASH, modelIn, NOTHING } from "./harness.ts";

const PROJECT = "/scratch/me/digits";
const PATHS = {
  workdir: `${PROJECT}/generated_scripts/cnn/0001/code`,
  runs: `${PROJECT}/experiments/runs/cnn`,
  state: `${PROJECT}/experiments/state/cnn/0001`,
  log: `${PROJECT}/experiments/logs/cnn/0001/train.%a`,
  table: `${PROJECT}/generated_scripts/cnn/0001/train.0.table`,
};

const GOLDEN: Record<string, Partial<ScriptModel>> = {
  "train.sbatch": {
    experiment: "cnn",
    jobName: "cnn.train.0-1f3a9c2e",
    command: "cd src\npython train.py --out {run.dir}/checkpoints",
    args: "argparse",
    array: true,
    paths: PATHS,
    runs: [0.1, 0.01].flatMap((lr, i) =>
      [0, 1].map((seed) => ({
        index: i * 2 + seed,
        attempt: 1,
        params: { model: "it's a cnn", optim: { lr }, seed },
      }))
    ),
    resources: { time: "2h", gpus: 1, cpus_per_task: 8, mem: "32G", max_parallel: 2 },
    environment: {
      ...NOTHING,
      modules: ["cuda/12.1"],
      conda: "torch",
      env: { OMP_NUM_THREADS: "8" },
      secrets: { WANDB_API_KEY: "~/.wandb_key" },
    },
  },
  "eval.sbatch": {
    experiment: "cnn",
    stage: "eval",
    jobName: "cnn.eval.1-1f3a9c2e",
    command: "python eval.py run.dir={run.dir} {args} 2>&1 | tee {run.dir}/eval.log",
    args: "hydra",
    after: [{ stage: "train", type: "afterok", events: `${PATHS.state}/events` }],
    fresh: false,
    paths: { ...PATHS, log: `${PROJECT}/experiments/logs/cnn/0001/eval.3` },
    runs: [{ index: 3, attempt: 2, params: { model: "it's a cnn", layers: [64, 32], seed: 1 } }],
    resources: { time: "30", gpus: 1, gpu_type: "a100", signal: "USR2@60" },
    environment: {
      ...NOTHING,
      container: { image: "torch.sif", overlays: ["env.ext3"], binds: [] },
      setup: ["source /ext3/env.sh"],
    },
  },
  "pack.sbatch": {
    experiment: "cnn",
    jobName: "cnn.train.0-1f3a9c2e",
    command: "python train.py",
    args: "argparse",
    array: true,
    paths: { ...PATHS, log: `${PROJECT}/experiments/logs/cnn/0001/train.job-%a` },
    runs: [0, 1, 2, 3, 4, 5, 7].map((index) => ({
      index,
      attempt: index === 5 ? 2 : 1,
      params: { seed: index },
    })),
    pack: {
      atOnce: 2,
      tasks: [{ task: 0, runs: [0, 1, 2, 3] }, { task: 4, runs: [4, 5, 7] }],
      log: `${PROJECT}/experiments/logs/cnn/0001/train`,
    },
    resources: { time: "20m", gpus: 2, cpus_per_task: 8, runs_per_job: 4, runs_at_once: 2 },
  },
};

for (const [name, changes] of Object.entries(GOLDEN)) {
  Deno.test(`renderScript() gives ${name}`, async () => {
    const { text } = renderScript(modelIn(PROJECT, changes));
    const file = new URL(`golden/${name}`, import.meta.url);
    if (Deno.args.includes("--update")) Deno.writeTextFileSync(file, text);
    assert.equal(text, Deno.readTextFileSync(file));
    const checked = await denoRunner.run({ argv: [BASH, "-n"], stdin: text });
    assert.deepEqual([checked.code, checked.stderr], [0, ""]);
  });
}

Deno.test("renderScript() shows the command as the user wrote it", () => {
  const command =
    "# my training\nfor fold in 1 2 3; do\n\tpython 'train it.py' \\\n    $fold\ndone";
  const { text } = renderScript(modelIn("/p", { command }));
  assert.ok(text.includes(`\n${command}\n`));
});

Deno.test("renderScript() appends no parameter that the command names", () => {
  const params = { lr: 0.1, optim: { name: "sgd", momentum: 0.9 }, seed: 1, tag: "a b" };
  const command =
    "python x.py --learning-rate {params.lr} --momentum={params.optim.momentum} -s {seed}";
  const { text } = renderScript(
    modelIn("/p", { command, args: "argparse", runs: [{ index: 0, attempt: 1, params }] }),
  );
  assert.ok(text.includes(`expflow_args=(--optim.name sgd --tag 'a b'); expflow_param_lr=0.1; `));
  assert.ok(text.includes(`; expflow_params='${JSON.stringify(params)}' ;;`));
});

Deno.test("renderScript() never gives a variable a default", () => {
  for (const changes of Object.values(GOLDEN)) {
    assert.doesNotMatch(renderScript(modelIn(PROJECT, changes)).text, /\$\{\w+:?[-=]/);
  }
});

Deno.test("renderScript() gives the same text for the same model", () => {
  for (const changes of Object.values(GOLDEN)) {
    const [one, two] = [1, 2].map(() => renderScript(modelIn(PROJECT, changes)).text);
    assert.equal(one, two);
  }
});

Deno.test("renderScript() renders 10,000 runs in a second", () => {
  const runs = Array.from({ length: 10_000 }, (_, index) => ({
    index,
    attempt: 1,
    params: { lr: index / 7, name: `it's run ${index}`, optim: { name: "adam w" }, seed: index },
  }));
  const start = performance.now();
  const { table } = renderScript(
    modelIn("/p", { args: "argparse", command: "x {params.lr}", array: true, runs }),
  );
  assert.equal(table?.split("\n").length, 10_001);
  assert.ok(performance.now() - start < 1000);
});

Deno.test("renderScript() refuses models that no script can be made of", async (t) => {
  const run = { index: 0, attempt: 1, params: {} };
  const paths = modelIn("/p").paths;
  const cases: Record<string, Partial<ScriptModel>> = {
    "an experiment that leaves its folder": { experiment: "../x" },
    "a submission with a newline": { submission: "1\n" },
    "a stage with a dot": { stage: "a.b" },
    "a dependency that is no stage": {
      after: [{ stage: "$(id)", type: "afterok", events: "/e" }],
    },
    "a job name with a newline": { jobName: "a\n#SBATCH --uid=0" },
    "no runs": { runs: [], array: true },
    "two runs without an array": { runs: [run, { ...run, index: 1 }] },
    "a relative path": { paths: { ...paths, workdir: "work" } },
    "a path with a NUL": { paths: { ...paths, workdir: "/a\0" } },
    "a number that JSON has not": { runs: [{ ...run, params: { lr: NaN } }] },
    "a parameter that one run lacks": {
      command: "x {params.lr}",
      array: true,
      runs: [{ ...run, params: { lr: 1 } }, { ...run, index: 1 }],
    },
    "a value that no argument can hold": {
      args: "argparse",
      command: "x",
      runs: [{ ...run, params: { a: "\0" } }],
    },
  };
  for (const [name, changes] of Object.entries(cases)) {
    await t.step(name, () => {
      assert.throws(() => renderScript(modelIn("/p", changes)), (error) => {
        assert.ok(error instanceof ConfigError || error instanceof UsageError, String(error));
        assert.ok(error.hint && !error.message.includes("\n"), error.message);
        return true;
      });
    });
  }
});
