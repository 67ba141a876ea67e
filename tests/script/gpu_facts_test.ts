import { deepEqual, equal, ok } from "node:assert/strict";
import { type Lab, withLab } from "./harness.ts";

/** The form of `nvidia-smi -q`, after its documentation. */
const ANSWER = `
==============NVSMI LOG==============

Timestamp                                 : Sun Nov 22 07:00:00 2026
Driver Version                            : 570.86.15
CUDA Version                              : 12.8

Attached GPUs                             : 1
GPU 00000000:01:00.0
    Product Name                          : NVIDIA "H200" 141GB
    Product Brand                         : NVIDIA
`;

/** A PATH with an nvidia-smi that is this script. */
function pathWith(lab: Lab, script: string): string {
  Deno.mkdirSync(lab.at("bin"));
  Deno.writeTextFileSync(lab.at("bin", "nvidia-smi"), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
  return `${lab.at("bin")}:${Deno.env.get("PATH")}`;
}

async function recorded(lab: Lab, env: Record<string, string>, gpus = 1) {
  const { code, stderr } = await lab.run(lab.write({ resources: { gpus } }), env);
  equal(code, 0, stderr);
  const record = JSON.parse(lab.read("runs", "0", "attempt.train.1.json"));
  const { gpu_model, gpu_driver, cuda, nvidia_tf32_override } = record;
  return { gpu_model, gpu_driver, cuda, nvidia_tf32_override };
}

const NOTHING = {
  gpu_model: undefined,
  gpu_driver: undefined,
  cuda: undefined,
  nvidia_tf32_override: undefined,
};

Deno.test("a job with GPUs records model, driver and CUDA", () =>
  withLab(async (lab) => {
    const PATH = pathWith(lab, `[[ "$*" == "-q -i 0" ]] || exit 9\ncat <<'X'${ANSWER}X`);
    deepEqual(await recorded(lab, { PATH, NVIDIA_TF32_OVERRIDE: "0" }), {
      gpu_model: 'NVIDIA "H200" 141GB',
      gpu_driver: "570.86.15",
      cuda: "12.8",
      nvidia_tf32_override: "0",
    });
  }));

Deno.test("what nvidia-smi does not tell is not recorded, and the run goes on", async (t) => {
  const cases: [name: string, script: string][] = [
    ["it is not there", ""],
    ["it fails", "echo 'NVIDIA-SMI has failed' ; exit 9"],
    ["it does not know", "echo 'Driver Version      : N/A'; echo 'CUDA Version     : N/A'"],
    ["it hangs", "trap '' TERM; sleep 30"],
  ];
  for (const [name, script] of cases) {
    await t.step(name, () =>
      withLab(async (lab) => {
        const began = Date.now();
        const env = script === "" ? {} : { PATH: pathWith(lab, script) };
        deepEqual(await recorded(lab, env as Record<string, string>), NOTHING);
        ok(Date.now() - began < 15_000, "it was waited for");
      }));
  }
});

Deno.test("a job without GPUs does not ask", () =>
  withLab(async (lab) => {
    const asked = lab.at("asked");
    deepEqual(await recorded(lab, { PATH: pathWith(lab, `touch ${asked}`) }, 0), NOTHING);
    equal([...Deno.readDirSync(lab.root)].some(({ name }) => name === "asked"), false);
  }));
