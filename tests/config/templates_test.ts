import assert from "node:assert/strict";
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

Deno.test("the commented-out parts of the shipped templates are right as well", async (t) => {
  for (const [name, text] of Object.entries(STARTERS)) {
    await t.step(name, () => {
      const blocks = text.matchAll(/(?:^ *# ?(?: *[\w]+:.*|  +.*)\n)+/gm);
      for (const [block] of blocks) {
        const open = block.replaceAll(/^( *)# /gm, "$1");
        if (!/^ *(sweep|list|secrets|modules|runtime|nv|setup):/m.test(open)) continue;
        const whole = text.replace(block, open.replace(/^ *(conda|venv|uv): .*\n/gm, ""));
        assert.notEqual(whole, text);
        experimentOf(whole);
      }
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
    { epoch: 1, lr: 0.1, loss: 0.909 },
    { epoch: 2, lr: 0.1, loss: 0.833 },
    { epoch: 3, lr: 0.1, loss: 0.769 },
  ]);
  assert.equal((await lines("1e-3"))[2].loss, 0.997);
  assert.equal((await lines("0"))[2].loss, 1);
});
