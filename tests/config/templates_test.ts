import assert from "node:assert/strict";
import type { Experiment } from "../../lib/core/experiment.ts";
import { STARTERS } from "../../lib/config/templates.gen.ts";
import { experimentOf } from "./helpers.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import { templatesModule } from "../../tools/gen_templates.ts";

Deno.test("templates.gen.ts holds templates/ as they are", () => {
  const folder = new URL("../../templates/", import.meta.url);
  const module = new URL("../../lib/config/templates.gen.ts", import.meta.url);
  assert.equal(Deno.readTextFileSync(module), templatesModule(folder));
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name.replace(/\.yaml$/, ""));
  assert.deepEqual(Object.keys(STARTERS).sort(), names.sort());
  for (const [name, text] of Object.entries(STARTERS)) {
    assert.equal(text, Deno.readTextFileSync(new URL(`${name}.yaml`, folder)));
  }
});

Deno.test("every shipped template is an experiment once it is extended", async (t) => {
  for (const name of Object.keys(STARTERS)) {
    await t.step(name, () => {
      const { stages, description, harvest } = experimentOf(`extends: ${name}`, {
        templates: STARTERS,
      });
      assert.equal(stages.length, 1);
      assert.ok(description.length > 0);
      assert.ok(harvest.files.length > 0);
    });
  }
});

Deno.test("what the shipped templates hold as comments is right as well", async (t) => {
  const commented: [string, string, (experiment: Experiment) => void][] = [
    ["baseline", "sweep", ({ sweep }) => assert.deepEqual(sweep?.seeds, [0, 1, 2])],
    ["single-gpu", "modules", ({ stages }) => {
      assert.deepEqual(stages[0]!.environment.modules, ["cuda/12.4"]);
    }],
    ["single-gpu", "secrets", ({ stages }) => {
      assert.deepEqual(stages[0]!.environment.secrets, { WANDB_API_KEY: "/home/me/.wandb_key" });
    }],
    ["container", "runtime", ({ stages }) => {
      assert.equal(stages[0]!.environment.container?.runtime, "apptainer");
    }],
    ["container", "setup", ({ stages }) => {
      assert.deepEqual(stages[0]!.environment.setup, ["source /ext3/env.sh"]);
    }],
    ["cpu-array", "list", ({ sweep }) => assert.equal(sweep?.list?.length, 2)],
  ];
  for (const [name, key, check] of commented) {
    await t.step(`${name}: ${key}`, () => {
      const block = new RegExp(`^( *)# ${key}:.*\\n(?:\\1#  +.*\\n)*`, "m");
      const open = STARTERS[name]!.replace(block, (found) => found.replaceAll(/^( *)# /gm, "$1"));
      check(experimentOf(open));
    });
  }
});

Deno.test("baseline runs as it is, and its result depends on the parameter", async () => {
  const { stages, params } = experimentOf("extends: baseline", { templates: STARTERS });
  assert.deepEqual(params, { epochs: 5, lr: 0.1 });
  const lines = async (lr: string) => {
    const folder = Deno.makeTempDirSync();
    try {
      const command = stages[0]!.command.replace("{params.epochs}", "3").replace("{params.lr}", lr);
      const reply = await denoRunner.run({
        argv: ["bash", "-c", `set -euo pipefail\n${command}`],
        env: { EXPFLOW_RUN_DIR: folder },
      });
      assert.equal(reply.stderr, "");
      assert.equal(reply.code, 0);
      return Deno.readTextFileSync(`${folder}/metrics.jsonl`).trim().split("\n")
        .map((line) => JSON.parse(line));
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  };
  assert.deepEqual(await lines("0.1"), [
    { epoch: 1, loss: 0.909 },
    { epoch: 2, loss: 0.833 },
    { epoch: 3, loss: 0.769 },
  ]);
  assert.equal((await lines("1e-3"))[2].loss, 0.997);
  assert.equal((await lines("0"))[2].loss, 1);
});
