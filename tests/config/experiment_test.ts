import assert from "node:assert/strict";
import type { Experiment } from "../../lib/core/experiment.ts";
import { experimentOf, messageOf } from "./helpers.ts";

const EMPTY_ENVIRONMENT = { modules: [], purge: true, env: {}, secrets: {}, setup: [] };

Deno.test("buildExperiment() fills everything in", () => {
  const expected: Experiment = {
    id: "exp",
    description: "",
    tags: [],
    params: {},
    stages: [{
      name: "train",
      command: "python train.py",
      args: "argparse",
      after: [],
      resources: {},
      environment: EMPTY_ENVIRONMENT,
    }],
    harvest: { files: [], direction: {} },
    workdir: "/project",
    snapshot: true,
  };
  assert.deepEqual(experimentOf("command: python train.py"), expected);
});

Deno.test("buildExperiment() reads everything", () => {
  const text = `
description: Two steps
tags: [a, b]
stages:
  eval:
    command: python eval.py
    after: {train: afterany}
    args: none
    resources: {gpus: null, time: 10, mem_per_gpu: 4G, gpu_mem: 9000}
    environment: {venv: .venv, env: {B: "2", A: null}}
  train: torchrun {params.lr}
args: hydra
params: {lr: 0.1, layers: [1, 2], nested: {deep: null}, note: 02:00:00}
resources:
  partition: gpu
  account: 0123
  qos: 7
  time-limit: 1-12
  num_nodes: 2
  cpus: 8
  memory: 16000
  gpus: a100:2
  requeue: false
  signal: B:USR1@120
  sbatch: [--hint=nomultithread, --gres-flags=disable-binding]
  max_parallel: 5
environment:
  modules: cuda/12
  purge: false
  conda: ~/envs/x
  container:
    image: $SCRATCH/image.sif
    overlays: ["~/a.ext3:ro"]
    nv: false
  env: {OMP_NUM_THREADS: 08, FLAG: true, A: ""}
  secrets: {HF_TOKEN: ~/.hf, OTHER: keys/other}
  setup: [ulimit -n 4096]
sweep: {grid: {optim.lr: [1, 2], model: {depth: [3]}}, seeds: 2, seed_key: rng}
harvest:
  - metrics.jsonl
  - {regex: {acc: "acc=([0-9.]+)"}, path: stderr, required: false}
workdir: code
snapshot: off
`;
  const resources = {
    ...{ partition: "gpu", account: "0123", qos: "7", time: "1-12", nodes: 2, cpus_per_task: 8 },
    ...{ mem: "16000", gpus: 2, gpu_type: "a100", requeue: false, signal: "B:USR1@120" },
    sbatch: ["--hint=nomultithread", "--gres-flags=disable-binding"],
    max_parallel: 5,
  };
  const { gpus: _, mem: __, ...withoutGpus } = resources;
  const environment = {
    modules: ["cuda/12"],
    purge: false,
    conda: "/home/me/envs/x",
    container: {
      image: "/scratch/me/image.sif",
      overlays: ["/home/me/a.ext3:ro"],
      binds: [],
      nv: false,
    },
    env: { OMP_NUM_THREADS: "08", FLAG: "true", A: "" },
    secrets: { HF_TOKEN: "/home/me/.hf", OTHER: "/project/keys/other" },
    setup: ["ulimit -n 4096"],
  };
  const { conda: ___, ...withoutConda } = environment;
  assert.deepEqual(experimentOf(text), {
    id: "exp",
    description: "Two steps",
    tags: ["a", "b"],
    params: { lr: 0.1, layers: [1, 2], nested: { deep: null }, note: "02:00:00" },
    stages: [
      {
        ...{ name: "train", command: "torchrun {params.lr}", args: "hydra", after: [] },
        resources,
        environment,
      },
      {
        name: "eval",
        command: "python eval.py",
        args: "none",
        after: [{ stage: "train", type: "afterany" }],
        resources: { ...withoutGpus, time: "10", mem_per_gpu: "4G", gpu_mem: "9000" },
        environment: {
          ...withoutConda,
          venv: ".venv",
          env: { OMP_NUM_THREADS: "08", FLAG: "true", B: "2" },
        },
      },
    ],
    sweep: {
      grid: { "optim.lr": [1, 2], "model.depth": [3] },
      seeds: [0, 1],
      seed_key: "rng",
    },
    harvest: {
      files: [
        { path: "metrics.jsonl", format: "jsonl", patterns: {}, metrics: [], required: true },
        {
          path: "stderr",
          format: "regex",
          patterns: { acc: "acc=([0-9.]+)" },
          metrics: [],
          required: false,
        },
      ],
      direction: {},
    },
    workdir: "/project/code",
    snapshot: false,
  });
});

