import { deepEqual, equal, match } from "node:assert/strict";
import { type Environment, gpusOf, type Smi } from "../../../lib/queue/gpu/allocation.ts";
import { parseVisible } from "../../../lib/queue/gpu/devices.ts";
import { parseGpus, parseList } from "../../../lib/queue/gpu/nvidia_smi.ts";
import {
  A,
  B,
  DIVIDED,
  DIVIDED_LIST,
  MIG_A,
  MIG_B,
  MIXED,
  OLD_LIST,
  OLD_MIG,
  TWO,
} from "./fixtures.ts";

const smi = (rows: string, list?: string): Smi => ({
  gpus: parseGpus(rows),
  ...list === undefined ? {} : { list: parseList(list) },
});
const SILENT: Smi = { why: "nvidia-smi: command not found" };

Deno.test("parseVisible() ends where the drivers do", async (t) => {
  const cases: [string, string[]][] = [
    ["0,1", ["0", "1"]],
    ["0,2,-1,1", ["0", "2"]],
    ["NoDevFiles", []],
    ["", []],
    ["1,1", ["1"]],
    [` ${A} , ${MIG_A}`, [A, MIG_A]],
    [OLD_MIG, [OLD_MIG]],
    ["0,$(rm -r /)", ["0"]],
  ];
  for (const [text, entries] of cases) {
    await t.step(text, () => deepEqual(parseVisible(text), entries));
  }
});

/** [what, variables, nvidia-smi, what each GPU is: UUID or its name, `?` where unknown] */
const CASES: [string, Environment, Smi, string[] | undefined][] = [
  ["numbers become UUIDs", { CUDA_VISIBLE_DEVICES: "1,0" }, smi(TWO), [B, A]],
  ["numbers of confined devices", { CUDA_VISIBLE_DEVICES: "0" }, smi(TWO.split("\n")[0]!), [A]],
  ["numbers, nobody tells more", { CUDA_VISIBLE_DEVICES: "0,3" }, SILENT, ["?0", "?3"]],
  ["a number nvidia-smi does not list", { CUDA_VISIBLE_DEVICES: "7" }, smi(TWO), ["?7"]],
  ["numbers of different models", { CUDA_VISIBLE_DEVICES: "0" }, smi(MIXED), ["?0"]],
  [
    "different models along the bus",
    { CUDA_VISIBLE_DEVICES: "0", CUDA_DEVICE_ORDER: "PCI_BUS_ID" },
    smi(MIXED),
    [A],
  ],
  ["UUIDs", { CUDA_VISIBLE_DEVICES: `${B},${A}` }, SILENT, [B, A]],
  ["the beginning of a UUID", { CUDA_VISIBLE_DEVICES: "GPU-8932f937" }, smi(TWO), [A]],
  ["MIG instances", { CUDA_VISIBLE_DEVICES: MIG_B }, smi(DIVIDED, DIVIDED_LIST), [MIG_B]],
  ["MIG before R470", { CUDA_VISIBLE_DEVICES: OLD_MIG }, smi(DIVIDED, OLD_LIST), [OLD_MIG]],
  ["a number of a divided GPU", { CUDA_VISIBLE_DEVICES: "0" }, smi(DIVIDED, DIVIDED_LIST), ["?0"]],
  ["none, said by a variable", { CUDA_VISIBLE_DEVICES: "" }, smi(TWO), []],
  ["the job's", { SLURM_JOB_ID: "1", SLURM_JOB_GPUS: "1" }, smi(TWO), [B]],
  ["the job's, confined", { SLURM_JOB_ID: "1", SLURM_JOB_GPUS: "5-6" }, smi(TWO), [A, B]],
  ["the step's first", { SLURM_STEP_GPUS: "0", SLURM_JOB_GPUS: "0,1" }, smi(TWO), [A]],
  ["the job's, not listed", { SLURM_JOB_GPUS: "7" }, smi(TWO), undefined],
  ["the job's, nobody tells", { SLURM_JOB_GPUS: "0" }, SILENT, undefined],
  ["all of the machine", {}, smi(TWO), [A, B]],
  ["none on the machine", {}, smi("No devices were found\n"), []],
  ["all instances", {}, smi(DIVIDED, DIVIDED_LIST), [MIG_A, MIG_B]],
  ["instances that nobody lists", {}, smi(DIVIDED), undefined],
  ["nobody tells", {}, SILENT, undefined],
  ["those of others on a shared node", { SLURM_JOB_ID: "1" }, smi(TWO), undefined],
  ["AMD's", { ROCR_VISIBLE_DEVICES: "0,1" }, SILENT, ["?0", "?1"]],
];

Deno.test("gpusOf() finds the GPUs of an allocation, and unknown stays unknown", async (t) => {
  for (const [what, env, told, expected] of CASES) {
    await t.step(what, () => {
      const { gpus, source } = gpusOf(env, told);
      deepEqual(
        gpus?.map(({ uuid, name }) => uuid ?? `?${name}`),
        expected,
        source,
      );
    });
  }
});

Deno.test("gpusOf() says what it knows of each, and where it comes from", () => {
  const whole = gpusOf({ CUDA_VISIBLE_DEVICES: "1" }, smi(TWO));
  deepEqual(whole, {
    gpus: [{
      name: "1",
      ...{ uuid: B, instance: false, model: "NVIDIA H200", memory: 143771, used: 1203 },
      mode: "Default",
    }],
    vendor: "nvidia",
    variable: "CUDA_VISIBLE_DEVICES",
    source: "CUDA_VISIBLE_DEVICES",
    notes: [],
  });
  const [instance] = gpusOf({}, smi(DIVIDED, DIVIDED_LIST)).gpus!;
  deepEqual([instance!.model, instance!.memory], ["NVIDIA A100-SXM4-40GB 1g.5gb", undefined]);
  match(gpusOf({}, SILENT).source, /nvidia-smi: command not found/);
  equal(gpusOf({ SLURM_JOB_ID: "1" }, smi(TWO), true).gpus!.length, 2);
});

Deno.test("gpusOf() knows whose GPUs they are only where that is known", async (t) => {
  const both = { CUDA_VISIBLE_DEVICES: "0,1", ROCR_VISIBLE_DEVICES: "2,3" }; // as Slurm may set
  const [amd, cuda, rocr] = ["amd", "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"];
  const cases: [string, Environment, Smi, string | undefined, string][] = [
    ["only AMD's programs read it", { ROCR_VISIBLE_DEVICES: "0" }, SILENT, amd, rocr],
    ["nobody knows", both, SILENT, undefined, cuda],
    ["NVIDIA's tool answers", both, smi(TWO), "nvidia", cuda],
    ["AMD's driver is here", both, { ...SILENT, amd: true }, amd, rocr],
    ["so it is, without its variable", { [cuda]: "0" }, { ...SILENT, amd: true }, amd, cuda],
    ["one of them is empty", { [cuda]: "", [rocr]: "1" }, { ...SILENT, amd: true }, amd, rocr],
    ["one of them is empty, nobody knows", { [cuda]: "", [rocr]: "1" }, SILENT, undefined, rocr],
    ["Intel's", { ZE_AFFINITY_MASK: "0.1" }, SILENT, undefined, "ZE_AFFINITY_MASK"],
  ];
  for (const [what, env, told, vendor, variable] of cases) {
    await t.step(what, () => {
      const found = gpusOf(env, told);
      deepEqual([found.vendor, found.variable], [vendor, variable]);
      deepEqual(found.gpus!.map(({ name }) => name), env[variable]!.split(","));
    });
  }
});
