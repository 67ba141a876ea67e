import assert from "node:assert/strict";
import fc from "fast-check";
import type { ParamValue } from "../../lib/core/params.ts";
import { toValue } from "../../lib/config/located.ts";
import { readProject } from "../../lib/config/project.ts";
import { experimentText, projectText, templateText } from "../../lib/config/write.ts";
import { STARTERS } from "../../lib/config/templates.gen.ts";
import { experimentOf, messageOf, treeOf } from "./helpers.ts";

const SCHEMA = "../.expflow/schema/experiment.json";

Deno.test("experimentText() writes what new was told", () => {
  const text = experimentText({
    id: "exp001",
    extends: ["baseline"],
    description: "Test: the first #1",
    tags: ["vision", "no"],
    sets: ["params.lr=1e-7", "params.optim.betas=[0.9, 0.99]", "resources.time=02:00:00"],
    schema: SCHEMA,
  });
  assert.equal(
    text,
    `# yaml-language-server: $schema=../.expflow/schema/experiment.json
# The rest is in the template: expflow show exp001 --provenance
extends: baseline
description: "Test: the first #1"
tags:
  - vision
  - "no"

params:
  lr: 1e-7
  optim.betas:
    - 0.9
    - 0.99

resources:
  time: "02:00:00"
`,
  );
  const { tags, params, description } = experimentOf(text, {
    templates: { baseline: "command: x" },
  });
  assert.deepEqual(tags, ["vision", "no"]);
  assert.deepEqual(params, { lr: 1e-7, optim: { betas: [0.9, 0.99] } });
  assert.equal(description, "Test: the first #1");
});

Deno.test("experimentText() shows what can be filled in", () => {
  assert.equal(
    experimentText({ id: "e", extends: [], schema: SCHEMA, sets: ["command=python x.py"] }),
    `# yaml-language-server: $schema=../.expflow/schema/experiment.json
command: python x.py

# params:
#   lr: 0.1

# resources:
#   time: "02:00:00"
`,
  );
});

Deno.test("experimentText() is read back as it was set", () => {
  const { value } = fc.letrec<{ value: ParamValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 2 },
      fc.string({ unit: "grapheme" }),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
      fc.boolean(),
      fc.array(tie("value"), { maxLength: 3 }),
    ),
  }));
  const params = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), value, { maxKeys: 4 });
  fc.assert(
    fc.property(params, fc.string({ unit: "grapheme", minLength: 1 }), (given, description) => {
      const sets = Object.entries(given).map(([key, item]) =>
        `params.${key}=${JSON.stringify(item)}`
      );
      const text = experimentText({ id: "e", extends: [], description, sets, schema: SCHEMA });
      const found = toValue(treeOf(text)) as { params?: unknown; description: string };
      assert.deepEqual(found.params ?? {}, JSON.parse(JSON.stringify(given)));
      assert.equal(found.description, description);
    }),
    { numRuns: 300 },
  );
});

Deno.test("templateText() copies a shipped template", () => {
  const text = templateText("baseline", SCHEMA);
  assert.equal(text, `# yaml-language-server: $schema=${SCHEMA}\n${STARTERS.baseline}`);
  assert.equal(
    messageOf(() => templateText("singel-gpu", SCHEMA)),
    'Cannot find the shipped template "singel-gpu" | did you mean "single-gpu"?',
  );
});

Deno.test("projectText() says where each value is from", () => {
  const text = projectText([
    { key: "project", value: "vision" },
    { key: "scratch", value: "/scratch/me", comment: "from $SCRATCH" },
    { key: "account", comment: "none found" },
    { key: "user", value: "0123" },
  ], "./.expflow/schema/project.json");
  assert.equal(
    text,
    `# yaml-language-server: $schema=./.expflow/schema/project.json
version: 1
project: vision
scratch: /scratch/me  # from $SCRATCH
# account:  # none found
user: "0123"
`,
  );
  assert.deepEqual(readProject(text, "f").settings, {
    ...{
      project: "vision",
      scratch: "/scratch/me",
      user: "0123",
      scheduler: "auto",
      local: {},
      slurm: {},
      ai: {},
      sync: {},
    },
  });
});