Deno.test("buildExperiment() reads the flat form", () => {
  const text = `
command: python train.py
epochs: 10
time_limit: "02:00:00"
num_gpus: 4
cpus-per-task: 8
model: {name: r18}
optim.lr: 0.1
partition: gpu
`;
  const { params, stages } = experimentOf(text);
  assert.deepEqual(params, { epochs: 10, model: { name: "r18" }, optim: { lr: 0.1 } });
  assert.deepEqual(stages[0]!.resources, {
    ...{ time: "02:00:00", gpus: 4, cpus_per_task: 8, partition: "gpu" },
  });
});

Deno.test("the flat form and blocks are laid over each other by meaning", () => {
  const { params, stages } = experimentOf("extends: base\nlr: 5\nnum_gpus: 1\n", {
    templates: {
      base: "command: x\nparams: {lr: 1, wd: 2}\nresources: {gpus-per-node: 8, walltime: 1h}\n",
    },
  });
  assert.deepEqual(params, { lr: 5, wd: 2 });
  assert.deepEqual(stages[0]!.resources, { gpus: 1, time: "1h" });
});

Deno.test("resources are read under each of their words", async (t) => {
  const cases: [string, object][] = [
    ["gres: gpu:2", { gpus: 2 }],
    ["gres: gpu:h100:2", { gpus: 2, gpu_type: "h100" }],
    ["gpus: 0", { gpus: 0 }],
    ["walltime: 1d12h", { time: "1d12h" }],
    ["time: UNLIMITED", { time: "UNLIMITED" }],
    ["time: 90", { time: "90" }],
    ["time: 0-12", { time: "0-12" }],
    ["mem: 0.5T", { mem: "0.5T" }],
    ["mem_per_cpu: 2GB", { mem_per_cpu: "2GB" }],
    ["tasks-per-node: 4", { ntasks_per_node: 4 }],
    ["exclusive: true", { exclusive: true }],
    ["sbatch: --nice=10", { sbatch: ["--nice=10"] }],
    ["gpus:", {}],
    ["comment: preemption=yes;requeue=true", { comment: "preemption=yes;requeue=true" }],
  ];
  for (const [line, expected] of cases) {
    await t.step(line, () => {
      const { stages } = experimentOf(`command: x\nresources:\n  ${line}\n`);
      assert.deepEqual(stages[0]!.resources, expected);
    });
  }
});

Deno.test("stages come after those they wait for, else as they are written", async (t) => {
  const cases: [string, string[]][] = [
    ["{c: x, a: x, b: x}", ["c", "a", "b"]],
    ["{eval: {command: x, after: train}, train: x}", ["train", "eval"]],
    [
      "{d: {command: x, after: [b, c]}, c: {command: x, after: {a: afterok}}, b: {command: x, after: a}, a: x}",
      ["a", "c", "b", "d"],
    ],
  ];
  for (const [stages, names] of cases) {
    await t.step(stages, () => {
      assert.deepEqual(experimentOf(`stages: ${stages}`).stages.map(({ name }) => name), names);
    });
  }
});

