import { deepEqual, equal, match } from "node:assert/strict";
import { findGpus } from "../../../lib/queue/gpu/find_gpus.ts";
import { A, B, DIVIDED, DIVIDED_LIST, MIG_A, MIG_B, TWO } from "./fixtures.ts";
import { withNvidia } from "./fake_nvidia.ts";

Deno.test("findGpus() asks nvidia-smi once where that is enough", () =>
  withNvidia(async ({ runner, set, calls }) => {
    set("gpus", TWO);
    const { gpus, vendor } = await findGpus({ runner, env: { CUDA_VISIBLE_DEVICES: "1" } });
    deepEqual([gpus!.map(({ uuid }) => uuid), vendor], [[B], "nvidia"]);
    equal(calls().length, 1);
  }));

Deno.test("findGpus() lists the instances of divided GPUs", () =>
  withNvidia(async ({ runner, set }) => {
    set("gpus", DIVIDED);
    set("list", DIVIDED_LIST);
    const { gpus } = await findGpus({ runner, env: {} });
    deepEqual(gpus!.map(({ uuid }) => uuid), [MIG_A, MIG_B]);
  }));

Deno.test("findGpus() asks an old driver what it understands", () =>
  withNvidia(async ({ runner, set }) => {
    set("list", `GPU 0: Tesla K80 (UUID: ${A})\n`);
    const { gpus } = await findGpus({ runner, env: { CUDA_VISIBLE_DEVICES: "0" } });
    equal(gpus![0]!.uuid, A);
  }));

Deno.test("where nvidia-smi does not answer, GPUs are unknown, and never none", async (t) => {
  await t.step("it is not there", () =>
    withNvidia(async ({ runner }) => {
      const { gpus, source } = await findGpus({ runner, env: {} });
      equal(gpus, undefined);
      match(source, /nvidia-smi: command not found/);
    }, ["nvidia-smi"]));
  await t.step("its driver does not work", () =>
    withNvidia(async ({ runner }) => {
      const { gpus, source } = await findGpus({ runner, env: {} });
      equal(gpus, undefined);
      match(source, /couldn't communicate/);
    }));
  await t.step("it hangs", () =>
    withNvidia(async ({ runner, set }) => {
      set("gpus.hangs");
      const soon = {
        ...runner,
        run: (c: Parameters<typeof runner.run>[0]) => runner.run({ ...c, timeoutMs: 300 }),
      };
      const { gpus, source } = await findGpus({ runner: soon, env: {} });
      equal(gpus, undefined);
      match(source, /did not answer/);
    }));
});
