import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { parseGpus, parseList, parseProcesses } from "../../../lib/queue/gpu/nvidia_smi.ts";
import { A, B, DIVIDED_LIST, MIG_A, MIG_B, MIXED, OLD_LIST, OLD_MIG, TWO } from "./fixtures.ts";

Deno.test("parseGpus() reads rows, and leaves out what is not told", () => {
  deepEqual(parseGpus(TWO)![1], {
    ...{ index: 1, uuid: B, model: "NVIDIA H200", memory: 143771, used: 1203 },
    ...{ mig: false, mode: "Default" },
  });
  deepEqual(parseGpus(MIXED), [
    { index: 0, uuid: A, model: "Tesla T4", memory: 15360, used: 0, mode: "Exclusive_Process" },
    { index: 1, uuid: B, model: "NVIDIA H200", mig: false, mode: "Prohibited" },
  ]);
});

Deno.test("no GPU and no answer are two things", () => {
  for (const parse of [parseGpus, parseList]) {
    deepEqual(parse("No devices were found\n"), []);
    equal(parse(""), undefined);
    equal(parse('Field "mig.mode.current" is not a valid field to query.\n'), undefined);
    equal(parse("NVIDIA-SMI has failed because it couldn't communicate\n"), undefined);
  }
});

Deno.test("parseList() reads GPUs with their instances, in both forms of their names", () => {
  deepEqual(parseList(DIVIDED_LIST), [{
    ...{ index: 0, uuid: B, model: "NVIDIA A100-SXM4-40GB" },
    instances: [{ uuid: MIG_A, profile: "1g.5gb" }, { uuid: MIG_B, profile: "3g.20gb" }],
  }]);
  deepEqual(parseList(OLD_LIST)![0]!.instances, [{ uuid: OLD_MIG, profile: "4g.20gb" }]);
});

Deno.test("parseProcesses() reads what each process uses, unknown where it is not told", () => {
  deepEqual(parseProcesses(`4711, ${A}, 1234\n4711, ${B}, [N/A]\n`), [
    { pid: 4711, uuid: A, memory: 1234 },
    { pid: 4711, uuid: B },
  ]);
  deepEqual(parseProcesses(""), []);
});

Deno.test("whatever nvidia-smi prints, no memory is made up", () => {
  const word = fc.constantFrom("0", "12", "[N/A]", "-1", "1.5", "", "GPU-a", "Default", ", ", "\n");
  fc.assert(fc.property(fc.array(word), (words) => {
    const text = words.join("");
    for (const { memory } of [...parseGpus(text) ?? [], ...parseProcesses(text)]) {
      equal(memory === undefined || (Number.isInteger(memory) && memory >= 0), true);
    }
    parseList(text);
  }));
});
