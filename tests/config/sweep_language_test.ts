import assert from "node:assert/strict";
import type { Params } from "../../lib/core/params.ts";
import type { Sweep } from "../../lib/core/sweep.ts";
import { expandSweep } from "../../lib/config/sweep.ts";
import type { Exclusion } from "../../lib/config/sweep_walk.ts";
import { experimentOf, messageOf } from "./helpers.ts";

const expand = (sweep: Sweep, params: Params = {}) => [...expandSweep(sweep, params)];
const paramsOf = (sweep: Sweep, params: Params = {}) =>
  expand(sweep, params).map((point) => point.params);

Deno.test("every part of a sweep has its points and its place", async (t) => {
  const cases: [string, Sweep, Params, Params[]][] = [
    ["zip advances together", { zip: { a: [1, 2], "o.b": "5:6:1" } }, { o: { c: 0 } }, [
      { a: 1, o: { b: 5, c: 0 } },
      { a: 2, o: { b: 6, c: 0 } },
    ]],
    ["a zip may repeat a value, not a row", { zip: { a: [1, 1], b: [1, 2] } }, {}, [
      { a: 1, b: 1 },
      { a: 1, b: 2 },
    ]],
    [
      "concat, one after the other",
      {
        concat: [{ grid: { a: [1, 2] } }, { list: [{ b: 1 }] }],
        grid: { c: [7, 8] },
      },
      {},
      [
        { a: 1, c: 7 },
        { a: 1, c: 8 },
        { a: 2, c: 7 },
        { a: 2, c: 8 },
        { b: 1, c: 7 },
        { b: 1, c: 8 },
      ],
    ],
    [
      "a point of two parts is there once",
      {
        concat: [{ grid: { a: [1, 2] } }, { grid: { a: [2, 3] } }, { list: [{}] }],
      },
      { a: 3 },
      [{ a: 1 }, { a: 2 }, { a: 3 }],
    ],
    [
      "seeds of a part stay innermost",
      {
        concat: [{ grid: { a: [1] }, seeds: 2 }],
        grid: { b: [1, 2] },
      },
      {},
      [
        { a: 1, b: 1, seed: 0 },
        { a: 1, b: 1, seed: 1 },
        { a: 1, b: 2, seed: 0 },
        { a: 1, b: 2, seed: 1 },
      ],
    ],
    [
      "when: not set where it does not hold",
      {
        grid: { o: ["sgd", "adam"], m: [0.8, 0.9] },
        when: { m: "o == 'sgd'" },
      },
      {},
      [{ o: "sgd", m: 0.8 }, { o: "sgd", m: 0.9 }, { o: "adam" }],
    ],
    [
      "when: there, what params say",
      {
        grid: { o: ["sgd", "adam"], m: [0.8, 0.9] },
        when: { m: "o == 'sgd'" },
      },
      { m: 0.9 },
      [{ o: "sgd", m: 0.8 }, { o: "sgd", m: 0.9 }, { o: "adam", m: 0.9 }],
    ],
    [
      "when: a chain of conditions, written in any order",
      {
        grid: { a: [0, 1], b: [0, 1], c: [0, 1] },
        when: { c: "b == 1", b: "a == 1" },
      },
      {},
      [{ a: 0 }, { a: 1, b: 0 }, { a: 1, b: 1, c: 0 }, { a: 1, b: 1, c: 1 }],
    ],
    ["when: in a zip", { zip: { a: [1, 1, 2], m: [5, 6, 7] }, when: { m: "a > 1" } }, {}, [
      { a: 1 },
      { a: 2, m: 7 },
    ]],
    [
      "where: what is not there breaks nothing",
      {
        concat: [{ grid: { a: [1, 2] } }, { grid: { b: [1] } }],
        where: ["a < 2", "a != 7"],
      },
      {},
      [{ a: 1 }, { b: 1 }],
    ],
    [
      "where of a part looks at the whole point",
      {
        concat: [{ grid: { a: [1, 2] }, where: "a + b < 4" }, { grid: { a: [9] } }],
        grid: { b: [1, 2] },
      },
      {},
      [{ a: 1, b: 1 }, { a: 1, b: 2 }, { a: 2, b: 1 }, { a: 9, b: 1 }, { a: 9, b: 2 }],
    ],
    [
      "a group as a value, and parts beside those it has",
      {
        grid: { "optim.lr": [1, 2], optim: [{ name: "sgd" }] },
      },
      { optim: { old: 1 } },
      [{ optim: { name: "sgd", lr: 1 } }, { optim: { name: "sgd", lr: 2 } }],
    ],
    ["draws repeat nothing", { random: { n: 50, params: { a: "int(1,2)" } } }, {}, [
      { a: 2 },
      { a: 1 },
    ]],
  ];
  for (const [name, sweep, params, expected] of cases) {
    await t.step(name, () => assert.deepEqual(paramsOf(sweep, params), expected));
  }
});

Deno.test("expandSweep() names the group of a point, and what it leaves out", () => {
  const excluded: Exclusion[] = [];
  const sweep: Sweep = {
    groups: { small: { grid: { a: [1, 2] } }, large: { grid: { a: [2, 3] } } },
    where: "a < 3",
  };
  const points = [...expandSweep(sweep, {}, (exclusion) => excluded.push(exclusion))];
  assert.deepEqual(points, [
    { params: { a: 1 }, group: "small" },
    { params: { a: 2 }, group: "small" },
  ]);
  assert.deepEqual(excluded, [{ by: "same", text: "" }, { by: "where", text: "a < 3" }]);
});

