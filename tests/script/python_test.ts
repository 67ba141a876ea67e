/** Real argparse and real Hydra read back what was written for them. */
import assert from "node:assert/strict";
import type { Params, ParamValue } from "../../lib/core/params.ts";
import { argumentsFor } from "../../lib/script/arguments.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import { available, PYTHON } from "./harness.ts";
import { hostileTexts, SEED } from "./hostile.ts";

const PYTHON_WORKS = available("arguments read by argparse", PYTHON, "-c", "import argparse");
const HYDRA_WORKS = available(
  "overrides read by Hydra (EXPFLOW_TEST_PYTHON may name a Python that has hydra-core)",
  PYTHON,
  "-c",
  "import hydra",
);

async function python(program: string, input: unknown): Promise<unknown> {
  const { code, stdout, stderr } = await denoRunner.run({
    argv: [PYTHON, "-c", program],
    stdin: JSON.stringify(input),
    timeoutMs: 300_000,
  });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const ARGPARSE = `
import argparse, json, sys
given = json.load(sys.stdin)
parser = argparse.ArgumentParser(allow_abbrev=False)
for name, options in given["options"].items():
    if options.get("type"): options["type"] = {"float": float, "int": int}[options["type"]]
    parser.add_argument("--" + name, **options)
print(json.dumps(vars(parser.parse_args(given["argv"]))))
`;

const NUMBERS = [0, -0, 1, -1, 0.1, -0.5, 1e-7, -1e-7, 1.5e300, -2.5e-300, 123456789012345680000];

Deno.test({
  name: "argparse reads back what argumentsFor() writes",
  ignore: !PYTHON_WORKS,
  fn: async (t) => {
    await t.step("texts", async () => {
      const texts = hostileTexts(2000, SEED).filter((text) => text !== "--");
      const params = Object.fromEntries(texts.map((text, i) => [`p${i}`, text]));
      const options = Object.fromEntries(texts.map((_, i) => [`p${i}`, {}]));
      const argv = argumentsFor("argparse", params);
      assert.deepEqual(await python(ARGPARSE, { options, argv }), params, `seed ${SEED}`);
    });
    await t.step("numbers, flags, lists and groups", async () => {
      const float = { type: "float" };
      const cases: [name: string, value: ParamValue, options: object, expected: unknown][] = [
        ...NUMBERS.map((value, i): [string, ParamValue, object, unknown] => [
          `n${i}`,
          value,
          float,
          value + 0,
        ]),
        ["list", NUMBERS, { type: "float", nargs: "*" }, NUMBERS.map((value) => value + 0)],
        ["words", ["a b", "", "-1", "-.5", "x-y"], { nargs: "+" }, ["a b", "", "-1", "-.5", "x-y"]],
        ["empty", [], { nargs: "*" }, null],
        ["on", true, { action: "store_true" }, true],
        ["off", false, { action: "store_true" }, false],
        ["nothing", null, {}, null],
      ];
      const argv = argumentsFor("argparse", Object.fromEntries(cases.map(([n, v]) => [n, v])));
      const options = Object.fromEntries(cases.map(([name, , option]) => [name, option]));
      assert.deepEqual(
        await python(ARGPARSE, { options, argv }),
        Object.fromEntries(cases.map(([name, , , expected]) => [name, expected])),
      );
    });
    await t.step("a group", async () => {
      const argv = argumentsFor("argparse", { optim: { lr: 0.1, betas: { one: -1 } } });
      const options = { "optim.lr": { type: "float" }, "optim.betas.one": { type: "int" } };
      assert.deepEqual(await python(ARGPARSE, { options, argv }), {
        "optim.lr": 0.1,
        "optim.betas.one": -1,
      });
    });
  },
});

const HYDRA = `
import json, sys
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf
parser = OverridesParser.create()
values = []
for override in json.load(sys.stdin):
    config = OmegaConf.create({})
    OmegaConf.update(config, "k", parser.parse_overrides([override])[0].value(), force_add=True)
    values.append(OmegaConf.to_container(config, resolve=True)["k"])
print(json.dumps(values))
`;

const COMPOSE = `
import json, os, sys, tempfile
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
given = json.load(sys.stdin)
with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "config.yaml"), "w") as file: json.dump(given["config"], file)
    with initialize_config_dir(config_dir=folder, version_base=None):
        config = compose("config", overrides=given["argv"])
print(json.dumps(OmegaConf.to_container(config, resolve=True)))
`;

Deno.test({
  name: "Hydra reads back what argumentsFor() writes",
  ignore: !HYDRA_WORKS,
  fn: async (t) => {
    await t.step("10000 hostile texts", async () => {
      const texts = hostileTexts(10_000, SEED).filter((text) => text !== "???");
      const argv = texts.flatMap((text) => argumentsFor("hydra", { k: text }));
      assert.deepEqual(await python(HYDRA, argv), texts, `seed ${SEED}`);
    });
    await t.step("everything else that JSON can hold", async () => {
      const texts = hostileTexts(500, SEED).filter((text) => text !== "???");
      const values: ParamValue[] = [
        ...NUMBERS.map((value) => value + 0),
        true,
        false,
        null,
        [],
        {},
        texts,
        [1, [2, ["x y", null]], { a: 1, "b-c": [true, { d: "null" }] }, []],
        ["true", "false", "NULL", "nan", "inf", "-inf", "1", "1.5", "1e5", "0x1", "1_0", "on", "~"],
      ];
      const argv = values.flatMap((k) => argumentsFor("hydra", { k }));
      assert.deepEqual(await python(HYDRA, argv), values, `seed ${SEED}`);
    });
    await t.step("a whole configuration, by compose()", async () => {
      const texts = hostileTexts(300, SEED).filter((text) => text !== "???");
      const params: Params = {
        lr: 1e-7,
        optim: { name: "adam w", betas: [0.9, 0.999], nested: { "deep-er": null } },
        ...Object.fromEntries(texts.map((text, i) => [`p${i}`, text])),
      };
      const config = {
        lr: 1,
        optim: { name: "sgd", betas: [], nested: { "deep-er": 1 } },
        ...Object.fromEntries(texts.map((_, i) => [`p${i}`, "?"])),
      };
      const argv = argumentsFor("hydra", params);
      assert.deepEqual(await python(COMPOSE, { config, argv }), params, `seed ${SEED}`);
    });
  },
});
