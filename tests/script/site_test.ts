import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { ConfigError } from "../../lib/core/errors.ts";
import { directives } from "../../lib/script/directives.ts";
import { type GpuSyntax, PLAIN_SITE } from "../../lib/script/site.ts";
import { modelIn, withLab } from "./harness.ts";

Deno.test("directives() ask for GPUs as the site wants", async (t) => {
  const resources = { gpus: 4, gpu_type: "a100", nodes: 2 };
  const cases: [GpuSyntax, string[]][] = [
    ["gres", ["#SBATCH --gres=gpu:a100:4"]],
    ["gpus-per-node", ["#SBATCH --gpus-per-node=a100:4"]],
    ["gpus", ["#SBATCH --gpus=a100:8"]],
    ["none", []],
  ];
  for (const [gpus, wanted] of cases) {
    await t.step(gpus, () => {
      const lines = directives(modelIn("/p", { resources, site: { ...PLAIN_SITE, gpus } }));
      deepEqual(lines.filter((line) => /g(res|pus)/.test(line)), wanted);
    });
  }
});

Deno.test("directives() take a site's comments, and nothing that is more", () => {
  const lines = (line: string) =>
    directives(modelIn("/p", { site: { ...PLAIN_SITE, lines: [line] } }));
  equal(lines("#GREENE GREENE_GPU_MPS=yes").at(-1), "#GREENE GREENE_GPU_MPS=yes");
  for (const line of ["#SBATCH --uid=0", "#!/bin/sh", "rm -rf /", "# a\n#SBATCH --uid=0"]) {
    throws(() => lines(line), ConfigError, line);
  }
});

Deno.test("a script unsets what the site says, and takes the first fast folder there is", async () => {
  await withLab(async (lab) => {
    const fast = lab.at("fast");
    Deno.mkdirSync(fast);
    const script = lab.write({
      command: 'printf "%s,%s\\n" "$TMPDIR" "${NOISE-unset}" >told',
      site: { ...PLAIN_SITE, unset: ["NOISE", "NOT_SET"], tmp: ["GONE", "EMPTY", "FAST", "OTHER"] },
    });
    const text = Deno.readTextFileSync(script);
    ok(!/\$\{\w+:-/.test(text));
    match(text, /unset -v NOISE NOT_SET/);
    const env = { NOISE: "x", EMPTY: "", GONE: lab.at("gone"), FAST: fast, OTHER: "/tmp" };
    const { code, stderr } = await lab.run(script, env);
    equal(code, 0, stderr);
    equal(Deno.readTextFileSync(lab.at("work", "told")), `${fast},unset\n`);
  });
});
