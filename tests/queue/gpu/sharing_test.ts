import { deepEqual, equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import type { GpusFound } from "../../../lib/queue/gpu/devices.ts";
import {
  blamesSharing,
  type SharedOutcome,
  sharingAfter,
} from "../../../lib/queue/gpu/sharing_after.ts";
import { sharingWay } from "../../../lib/queue/gpu/sharing_way.ts";
import { memoryOfRun, workersPerGpu } from "../../../lib/queue/gpu/workers_per_gpu.ts";

const found = (more: Partial<GpusFound>, gpu = {}): GpusFound => ({
  ...{ source: "test", variable: "CUDA_VISIBLE_DEVICES", notes: [], vendor: "nvidia" },
  gpus: [{ name: "0", instance: false, ...gpu }],
  ...more,
});

Deno.test("sharingWay() says how GPUs are shared, and why not as wanted", async (t) => {
  const cases: [string, GpusFound, Parameters<typeof sharingWay>[1], string, RegExp?][] = [
    ["MPS", found({}), "own", "own"],
    ["the site's", found({}), "site", "site"],
    ["not wanted", found({}), "turns", "turns"],
    [
      "exclusive to one process, as MPS's server",
      found({}, { mode: "Exclusive_Process" }),
      "own",
      "own",
    ],
    [
      "exclusive, without MPS",
      found({}, { mode: "Exclusive_Process" }),
      "turns",
      "alone",
      /lets one process/,
    ],
    [
      "prohibited",
      found({}, { mode: "Prohibited" }),
      "own",
      "alone",
      /mode Prohibited; compute mode/,
    ],
    ["AMD", found({ vendor: "amd" }), "own", "turns", /MPS is NVIDIA's, and these are AMD's/],
    ["of somebody", found({ vendor: undefined }), "site", "turns", /is not known/],
    ["perhaps MIG", found({}, { instance: undefined }), "own", "turns", /whether a GPU is a MIG/],
    ["none", found({ gpus: [] }), "own", "turns", /there is no GPU/],
    ["unknown", found({ gpus: undefined }), "own", "alone", /which GPUs there are is not known/],
  ];
  for (const [what, gpus, wanted, by, why = /^$/] of cases) {
    await t.step(what, () => {
      const way = sharingWay(gpus, wanted);
      equal(way.by, by);
      match(way.why ?? "", why);
    });
  }
});

Deno.test("workersPerGpu() follows memory, and says why", async (t) => {
  const cases: [Parameters<typeof workersPerGpu>[0], number, RegExp][] = [
    [{}, 1, /not known: declare gpu_mem/],
    [{ asked: 3 }, 3, /what a run needs is not known/],
    [{ asked: 0 }, 1, /asked for/],
    [{ perRun: 2048 }, 1, /how much the GPU has free is not known/],
    [{ perRun: 2048, asked: 3 }, 3, /how much the GPU has free is not known/],
    [{ total: 40960, perRun: 10240 }, 3, /10G a run, 40G free on the GPU: 3 fit/],
    [{ total: 40960, perRun: 10240, reserve: 0 }, 4, /4 fit, and that many are common/],
    [{ total: 143771, perRun: 1024 }, 4, /133 fit, and that many are common/],
    [{ total: 143771, perRun: 1024, asked: 20 }, 20, /133 fit, and so many were asked for/],
    [{ total: 143771, perRun: 100, asked: 500 }, 48, /fit/],
    [{ total: 40960, perRun: 10240, asked: 8 }, 3, /3 fit/],
    [
      { total: 40960, perRun: 81920, asked: 2 },
      1,
      /80G a run, 40G free on the GPU: not even one fits/,
    ],
  ];
  for (const [packing, workers, why] of cases) {
    await t.step(JSON.stringify(packing), () => {
      const packed = workersPerGpu(packing);
      equal(packed.workers, workers, packed.why);
      match(packed.why, why);
    });
  }
});

Deno.test("workersPerGpu() never exceeds memory, nor what was asked for", () => {
  const size = fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: undefined });
  const count = fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined });
  fc.assert(fc.property(size, size, count, (total, perRun, asked) => {
    const { workers } = workersPerGpu({ total, perRun, asked });
    ok(workers >= 1);
    if (asked !== undefined) ok(workers <= asked);
    if (total !== undefined && perRun !== undefined) ok(workers === 1 || workers * perRun <= total);
    if (asked === undefined && (total === undefined || perRun === undefined)) equal(workers, 1);
  }));
});

Deno.test("memoryOfRun() takes what was declared before what was learnt", () => {
  deepEqual(memoryOfRun("8G", { peak: 100, runs: 3 }), { memory: 8192, source: "gpu_mem" });
  deepEqual(memoryOfRun(undefined, { peak: 1000, runs: 3 }), {
    memory: 1100,
    source: "the most that was seen of 3 earlier runs, and a tenth",
  });
  equal(memoryOfRun(undefined, undefined), undefined);
});

const oom = (run: string, workers: number): SharedOutcome => ({
  run,
  workers,
  failure: "cuda_oom",
});

Deno.test("sharingAfter() halves after an OOM, once for all of the same time", async (t) => {
  const cases: [string, SharedOutcome[], number][] = [
    ["nothing happened", [], 4],
    ["runs completed, and failed of other things", [
      { run: "a", workers: 4 },
      { run: "b", workers: 4, failure: "nan" },
      { run: "c", workers: 4, failure: "host_oom" },
    ], 4],
    ["one is out of memory", [oom("a", 4)], 2],
    ["three of the same time", [oom("a", 4), oom("b", 4), oom("c", 4)], 2],
    ["again, with fewer", [oom("a", 4), oom("b", 2)], 1],
    ["successes raise nothing", [oom("a", 4), ...Array(50).fill({ run: "b", workers: 2 })], 2],
    ["alone: sharing was not to blame", [oom("a", 4), oom("a", 1)], 4],
    ["alone, and another's OOM stays", [oom("a", 4), oom("b", 2), oom("a", 1)], 1],
    ["only ever alone", [oom("a", 1)], 4],
    ["odd", [oom("a", 3)], 1],
  ];
  for (const [what, outcomes, workers] of cases) {
    await t.step(what, () => equal(sharingAfter(4, outcomes), workers));
  }
});

const outcome = fc.record({
  run: fc.constantFrom("a", "b", "c", "d"),
  workers: fc.integer({ min: 1, max: 8 }),
  failure: fc.constantFrom<SharedOutcome["failure"]>("cuda_oom", "nan", undefined),
});

Deno.test("sharingAfter() stays between 1 and the start, and rises on one evidence only", () => {
  fc.assert(
    fc.property(fc.array(outcome), outcome, fc.integer({ min: 1, max: 8 }), (past, next, start) => {
      const before = sharingAfter(start, past);
      const after = sharingAfter(start, [...past, next]);
      ok(before >= 1 && before <= start);
      if (after > before) deepEqual([next.failure, next.workers], ["cuda_oom", 1]);
      if (next.failure !== "cuda_oom") equal(after, before);
    }),
  );
});

Deno.test("blamesSharing() is of runs that were out of memory beside others", () => {
  ok(blamesSharing(oom("a", 2)));
  ok(!blamesSharing(oom("a", 1)));
  ok(!blamesSharing({ run: "a", workers: 2, failure: "nan" }));
});
