import { equal, match } from "node:assert/strict";
import { learnedNeed } from "../../lib/queue/agent/learned_need.ts";
import { commonModel } from "../../lib/queue/gpu/devices.ts";
import { memoryFolder, MemoryLearner } from "../../lib/queue/gpu/learned_memory.ts";
import { AgentBench } from "./agent_bench.ts";

const [H200, T4] = ["NVIDIA H200", "Tesla T4"].map((model) => ({ name: "0", model }));
const of = (stage: string) => [`--job-name=exp001.${stage}.0-1f2e3d4c`, "--gres=gpu:1"];

Deno.test("learnedNeed() is the most of what waits for GPUs, on this model", async () => {
  await using bench = new AgentBench();
  const need = () => learnedNeed(bench.scheduler.layout);
  equal(need()([H200!]), undefined, "a queue that is empty");
  const learner = new MemoryLearner(memoryFolder(bench), "w");
  for (const [stage, peak] of [["train", 10_000], ["eval", 2000], ["other", 90_000]] as const) {
    learner.add({ experiment: "exp001", stage, model: H200!.model }, peak);
  }
  equal(need()([H200!]), undefined, "nothing waits");
  await bench.submit(2, "true", of("unseen"));
  await bench.submit(2, "true", of("other").slice(0, 1)); // needs no GPU
  await bench.submit(2, "true");
  equal(need()([H200!]), undefined);
  await bench.submit(2, "true", of("eval"));
  equal(need()([H200!])!.memory, 2200);
  await bench.submit(2, "true", of("train"));
  equal(need()([H200!, T4!])!.memory, 11_000);
  match(need()([H200!])!.source, /^the most that was seen of 1 earlier runs/);
  equal(need()([T4!]), undefined, "another model");
  equal(need()([]), undefined);
});

Deno.test("learnedNeed() knows nothing where it cannot read", async () => {
  await using bench = new AgentBench();
  await bench.submit(1, "true", of("train"));
  Deno.writeTextFileSync(memoryFolder(bench), "no folder");
  equal(learnedNeed(bench.scheduler.layout)([H200!]), undefined);
});

Deno.test("commonModel() is of all GPUs, or not known", () => {
  equal(commonModel([]), undefined);
  equal(commonModel([H200!, H200!]), "NVIDIA H200");
  equal(commonModel([H200!, T4!]), undefined);
  equal(commonModel([H200!, {}]), undefined);
});
