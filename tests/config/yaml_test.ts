import assert from "node:assert/strict";
import fc from "fast-check";
import { CORE_SCHEMA, dump, load, mergeTag } from "js-yaml";
import { formatOrigin, provenance } from "../../lib/config/located.ts";
import { parseYaml, readYaml } from "../../lib/config/yaml.ts";
import { messageOf } from "./helpers.ts";

Deno.test("readYaml() reads YAML 1.2", async (t) => {
  const cases: [string, unknown][] = [
    ["time: 02:00:00", { time: "02:00:00" }],
    ["a: 1e-4\nb: 1e3\nc: .5\nd: 0x10\ne: 0o17\nf: -7", {
      ...{ a: 0.0001, b: 1000, c: 0.5, d: 16, e: 15, f: -7 },
    }],
    ["a: on\nb: no\nc: true\nd: ~\ne:\nf: null", {
      ...{ a: "on", b: "no", c: true, d: null, e: null, f: null },
    }],
    ["a: !!str 5\nb: !!int '7'\nc: ! 1", { a: "5", b: 7, c: "1" }],
    ["a: |\n  x\n  y\nb: >-\n  x\n  y", { a: "x\ny\n", b: "x y" }],
    ["[1, [2], {a: b}]", [1, [2], { a: "b" }]],
    ["\"a b\": 'it''s'\n? c\n: \"\\u0041\\n\"", { "a b": "it's", c: "A\n" }],
    ["1: a\ntrue: b", { "1": "a", "true": "b" }],
    ["# only a comment", null],
    ["", null],
    ["a: &x [1]\nb: *x", { a: [1], b: [1] }],
    ["a: '*x'\nb: |\n  <<: *y\n# *z", { a: "*x", b: "<<: *y\n" }],
    ["\uFEFFa: 1", { a: 1 }],
    ["a: 1\r\nb: 2\r\n", { a: 1, b: 2 }],
  ];
  for (const [text, expected] of cases) {
    await t.step(JSON.stringify(text), () => assert.deepEqual(readYaml(text, "f.yaml"), expected));
  }
});

Deno.test("readYaml() merges within a file as js-yaml does", async (t) => {
  const schema = CORE_SCHEMA.withTags(mergeTag);
  const texts = [
    "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}",
    "a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc:\n  <<: [*a, *b]\n  w: 4",
    "a: &a {x: {p: 1}}\nb: {<<: *a, x: {q: 2}}",
    "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}",
    "b: {<<: {x: 1}, y: 2}",
    "a: &a\n  - {x: 1}\n  - {x: 2, y: 3}\nb: {<<: *a}",
    'b: {"<<": 1}',
  ];
  for (const text of texts) {
    await t.step(text, () => assert.deepEqual(readYaml(text, "f"), load(text, { schema })));
  }
});

Deno.test("readYaml() reads back whatever js-yaml writes", () => {
  const key = fc.string({ unit: "grapheme", maxLength: 8 }).filter((name) => name !== "__proto__");
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: "grapheme" }),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
      fc.array(tie("node"), { maxLength: 4 }),
      fc.dictionary(key, tie("node"), { maxKeys: 4 }),
    ),
  })).node;
  fc.assert(
    fc.property(value, (given) => {
      const text = dump(given, { noRefs: true });
      assert.deepEqual(readYaml(text, "f"), JSON.parse(JSON.stringify(given)));
    }),
    { numRuns: 500 },
  );
});

