import { deepEqual } from "node:assert/strict";
import { buildExperiment } from "../../lib/config/experiment.ts";
import { recordedText } from "../../lib/config/recorded_file.ts";
import { resolveTree } from "../../lib/config/resolve.ts";
import { parseYamlMap } from "../../lib/config/yaml.ts";
import type { Experiment } from "../../lib/core/experiment.ts";

const CASES: Record<string, string> = {
  "the least there can be": "command: echo\n",
  "resources, launcher, resuming": `
command: python train.py
launcher: {kind: torchrun, processes_per_node: 2, options: [--max-restarts=1]}
resources: {time: "1-02:00:00", gpus: "a100:2", mem: 16G, sbatch: [--licenses=x]}
checkpoint: {pattern: "ckpt/*.pt", param: optim.from}
resume: requeue
max_restarts: 3
`,
  "a folder of checkpoints": "command: echo\ncheckpoint: out/ckpt\nresume: resubmit\n",
  "the run's folder itself": "command: echo\ncheckpoint: .\nchain: 2\n",
  "environment": `
command: echo
environment:
  modules: [cuda/12, gcc]
  purge: false
  venv: /opt/venv
  container: {image: /opt/a.sif, binds: ["/data:/data:ro"], nv: true}
  env: {A: "1", B: "yes", C: ""}
  secrets: {TOKEN: /home/me/token}
  setup: ["ulimit -n 4096"]
`,
  "stages": `
description: "two: stages # and more"
tags: [a, b]
stages:
  prep: {command: "echo 'x' {params.a}", args: none}
  train: {command: python train.py, after: prep, resources: {gpus: 1}}
  report: {command: "cat\\nls", after: {train: afterany, prep: afterok}, args: hydra}
`,
  "parameters": `
command: echo
params: {lr: 1e-7, name: "yes", none: null, list: [1, a], optim: {b: 0.5}}
`,
  "harvest": `
command: echo
harvest:
  files:
    - {path: out.jsonl, metrics: [loss], required: false}
    - {path: stdout, regex: {acc: "acc=([0-9.]+)"}}
    - {format: tensorboard, path: tb}
  direction: {loss: min}
  artifacts: ["model/*.pt"]
`,
  "seeds": "command: echo\nsweep: {seeds: [7], seed_key: rng}\nsnapshot: off\n",
};

function read(text: string): Experiment {
  const templates = { find: () => undefined, names: () => [] };
  const tree = resolveTree({ label: "x", file: parseYamlMap(text, "x.yaml"), templates });
  return buildExperiment("x", tree, { folder: "/project", env: {} });
}

Deno.test("recordedText() says everything of an experiment", async (t) => {
  for (const [name, text] of Object.entries(CASES)) {
    await t.step(name, () => {
      const experiment: Experiment = {
        ...read(text),
        reproduces: { run: "exp/3", submission: "001" },
      };
      const written = recordedText({ experiment, comment: ["exp/3 again"], schema: "s.json" });
      deepEqual(read(written), experiment, written);
    });
  }
});
