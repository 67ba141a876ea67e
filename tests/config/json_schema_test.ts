import assert from "node:assert/strict";
import {
  experimentJsonSchema,
  projectJsonSchema,
  schemaHeader,
} from "../../lib/config/json_schema.ts";
import { STARTERS } from "../../lib/config/templates.gen.ts";
import { readYaml } from "../../lib/config/yaml.ts";
import { experimentOf } from "./helpers.ts";

// deno-lint-ignore no-explicit-any
type Schema = any;

/** Whether a value fits a schema, for the keywords that the schemas use; others are an error. */
function fits(schema: Schema, value: unknown, root: Schema = schema): boolean {
  return Object.entries(schema)
    .every(([keyword, rule]) => holds(keyword, rule, value, schema, root));
}

function holds(
  keyword: string,
  rule: Schema,
  value: unknown,
  schema: Schema,
  root: Schema,
): boolean {
  const map = typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value)
    : undefined;
  switch (keyword) {
    case "type":
      return [rule].flat().some((type) => typesOf(value).includes(type));
    case "anyOf":
      return rule.some((option: Schema) => fits(option, value, root));
    case "allOf":
      return rule.every((option: Schema) => fits(option, value, root));
    case "$ref":
      return fits(root.definitions[rule.replace("#/definitions/", "")], value, root);
    case "enum":
      return rule.includes(value);
    case "const":
      return rule === value;
    case "pattern":
      return typeof value !== "string" || new RegExp(rule).test(value);
    case "minimum":
      return typeof value !== "number" || value >= rule;
    case "maximum":
      return typeof value !== "number" || value <= rule;
    case "minItems":
      return !Array.isArray(value) || value.length >= rule;
    case "items":
      return !Array.isArray(value) || value.every((item) => fits(rule, item, root));
    case "required":
      return !map || rule.every((key: string) => Object.hasOwn(value as object, key));
    case "propertyNames":
      return !map || map.every(([key]) => fits(rule, key, root));
    case "properties":
      return !map ||
        map.every(([key, item]) => !Object.hasOwn(rule, key) || fits(rule[key], item, root));
    case "additionalProperties": {
      const known = Object.keys(schema.properties ?? {});
      return !map ||
        map.every(([key, item]) =>
          known.includes(key) || (rule !== false && fits(rule, item, root))
        );
    }
    case "if":
      return !fits(rule, value, root) || fits(schema.then, value, root);
    case "then":
    case "definitions":
    case "$schema":
    case "title":
    case "description":
      return true;
    default:
      throw new Error(`the test does not know the keyword ${keyword}`);
  }
}

function typesOf(value: unknown): string[] {
  if (value === null) return ["null"];
  if (Array.isArray(value)) return ["array"];
  return Number.isInteger(value) ? ["integer", "number"] : [typeof value];
}

Deno.test("the JSON Schema takes what expflow takes", async (t) => {
  const schema = experimentJsonSchema();
  for (const [name, text] of Object.entries(STARTERS)) {
    await t.step(name, () => assert.ok(fits(schema, readYaml(text, name))));
  }
  const texts = [
    "command: x\nepochs: 10\ntime_limit: '02:00:00'\nnum_gpus: 4",
    "command: x\nresources: {time: 90, cpus-per-task: 2, num_gpus: a100:2, mem: null, qos: 5}",
    "command: x\nresources: {gres: gpu:2}\nparams:\n",
    "stages: {a: x, b: {command: y, after: {a: afterany}, resources: {walltime: 1h}}}",
    "command: x\nenvironment: {container: a.sif, env: {A: 1, B: true}, modules: gcc}",
    "command: x\nsweep: {grid: {lr: [1], o: {wd: [2]}}, list: [{a: 1}], seeds: 3}",
    "command: x\nsweep: {concat: [{zip: {a: [1], b: '5:5:1'}}, {random: {n: 2, params: {c: 'int(1,3)'}}}]}",
    "command: x\nparams: {a: 1}\nsweep: {groups: {g: {list: [{b: 1}], resources: {time: 1h}}}, where: a == 1}",
    "command: x\nharvest: [a.json, {regex: {acc: '(.)'}}]",
    "command: x\nharvest: {files: a.json, direction: {acc: max}}\nsnapshot: off\ntags: a",
  ];
  for (const text of texts) {
    await t.step(text, () => {
      experimentOf(text);
      assert.ok(fits(schema, readYaml(text, "f")));
    });
  }
});

Deno.test("the JSON Schema refuses what expflow refuses", async (t) => {
  const schema = experimentJsonSchema();
  const texts = [
    "command: x\nparams: {}\nlr: 1",
    "command: x\nresources: {gpu_number: 1}",
    "command: x\nresources: {nodes: two}",
    "command: x\nargs: click",
    "stages: {a: {comand: x}}",
    "command: x\nsweep: {gird: {}}",
    "command: x\nsweep: {concat: [{gird: {}}]}",
    "command: x\nsweep: {random: {params: {a: [1]}}}",
    "command: x\nsweep: {grid: {lr: 0.1}}",
    "command: x\nenvironment: {container: {img: a}}",
    "command: x\nharvest: {direction: {acc: up}}",
  ];
  for (const text of texts) {
    await t.step(text, () => {
      assert.throws(() => experimentOf(text));
      assert.ok(!fits(schema, readYaml(text, "f")));
    });
  }
});

Deno.test("the JSON Schema of a project", () => {
  const schema = projectJsonSchema();
  assert.ok(fits(schema, { version: 1, account: 123, defaults: { resources: { time: 90 } } }));
  assert.ok(!fits(schema, { acount: "x" }));
  assert.ok(!fits(schema, { version: 2 }));
});

Deno.test("every key of the JSON Schema says what it is", () => {
  for (const schema of [experimentJsonSchema(), projectJsonSchema()]) {
    for (const [key, rule] of Object.entries(schema.properties ?? {})) {
      if (key !== "<<") assert.ok((rule as { description?: string }).description, key);
    }
  }
});

Deno.test("schemaHeader() is what the YAML language server looks for", () => {
  assert.equal(schemaHeader("../x.json"), "# yaml-language-server: $schema=../x.json\n");
});