Deno.test("parseYaml() knows where each value is", () => {
  const text = [
    "extends: base",
    "d: &d {x: 1, y: [1, 2]}",
    "e:",
    "    <<: *d",
    '    "q":   "s"',
    "    block: |",
    "        hello",
    "    empty:",
    "    tagged: !!str 5",
    "list: [a, {b: c}]",
    "group: {}",
  ].join("\n");
  const found = provenance(parseYaml(text, "f.yaml"))
    .map(({ path, value, origin }) => `${path} ${JSON.stringify(value)} ${formatOrigin(origin)}`);
  assert.deepEqual(found, [
    'extends "base" f.yaml:1:10',
    "d.x 1 f.yaml:2:11",
    "d.y [1,2] f.yaml:2:17",
    "e.x 1 f.yaml:2:11",
    "e.y [1,2] f.yaml:2:17",
    'e.q "s" f.yaml:5:12',
    'e.block "hello\\n" f.yaml:6:5',
    "e.empty null f.yaml:8:5",
    'e.tagged "5" f.yaml:9:19',
    'list ["a",{"b":"c"}] f.yaml:10:7',
    "group {} f.yaml:11:8",
  ]);
});

Deno.test("readYaml() says what is wrong, where, and quotes the line", async (t) => {
  const check = "check indentation, quotes and brackets on this line and the one before";
  const cases: [string, string][] = [
    [
      "a: 1\n b: 2",
      `f.yaml:2:3: Cannot read the YAML: bad indentation of a mapping entry, in " b: 2" | ${check}`,
    ],
    [
      "a: [1, 2\n",
      `f.yaml:2:1: Cannot read the YAML: deficient indentation, in "a: [1, 2" | ${check}`,
    ],
    [
      "x: 1\na: 'b",
      `f.yaml:2:6: Cannot read the YAML: unexpected end of the stream within a single quoted scalar, in "a: 'b" | ${check}`,
    ],
    [
      "a:\n\t- b",
      'f.yaml:2:1: Cannot read the YAML: tab characters must not be used in indentation, in "\\t- b" | indent with spaces',
    ],
    [
      "a: 1\nb: 2\na: 3",
      'f.yaml:3:1: Cannot use the key "a" twice: it is in line 1 already | remove one of them',
    ],
    [
      "a: *b",
      "f.yaml:1:4: Cannot use *b: no anchor &b before it in this file | define it before with &b; only `<<: *b` may name a template file",
    ],
    [
      "a: {<<: *b}",
      "f.yaml:1:9: Cannot use *b: no anchor &b before it in this file | define it before with &b; only `<<: *b` may name a template file",
    ],
    [
      "a: &b {c: *b}",
      "f.yaml:1:11: Cannot use *b: no anchor &b before it in this file | define it before with &b; only `<<: *b` may name a template file",
    ],
    [
      "a: .nan",
      "f.yaml:1:4: Cannot keep .nan: JSON has no such number | quote it to keep the text",
    ],
    [
      "a: -.inf",
      "f.yaml:1:4: Cannot keep -.inf: JSON has no such number | quote it to keep the text",
    ],
    [
      "id: 12345678901234567890",
      "f.yaml:1:5: Cannot keep 12345678901234567890: it has more digits than a number keeps | quote it to keep the text",
    ],
    ["a: !!int x", 'f.yaml:1:10: Cannot read "x" with the tag !!int | leave it out'],
    ["a: !mine x", 'f.yaml:1:10: Cannot read "x" with the tag !mine | leave it out'],
    ["? [a]\n: b", "f.yaml:1:3: Cannot use a list as a key: expected text | write key: value"],
    [
      "--- 1\n--- 2",
      "f.yaml:1:1: Cannot read the YAML: found several documents, expected one | take the line --- out, or make several files",
    ],
    [
      "a: 1\n<<: 5",
      'f.yaml:2:5: Cannot merge "5": expected a mapping | write `<<: *name`, or a list of such names',
    ],
    ["__proto__: 1", "f.yaml:1:1: Cannot use the key __proto__: expected another name | rename it"],
    [
      "a: b\0c",
      `f.yaml:1:5: Cannot read the YAML: null byte is not allowed in input, in "a: b\\u0000c" | ${check}`,
    ],
  ];
  for (const [text, message] of cases) {
    await t.step(JSON.stringify(text), () => {
      assert.equal(messageOf(() => readYaml(text, "f.yaml")), message);
    });
  }
});