Deno.test("what is wrong in a sweep is said with its place", async (t) => {
  const once = "remove one of them; for replicates use seeds";
  const ranges = "write 0:1:0.1 (start:end:step), log(1e-4,1e-1,7) or lin(0,1,5)";
  const draws =
    "write uniform(0,1), loguniform(1e-4,1e-1), int(1,8), normal(0,1), choice(adam,sgd) or a list";
  const write = "write it as lr * batch <= 1 and optimizer in ['sgd', 'adam']";
  const cases: [string, string][] = [
    [
      "sweep:\n  zip:\n    a: [1, 2]\n    b: [1]\n",
      "exp.yaml:5:8: Cannot zip a and b: they have 2 and 1 values | give each as many values; for all combinations use grid",
    ],
    [
      "sweep:\n  zip:\n    a: [1, 1]\n    b: [2, 2]\n",
      `exp.yaml:4:12: Cannot sweep over zip: values 1 and 2 are the same ({"a":1,"b":2}) | ${once}`,
    ],
    [
      "sweep:\n  grid:\n    a: 0:1:0.3\n",
      `exp.yaml:4:8: Cannot read the range "0:1:0.3": 1 is not a whole number of steps from 0 | write 0:0.9:0.3, or quote it where it is text in a list: ['0:1:0.3']`,
    ],
    [
      "sweep:\n  concat:\n    - grid:\n        a: log(0,1,3)\n",
      `exp.yaml:5:12: Cannot read the range "log(0,1,3)": both ends of log() must be above 0 | as in log(1e-4,1e-1,7)`,
    ],
    [
      "sweep:\n  grid:\n    a: log(1,2)\n",
      `exp.yaml:4:8: Cannot read the range "log(1,2)": expected a list of values or a range | ${ranges}`,
    ],
    [
      "sweep:\n  random: {n: 3, params: {a: 'gauss(0,1)'}}\n",
      `exp.yaml:3:26: Cannot draw from "gauss(0,1)": it is not known | ${draws}`,
    ],
    [
      "sweep:\n  random: {n: 3, params: {a: int(0,1)}}\n",
      `exp.yaml:3:26: Cannot draw from "int(0": its ( is not closed, inside { } it must be quoted | ${draws}`,
    ],
    [
      "sweep:\n  random: {params: {a: [1]}}\n",
      "exp.yaml:3:3: Cannot use sweep.random: it has no n | add n:",
    ],
    [
      "sweep:\n  grid: {lr: [1]}\n  where: lrr < 2\n",
      `exp.yaml:4:10: Cannot use the condition "lrr < 2": lrr is no parameter | did you mean "lr"?; where it is text, quote it: 'lrr'`,
    ],
    [
      "sweep:\n  grid: {lr: [1]}\n  where: [lr < 2, lr => 1]\n",
      `exp.yaml:4:19: Cannot read the condition "lr => 1": at column 5, found >, expected a value | ${write}`,
    ],
    [
      "sweep:\n  grid: {lr: [1]}\n  when:\n    m: lr > 1\n",
      "exp.yaml:5:8: Cannot make m conditional: the sweep does not set it | known: lr",
    ],
    [
      "sweep:\n  grid: {a: [1], b: [2]}\n  when: {a: b > 1, b: a > 1}\n",
      "exp.yaml:4:13: Cannot make a conditional: whether it is set depends on a, b | take one of these conditions out",
    ],
    [
      "sweep:\n  concat:\n    - list: [{a: 1}]\n  grid: {a: [1]}\n",
      "exp.yaml:5:13: Cannot sweep over a in grid: list sweeps over a already | sweep over a parameter in one place",
    ],
    [
      "sweep:\n  groups: {g: {grid: {a: [1]}, resources: {nods: 2}}}\n",
      'exp.yaml:3:44: Cannot use the key "nods" in sweep.groups.g.resources: it is not known here | did you mean "nodes"?',
    ],
    [
      "sweep:\n  groups: {g: {grid: {a: [1]}, resources: {mem: 1G, mem_per_cpu: 1G}}}\n",
      "exp.yaml:3:53: Cannot use both mem and mem_per_cpu in sweep.groups.g.resources | keep one of mem, mem_per_cpu, mem_per_gpu",
    ],
  ];
  for (const [text, message] of cases) {
    await t.step(message, () => {
      assert.equal(messageOf(() => experimentOf(`command: x\n${text}`)), message);
    });
  }
  await t.step("a condition that cannot compare, when it comes to that", () => {
    const sweep: Sweep = { grid: { a: [1, "x"] }, where: "a < 2" };
    assert.equal(
      messageOf(() => expand(sweep)),
      'Cannot use the condition "a < 2": < needs two numbers or two texts, found "x" and 2 | compare with == null first, or with a value of the same kind',
    );
  });
});

Deno.test("groups of a sweep have resources in sbatch's words", () => {
  const { sweep } = experimentOf(
    "command: x\nsweep: {groups: {big: {grid: {a: [1]}, resources: {walltime: 90, num_gpus: 'a100:2'}}}}",
  );
  assert.deepEqual(sweep?.groups?.big, {
    grid: { a: [1] },
    resources: { time: "90", gpus: 2, gpu_type: "a100" },
  });
});
