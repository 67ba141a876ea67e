import { deepEqual, equal } from "node:assert/strict";
import { changedFacts, checklistOf, configFacts } from "../../lib/submission/reproducibility.ts";
import type { Experiment, Stage } from "../../lib/core/experiment.ts";

function experiment(resources: Stage["resources"], params: Experiment["params"]) {
  const environment = { modules: [], purge: true, env: {}, secrets: {}, setup: [] };
  const stage: Stage = {
    name: "train",
    command: "x",
    args: "none",
    after: [],
    resources,
    environment,
  };
  return { stages: [stage], params };
}

Deno.test("what changed since the latest submission that has it", () => {
  const first = configFacts(experiment({ gpus: 4, gpu_type: "a100" }, {
    precision: "bf16",
    optim: { batch_size: 32, lr: 0.1 },
    data_dir: "/data/v1",
  }));
  const second = configFacts(experiment({ gpus: 4, gpu_type: "h100", nodes: 2 }, {
    precision: "fp32",
    optim: { batch_size: 64, lr: 0.2 },
    data_dir: "/data/v2",
  }));
  const changes = changedFacts(second, [{ submission: "001", facts: first }]);
  deepEqual(changes.map(({ fact, was, now }) => [fact, was, now]), [
    ["GPUs of train", "4", "8"],
    ["nodes of train", "1", "2"],
    ["GPU type of train", "a100", "h100"],
    ["precision: params.precision", '"bf16"', '"fp32"'],
    ["batch: params.optim.batch_size", "32", "64"],
    ["data: params.data_dir", '"/data/v1"', '"/data/v2"'],
  ]);
  deepEqual(changedFacts(first, [{ submission: "001", facts: first }]), []);
  // a fact that no earlier submission has is not a change
  deepEqual(changedFacts(first, [{ submission: "001", facts: {} }]), []);
  deepEqual(changedFacts(first, []), []);
});

Deno.test("the checklist tells what is open", () => {
  const runs = [0, 1, 2].map((seed) => ({ params: {}, seed }));
  const done = experiment({ gpus: 1 }, {
    global_batch: 256,
    precision: "bf16",
    max_steps: 1000,
    deterministic: true,
  });
  equal(checklistOf(done, runs).every(({ met }) => met), true);
  equal(checklistOf(experiment({ gpus: 1 }, {}), []).some(({ met }) => met), false);
});