Deno.test("a launcher is a word or a mapping, and a stage has its own", () => {
  const { stages } = experimentOf(`
stages:
  train: python train.py
  test: { command: python test.py, launcher: {processes_per_node: 2} }
  plot: { command: python plot.py, launcher: none }
  sum: { command: ./sum, launcher: {kind: srun, mpi: pmix, options: --label} }
launcher: torchrun
`);
  assert.deepEqual(stages.map(({ launcher }) => launcher), [
    { kind: "torchrun", options: [] },
    { kind: "torchrun", processes_per_node: 2, options: [] },
    undefined,
    { kind: "srun", mpi: "pmix", options: ["--label"] },
  ]);
  assert.equal(
    messageOf(() => experimentOf("command: x\nlauncher: { mpi: pmix }")),
    "exp.yaml:2:1: Cannot use launcher: its kind is not said | " +
      "add kind: srun, torchrun, accelerate, mpirun or none",
  );
});

Deno.test("harvest is read in each of its forms", async (t) => {
  const file = (path: string, format: string, rest = {}) => ({
    ...{ path, format, patterns: {}, metrics: [], required: true },
    ...rest,
  });
  const cases: [string, object][] = [
    ["result.json", { files: [file("result.json", "json")], direction: {} }],
    ["[a.csv, b.JSON]", { files: [file("a.csv", "csv"), file("b.JSON", "json")], direction: {} }],
    ["{path: out/log, format: jsonl, metrics: acc}", {
      files: [file("out/log", "jsonl", { metrics: ["acc"] })],
      direction: {},
    }],
    ["{regex: {acc: 'acc=(.+)'}}", {
      files: [file("stdout", "regex", { patterns: { acc: "acc=(.+)" } })],
      direction: {},
    }],
    ["{files: [a.json, {path: b.jsonl, required: false}], direction: {acc: max}}", {
      files: [file("a.json", "json"), file("b.jsonl", "jsonl", { required: false })],
      direction: { acc: "max" },
    }],
    ["{path: a.json, direction: {acc: max}}", {
      files: [file("a.json", "json")],
      direction: { acc: "max" },
    }],
    ["[tensorboard, hydra]", {
      files: [file(".", "tensorboard"), file(".", "hydra")],
      direction: {},
    }],
    ["{format: mlflow, artifacts: '*.png'}", {
      files: [file(".", "mlflow")],
      direction: {},
      artifacts: ["*.png"],
    }],
    ["{direction: {acc: min}}", { files: [], direction: { acc: "min" } }],
  ];
  for (const [block, expected] of cases) {
    await t.step(block, () => {
      assert.deepEqual(experimentOf(`command: x\nharvest: ${block}`).harvest, expected);
    });
  }
  await t.step("direction of a template stays when the files change", () => {
    const templates = { base: "harvest: {files: [a.json], direction: {acc: max}}" };
    const { harvest } = experimentOf("extends: base\ncommand: x\nharvest: b.json", { templates });
    assert.deepEqual(harvest, { files: [file("b.json", "json")], direction: { acc: "max" } });
  });
});

Deno.test("snapshot is on unless told", async (t) => {
  const cases: [string, boolean][] = [
    ...[["true", true], ["false", false], ["off", false], ["on", true]] as [string, boolean][],
  ];
  for (const [value, expected] of cases) {
    await t.step(value, () => {
      assert.equal(experimentOf(`command: x\nsnapshot: ${value}`).snapshot, expected);
    });
  }
});

Deno.test("an experiment equals its own JSON", () => {
  const experiment = experimentOf("command: x\nenvironment: {container: a.sif}\nsweep: {seeds: 2}");
  assert.deepEqual(JSON.parse(JSON.stringify(experiment)), experiment);
});

Deno.test("what looks like a number stays as it is written where text is meant", () => {
  const { stages } = experimentOf("command: x\nresources: {account: 0123, reservation: 1e3}");
  assert.deepEqual(stages[0]!.resources, { account: "0123", reservation: "1e3" });
});
