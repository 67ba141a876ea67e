import { deepEqual, equal, match, throws } from "node:assert/strict";
import { parseNodeUse } from "../../lib/cluster/probes/node_use.ts";
import { applySite } from "../../lib/cluster/site/apply.ts";
import { ProfileFinder } from "../../lib/cluster/site/find.ts";
import { meantType, type SeenGpus, seenGpus } from "../../lib/cluster/site/seen_gpus.ts";
import { parseYamlMap } from "../../lib/config/yaml.ts";
import { check } from "../../lib/config/explain.ts";
import { profileSchema } from "../../lib/cluster/site/profile.ts";
import type { Resources } from "../../lib/core/resources.ts";
import { resourceDirectives } from "../../lib/script/directives.ts";
import { fixture, versions } from "../schedulers/slurm_fixtures.ts";

const SHIPPED = new ProfileFinder([]);
const NOTHING = { modules: [], purge: false, env: {}, secrets: {}, setup: [] };
const LAB: SeenGpus = { types: ["a100", "h100", "rtx8000"], features: ["a100", "gpu", "ib"] };

function at(site: string, resources: Resources, seen?: SeenGpus) {
  return applySite({ resources, environment: NOTHING }, SHIPPED.find(site), seen);
}

Deno.test("seenGpus() of the lab", async (t) => {
  for (const version of versions) {
    await t.step(version, () => {
      const nodes = parseNodeUse(fixture(version, "advice-nodes").reply.stdout)!;
      const { types, features } = seenGpus(nodes);
      deepEqual(types, ["a100", "h100", "rtx8000"]);
      equal(features.includes("gpu80g") && !features.includes("bigmem"), true);
    });
  }
});

Deno.test("meantType() finds the one type that is meant", () => {
  const long = ["nvidia_a100-sxm4-80gb", "nvidia_h100_80gb_hbm3", "a100_1g.10gb"];
  const table: [string, string[], string | undefined][] = [
    ["A100", LAB.types, "a100"],
    ["a100", ["A100", "a100"], "a100"],
    ["h100", long, "nvidia_h100_80gb_hbm3"],
    ["a100", long, undefined],
    ["100", long, undefined],
    ["", long, undefined],
    ["a100", [], undefined],
  ];
  for (const [given, types, meant] of table) equal(meantType(given, types), meant, given);
});

Deno.test("a site without known types asks for GPUs as sinfo lists them", async (t) => {
  const asked = (gpu_type: string, constraint?: string) => ({
    gpus: 2,
    gpu_type,
    ...constraint === undefined ? {} : { constraint },
  });
  const untyped: SeenGpus = { types: [], features: ["a100", "ib"] };
  const table: [string, Resources, SeenGpus, string[]][] = [
    ["its name", asked("A100"), LAB, ["--gres=gpu:a100:2"]],
    ["a feature", asked("A100"), untyped, ["--gres=gpu:2", "--constraint=a100"]],
    ["beside another", asked("a100", "ib"), untyped, ["--gres=gpu:2", `--constraint="ib&a100"`]],
    ["no such type", asked("h200"), LAB, ["--gres=gpu:h200:2"]],
    ["no type", { gpus: 2 }, LAB, ["--gres=gpu:2"]],
  ];
  for (const [name, resources, seen, expected] of table) {
    await t.step(name, () => {
      const draft = at("generic", resources, seen);
      const lines = resourceDirectives(draft.resources, draft.script);
      deepEqual(lines.map((line) => line.replace("#SBATCH ", "")).sort(), expected.sort());
    });
  }
  await t.step("what changed, and what cannot be, is told", () => {
    const [change] = at("generic", asked("A100"), LAB).changes;
    deepEqual(change, {
      key: "resources.gpu_type",
      was: "A100",
      value: "a100",
      rule: "the GPUs that sinfo lists",
    });
    const { warnings } = at("generic", asked("h200"), LAB);
    match(warnings.join(), /no node of this cluster has GPUs of type h200: did you mean "h100"/);
  });
  await t.step("a profile that knows its types is believed", () => {
    const resources = { ...asked("h200"), account: "torch_pr_1_cds" };
    deepEqual(at("torch", resources, LAB).resources, at("torch", resources).resources);
  });
});

Deno.test("export of a profile holds names only", () => {
  const read = (text: string) => check(profileSchema, parseYamlMap(`export: ${text}`, "p.yaml"));
  deepEqual([read("NIL").export, read("[LANG, MY_DATA]").export], ["NIL", ["LANG", "MY_DATA"]]);
  for (const text of ["ALL,A=1", "[A=1]", "none"]) throws(() => read(text), /NONE, NIL, ALL or/);
});
