import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { memoryFolder, readLearned } from "../../lib/queue/gpu/learned_memory.ts";
import type { AgentSettings } from "../../lib/queue/agent/settings.ts";
import { AgentBench } from "./agent_bench.ts";
import { type FakeNvidia, withNvidia } from "./gpu/fake_nvidia.ts";
import { A, B, TWO } from "./gpu/fixtures.ts";

const NAMED = ["--gres=gpu:1", "--job-name=exp001.train.0-1f2e3d4c"];

/** Starts an agent where the fake nvidia-smi answers. @returns how it ended. */
async function runAgent(
  bench: AgentBench,
  nvidia: FakeNvidia,
  settings: Partial<AgentSettings>,
): Promise<number> {
  const variables = Object.entries({ ...nvidia.env, CUDA_VISIBLE_DEVICES: `${A},${B}` });
  const words = ["env", ...variables.map(([name, value]) => `${name}=${value}`)];
  return (await bench.start(settings, words).status).code;
}

const asked = (nvidia: FakeNvidia) =>
  nvidia.calls().filter((call) => call.includes("--query-compute-apps"));

Deno.test("workers learn what runs need, and the next agent's sharing follows it", () =>
  withNvidia(async (nvidia) => {
    nvidia.set("gpus", TWO);
    nvidia.set("apps");
    await using bench = new AgentBench();
    const uses = (mebibytes: number) =>
      `echo "$$, ${A}, ${mebibytes}" >>'${nvidia.env.FAKE_NVIDIA}/apps'; sleep 3`;
    await bench.submit(2, uses(50_000), NAMED);
    equal(await runAgent(bench, nvidia, { gpus: 2 }), 0);
    const learned = readLearned(memoryFolder(bench));
    deepEqual(Object.fromEntries(learned), {
      "exp001/train/NVIDIA H200": { peak: 50_000, runs: 2 },
    });

    await bench.submit(8, "sleep 0.1", NAMED);
    equal(await runAgent(bench, nvidia, { gpus: 2, workersPerGpu: 4 }), 0);
    const second = bench.agents().at(-1)!;
    equal(second.slots.length, 4);
    match(
      second.sharing,
      /2 workers each.*55001M a run \(the most that was seen of 2 earlier runs/,
    );

    await bench.submit(8, "sleep 0.1", NAMED);
    equal(await runAgent(bench, nvidia, { gpus: 2, workersPerGpu: 4, gpuMem: 30_000 }), 0);
    equal(bench.agents().at(-1)!.slots.length, 8, "what is declared counts");
  }));

Deno.test("runs without GPUs, and those that nobody can name, are not watched", () =>
  withNvidia(async (nvidia) => {
    nvidia.set("gpus", TWO);
    nvidia.set("apps");
    await using bench = new AgentBench();
    await bench.submit(1, "sleep 2.5", NAMED.slice(1));
    await bench.submit(1, "sleep 2.5", NAMED.slice(0, 1));
    equal(await runAgent(bench, nvidia, { gpus: 2 }), 0);
    deepEqual(asked(nvidia), []);
  }));

Deno.test("a run ends as it would where nvidia-smi hangs or nothing can be written", () =>
  withNvidia(async (nvidia) => {
    nvidia.set("gpus", TWO);
    nvidia.set("apps");
    nvidia.set("apps.hangs");
    await using bench = new AgentBench();
    Deno.mkdirSync(bench.queue, { recursive: true });
    Deno.writeTextFileSync(join(bench.queue, "memory"), "a file where the folder would be");
    const job = await bench.submit(1, "sleep 2.5", NAMED);
    const agent = runAgent(bench, nvidia, { gpus: 1 });
    const began = Date.now();
    await bench.until("it is over", () => bench.agents()[0]?.slots.some(({ done }) => done > 0));
    equal(Date.now() - began < 9000, true, "its end did not wait for nvidia-smi");
    deepEqual((await bench.tasks(job)).map(({ state }) => state), ["COMPLETED"]);
    equal(asked(nvidia).length, 1);
    equal(await agent, 0);
  }));
