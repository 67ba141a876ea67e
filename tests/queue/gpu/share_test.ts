import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { processesOf } from "../../../lib/queue/gpu/mps_processes.ts";
import { shareGpus, type ShareWish, unshareGpus } from "../../../lib/queue/gpu/share.ts";
import { slotEnvironment } from "../../../lib/queue/gpu/slots.ts";
import { type FakeNvidia, withNvidia } from "./fake_nvidia.ts";
import { A, B, DIVIDED, DIVIDED_LIST, MIG_A, MIG_B, TWO } from "./fixtures.ts";

const share = (
  { ports, env }: FakeNvidia,
  wish: Partial<ShareWish>,
  visible: string | undefined = "0,1",
) => {
  const variables = visible === undefined ? env : { ...env, CUDA_VISIBLE_DEVICES: visible };
  return shareGpus({ through: "own", ...wish }, { ...ports, env: variables });
};

Deno.test("shareGpus() starts MPS, and gives each worker its part", () =>
  withNvidia(async (nvidia) => {
    nvidia.set("gpus", TWO);
    const wish = { asked: 2, perRun: 30_000, percentage: 60, keepMemory: true };
    const shared = await share(nvidia, wish);
    deepEqual(shared.way, { by: "own" });
    deepEqual(shared.slots.map(({ gpu, share }) => [gpu, share]), [[0, 0], [1, 0], [0, 1], [1, 1]]);
    const [mps] = shared.mps;
    deepEqual(slotEnvironment(shared.slots[1]!), {
      CUDA_VISIBLE_DEVICES: B,
      CUDA_MPS_PIPE_DIRECTORY: mps!.pipe,
      CUDA_MPS_LOG_DIRECTORY: mps!.log,
      CUDA_MPS_ACTIVE_THREAD_PERCENTAGE: "60",
      CUDA_MPS_PINNED_DEVICE_MEM_LIMIT: "0=30000M",
    });
    equal(processesOf(mps!.pipe).mps.length, 1);
    deepEqual((await unshareGpus(shared, nvidia.ports)).map(({ how }) => how), ["quit"]);
    equal(processesOf(mps!.pipe).mps.length, 0);
  }));

Deno.test("what was learnt limits workers, and never the memory that one may use", () =>
  withNvidia(async (nvidia) => {
    nvidia.set("gpus", TWO);
    const learned = () => ({ memory: 60_000, source: "learnt" });
    const shared = await share(nvidia, { asked: 4, learned, keepMemory: true, through: "turns" });
    match(shared.packed.why, /^60000M a run \(learnt\), .* free on the GPU: 2 fit$/);
    deepEqual(
      shared.slots.map(slotEnvironment),
      [A, B, A, B].map((CUDA_VISIBLE_DEVICES) => ({
        CUDA_VISIBLE_DEVICES,
      })),
    );
    const declared = await share(nvidia, { asked: 4, learned, perRun: 40_000, through: "turns" });
    equal(declared.packed.workers, 3);
  }));

Deno.test("shareGpus() starts a daemon for each MIG instance, and ends them all", () =>
  withNvidia(async (nvidia) => {
    nvidia.set("gpus", DIVIDED);
    nvidia.set("list", DIVIDED_LIST);
    const shared = await share(nvidia, { asked: 2 }, `${MIG_A},${MIG_B}`);
    equal(shared.mps.length, 2);
    for (const slot of shared.slots) {
      equal(slot.variables.CUDA_MPS_PIPE_DIRECTORY, shared.mps[slot.gpu]!.pipe);
    }
    deepEqual((await unshareGpus(shared, nvidia.ports)).map(({ how }) => how), ["quit", "quit"]);
  }));

Deno.test("without MPS GPUs are shared in turns, and why is said", async (t) => {
  await t.step("its program is not there", () =>
    withNvidia(async (nvidia) => {
      nvidia.set("gpus", TWO);
      const { way, slots, mps } = await share(nvidia, { asked: 2 });
      equal(way.by, "turns");
      match(way.why!, /^Cannot start MPS: nvidia-cuda-mps-control: command not found$/);
      deepEqual(mps, []);
      deepEqual(
        slots.map(slotEnvironment),
        [A, B, A, B].map((CUDA_VISIBLE_DEVICES) => ({
          CUDA_VISIBLE_DEVICES,
        })),
      );
    }, ["nvidia-cuda-mps-control"]));
  await t.step("the site has started none", () =>
    withNvidia(async (nvidia) => {
      nvidia.set("gpus", TWO);
      const { way } = await share(nvidia, { asked: 2, through: "site" });
      equal(way.by, "turns");
      match(way.why!, /^Cannot use the site's MPS at /);
    }));
  await t.step("nor in turns", () =>
    withNvidia(async (nvidia) => {
      nvidia.set("gpus", TWO.replaceAll("Default", "Exclusive_Process"));
      const { way, slots, packed } = await share(nvidia, { asked: 2 });
      equal(way.by, "alone");
      match(packed.why, /command not found; compute mode Exclusive_Process lets one process/);
      equal(slots.length, 2);
    }, ["nvidia-cuda-mps-control"]));
});

Deno.test("a daemon that answers where this process's variables say is used, and not ended", () =>
  withNvidia(async (nvidia) => {
    nvidia.set("gpus", TWO);
    const first = await share(nvidia, { asked: 2 });
    const env = { ...nvidia.env, ...slotEnvironment(first.slots[1]!) };
    const second = await shareGpus({ through: "own", asked: 2 }, { ...nvidia.ports, env });
    deepEqual([second.way.by, second.mps[0]!.pipe], ["site", first.mps[0]!.pipe]);
    deepEqual(await unshareGpus(second, nvidia.ports), []);
    deepEqual((await unshareGpus(first, nvidia.ports)).map(({ how }) => how), ["quit"]);
  }));

Deno.test("where one worker a GPU is all there is, no daemon is started", async (t) => {
  const cases: [string, Partial<ShareWish>, RegExp][] = [
    ["one was asked for", { asked: 1 }, /asked for/],
    ["nobody knows what a run needs", {}, /declare gpu_mem/],
    ["a run needs most of it", { perRun: 100_000, asked: 4 }, /1 fit/],
  ];
  for (const [what, wish, why] of cases) {
    await t.step(what, () =>
      withNvidia(async (nvidia) => {
        nvidia.set("gpus", TWO);
        const { way, packed, slots } = await share(nvidia, wish);
        equal(way.by, "alone");
        match(packed.why, why);
        equal(slots.length, 2);
        ok(!nvidia.calls().some((call) => call.startsWith("start")));
      }));
  }
});

Deno.test("what cannot be is refused before a daemon is started", () =>
  withNvidia(async (nvidia) => {
    nvidia.set("gpus", DIVIDED);
    nvidia.set("list", DIVIDED_LIST);
    const wish = { asked: 2, gpusPerWorker: 2 };
    await rejects(share(nvidia, wish, `${MIG_A},${MIG_B}`), { name: "UsageError" });
    ok(!nvidia.calls().some((call) => call.startsWith("start")));
  }));

Deno.test("where GPUs are unknown, no worker gets one", () =>
  withNvidia(async (nvidia) => {
    const { slots, way, found } = await shareGpus({ through: "own", asked: 2 }, {
      ...nvidia.ports,
      env: { SLURM_JOB_GPUS: "0" },
    });
    deepEqual([slots, way.by, found.gpus], [[], "alone", undefined]);
    match(way.why!, /SLURM_JOB_GPUS=0, and nvidia-smi does not tell/);
  }));
