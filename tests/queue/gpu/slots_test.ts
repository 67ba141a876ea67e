import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import type { Gpu } from "../../../lib/queue/gpu/devices.ts";
import type { Mps } from "../../../lib/queue/gpu/mps_daemon.ts";
import { mpsDomains } from "../../../lib/queue/gpu/sharing_way.ts";
import { assignSlots, slotEnvironment } from "../../../lib/queue/gpu/slots.ts";
import { A, B, MIG_A, MIG_B } from "./fixtures.ts";

const byUuid = (uuid: string, instance = false): Gpu => ({
  name: uuid,
  uuid,
  instance,
});
const byNumber = (name: string): Gpu => ({ name: name });
const daemon = (gpus: readonly Gpu[], by: Mps["by"] = "own"): Mps => ({
  ...{ by, gpus, pipe: `/tmp/${gpus.length}-${gpus[0]!.name}/pipe` },
  ...by === "own" ? { log: "/tmp/log" } : {},
});
const visible = (gpus: readonly Gpu[], wish: Parameters<typeof assignSlots>[1]) =>
  assignSlots(gpus, wish).map(({ names }) => names.join(","));

Deno.test("assignSlots() gives every GPU its first worker before any its second", () => {
  const gpus = [byUuid(A), byUuid(B)];
  deepEqual(visible(gpus, { workersPerGpu: 2 }), [A, B, A, B]);
  deepEqual(assignSlots(gpus, { workersPerGpu: 2 }).map(({ gpu, share }) => [gpu, share]), [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ]);
  deepEqual(assignSlots([], { workersPerGpu: 3 }), []);
});

Deno.test("a worker's variables name its GPU as what it computes through calls it", async (t) => {
  const numbers = [byNumber("2"), byNumber("5")];
  const known = [{ ...byUuid(A), name: "2" }, {
    ...byUuid(B),
    name: "5",
  }];
  const cases: [string, readonly Gpu[], Mps[], string[]][] = [
    ["numbers, without MPS", numbers, [], ["2", "5"]],
    ["a daemon counts what it was given", numbers, [daemon(numbers)], ["0", "1"]],
    ["how the site's counts is its matter", numbers, [daemon(numbers, "site")], ["2", "5"]],
    ["UUIDs where they are known", known, [], [A, B]],
    ["UUIDs to a daemon too", known, [daemon(known)], [A, B]],
  ];
  for (const [what, gpus, mps, names] of cases) {
    await t.step(what, () => deepEqual(visible(gpus, { workersPerGpu: 1, mps }), names));
  }
});

Deno.test("workers of a daemon get its folders, and their limits where there are any", () => {
  const gpus = [byUuid(MIG_A, true), byUuid(MIG_B, true)];
  const mps = mpsDomains(gpus).map((domain) => daemon(domain));
  const slots = assignSlots(gpus, { workersPerGpu: 1, mps, percentage: 50, memory: 4096 });
  deepEqual(slotEnvironment(slots[1]!), {
    CUDA_VISIBLE_DEVICES: MIG_B,
    CUDA_MPS_PIPE_DIRECTORY: mps[1]!.pipe,
    CUDA_MPS_LOG_DIRECTORY: "/tmp/log",
    CUDA_MPS_ACTIVE_THREAD_PERCENTAGE: "50",
    CUDA_MPS_PINNED_DEVICE_MEM_LIMIT: "0=4096M",
  });
  const whole = [byUuid(A), byUuid(B)];
  const [both] = assignSlots(whole, {
    ...{ workersPerGpu: 1, gpusPerWorker: 2, memory: 100 },
    mps: [daemon(whole, "site")],
  });
  deepEqual(both!.names, [A, B]);
  equal(both!.variables.CUDA_MPS_PINNED_DEVICE_MEM_LIMIT, "0=100M,1=100M");
  equal("CUDA_MPS_LOG_DIRECTORY" in both!.variables, false);
});

Deno.test("AMD's GPUs are shared by their own variable, among which the other counts", () => {
  const gpus: Gpu[] = ["2", "3"].map((name) => ({ name }));
  const wish = { variable: "ROCR_VISIBLE_DEVICES", workersPerGpu: 1 } as const;
  deepEqual(assignSlots(gpus, wish).map(slotEnvironment), [
    { ROCR_VISIBLE_DEVICES: "2", CUDA_VISIBLE_DEVICES: "0" },
    { ROCR_VISIBLE_DEVICES: "3", CUDA_VISIBLE_DEVICES: "0" },
  ]);
  deepEqual(assignSlots(gpus, { ...wish, gpusPerWorker: 2 }).map(slotEnvironment), [
    { ROCR_VISIBLE_DEVICES: "2,3", CUDA_VISIBLE_DEVICES: "0,1" },
  ]);
});

Deno.test("assignSlots() refuses what cannot be", () => {
  for (const workersPerGpu of [0, -1, 1.5, NaN]) {
    throws(() => assignSlots([byUuid(A)], { workersPerGpu }), { name: "UsageError" });
  }
  throws(
    () =>
      assignSlots([byUuid(MIG_A, true), byUuid(MIG_B, true)], {
        workersPerGpu: 1,
        gpusPerWorker: 2,
      }),
    /Cannot give a worker 2 GPUs: these are MIG instances/,
  );
});

const someGpus = fc.uniqueArray(fc.tuple(fc.nat(15), fc.boolean(), fc.boolean()), {
  selector: ([number]) => number,
  maxLength: 8,
}).map((all) =>
  all.map(([number, instance, told]): Gpu => {
    const name = told ? `${instance ? "MIG" : "GPU"}-${number}` : String(number);
    return { name: name, instance, ...told ? { uuid: name } : {} };
  })
);

Deno.test("a slot's environment never holds another's GPU, and no GPU has too many", () => {
  fc.assert(
    fc.property(
      someGpus,
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      (gpus, workersPerGpu, shared) => {
        const mps = shared ? mpsDomains(gpus).map((domain) => daemon(domain)) : [];
        const slots = assignSlots(gpus, { workersPerGpu, mps });
        equal(slots.length, gpus.length * workersPerGpu);
        const holders = new Map<string, Set<number>>();
        for (const { gpu, names, variables, gpus: own } of slots) {
          deepEqual(own, [gpus[gpu]]);
          const device = `${variables.CUDA_MPS_PIPE_DIRECTORY} ${names}`;
          equal(names.length, 1);
          holders.set(device, (holders.get(device) ?? new Set()).add(gpu));
        }
        for (const [device, places] of holders) equal(places.size, 1, device);
        for (const place of gpus.keys()) {
          deepEqual(
            slots.filter(({ gpu }) => gpu === place).map(({ share }) => share),
            Array.from({ length: workersPerGpu }, (_, share) => share),
          );
        }
      },
    ),
  );
});

Deno.test("workers with several GPUs share none of them with a worker of the same round", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 1, max: 4 }),
      (count, gpusPerWorker) => {
        const gpus = Array.from({ length: count }, (_, number) => byUuid(`GPU-${number}`));
        const slots = assignSlots(gpus, { workersPerGpu: 1, gpusPerWorker });
        equal(slots.length, Math.floor(count / gpusPerWorker));
        const held = slots.flatMap(({ names }) => names);
        equal(new Set(held).size, held.length);
        equal(held.length, slots.length * gpusPerWorker);
      },
    ),
  );
});
