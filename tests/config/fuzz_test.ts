import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError } from "../../lib/core/errors.ts";
import { RESOURCE_WORDS } from "../../lib/config/resource_words.ts";
import { EXPERIMENT_KEYS } from "../../lib/config/schema.ts";
import { experimentOf } from "./helpers.ts";

Deno.test("whatever a file says, it is an experiment or a ConfigError of one line", () => {
  const words = [
    ...EXPERIMENT_KEYS,
    ...RESOURCE_WORDS.slice(0, 30),
    ...["train", "after", "grid", "list", "seeds", "seed_key", "files", "path", "regex", "metrics"],
    ...["direction", "env", "secrets", "container", "image", "overlays", "modules", "a.b", "lr"],
  ];
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom(
        "train",
        "result.json",
        "max",
        "2h",
        "4G",
        "afterok",
        "off",
        "(x)",
        "~/x",
        "",
      ),
      fc.integer({ min: -1, max: 3 }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...words), tie("value"), { maxKeys: 4 }),
    ),
  }));
  const file = fc.dictionary(fc.constantFrom(...words), value, { maxKeys: 6 });
  let good = 0;
  fc.assert(
    fc.property(file, file, (given, base) => {
      try {
        experimentOf(JSON.stringify({ command: "x", ...given, extends: "base" }), {
          templates: { base: JSON.stringify({ ...base, extends: null }) },
        });
        good++;
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
        assert.match(error.message, /^(exp|base)\.yaml(:\d+:\d+)?: Cannot [^\n]+$/);
        assert.ok(error.hint);
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(good > 0, "no experiment was valid: the test proves nothing");
});
