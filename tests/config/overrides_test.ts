import assert from "node:assert/strict";
import { toValue } from "../../lib/config/located.ts";
import { parseOverrides } from "../../lib/config/overrides.ts";
import { experimentOf, messageOf } from "./helpers.ts";

Deno.test("parseOverrides() reads scalars and flow values of YAML 1.2", async (t) => {
  const cases: [string, unknown][] = [
    ["params.lr=0.1", { params: { lr: 0.1 } }],
    ["params.lr=1e-4", { params: { lr: 0.0001 } }],
    ["params.optim.lr=1", { params: { "optim.lr": 1 } }],
    ["params.flag=true", { params: { flag: true } }],
    ["params.name=no", { params: { name: "no" } }],
    ["params.name='1'", { params: { name: "1" } }],
    ["params.name=", { params: { name: "" } }],
    ["params.name=null", { params: { name: null } }],
    ["params.name=a=b # c", { params: { name: "a=b # c" } }],
    ["params.name=*x: y", { params: { name: "*x: y" } }],
    ["params.layers=[1, 'a', {b: c}]", { params: { layers: [1, "a", { b: "c" }] } }],
    ["resources.time=02:00:00", { resources: { time: "02:00:00" } }],
    ["resources.time=90", { resources: { time: "90" } }],
    ["resources.account=0123", { resources: { account: "0123" } }],
    ["resources.time-limit=2h", { resources: { time: "2h" } }],
    ["resources.num_gpus=a100:2", { resources: { gpus: 2, gpu_type: "a100" } }],
    ["environment.env.OMP_NUM_THREADS=08", { environment: { env: { OMP_NUM_THREADS: "08" } } }],
    ["stages.eval.resources.gpus=1", { stages: { eval: { resources: { gpus: 1 } } } }],
    ["stages.eval=python e.py", { stages: { eval: { command: "python e.py" } } }],
    ["sweep.seeds=3", { sweep: { seeds: 3 } }],
    ["sweep.grid.optim.lr=[0.1, 1]", { sweep: { grid: { "optim.lr": [0.1, 1] } } }],
    ["harvest=result.json", { harvest: { files: "result.json" } }],
    ["harvest.direction.val.acc=max", { harvest: { direction: { "val.acc": "max" } } }],
    ["command=python x.py --y", { command: "python x.py --y" }],
  ];
  for (const [set, expected] of cases) {
    await t.step(set, () => assert.deepEqual(toValue(parseOverrides([set])), expected));
  }
  await t.step("the later one counts", () => {
    const sets = ["params.a=1", "params.b=2", "params.a=3"];
    assert.deepEqual(toValue(parseOverrides(sets)), { params: { a: 3, b: 2 } });
  });
});

Deno.test("overrides win over everything", () => {
  const { params, stages, sweep } = experimentOf("extends: base\nparams: {a: 1, b: 2, c: 3}", {
    templates: { base: "command: x\nresources: {mem: 4G, time: 1h}\nsweep: {grid: {d: [1, 2]}}" },
    sets: [
      ...["params.a=9", "params.b=null", "resources.mem_per_cpu=1G", "resources.time=2h"],
      ...["sweep.grid.d=null", "sweep.seeds=[4]"],
    ],
  });
  assert.deepEqual(params, { a: 9, c: 3 });
  assert.deepEqual(stages[0]!.resources, { time: "2h", mem_per_cpu: "1G" });
  assert.deepEqual(sweep, { grid: {}, seeds: [4] });
});

Deno.test("parseOverrides() says what was meant", async (t) => {
  const cases: [string, string][] = [
    [
      "lr=0.1",
      'Cannot set "lr=0.1": "lr" is not a key of an experiment | did you mean --set params.lr=0.1?',
    ],
    [
      "optim.lr=1",
      'Cannot set "optim.lr=1": "optim" is not a key of an experiment | did you mean --set params.optim.lr=1?',
    ],
    [
      "num-gpus=2",
      'Cannot set "num-gpus=2": "num-gpus" is not a key of an experiment | did you mean --set resources.gpus=2?',
    ],
    [
      "resource.mem=2G",
      'Cannot set "resource.mem=2G": "resource" is not a key of an experiment | did you mean --set resources.mem=2G?',
    ],
    ["params.lr", 'Cannot set "params.lr": it has no = | write --set params.lr=VALUE'],
    ["=1", 'Cannot set "=1": a part of its key is empty | as params.lr=0.1'],
    ["params.=1", 'Cannot set "params.=1": a part of its key is empty | as params.lr=0.1'],
    [
      "extends=a",
      'Cannot set "extends=a": templates cannot be changed this way | edit extends: in the file',
    ],
    [
      "params.a=12345678901234567890",
      `Cannot read the value "12345678901234567890": it has more digits than a number keeps; quote it to keep the text | write a number, true, a word, 'a text', [a, list] or {a: mapping}`,
    ],
    [
      "params.a={b: c",
      `Cannot read the value "{b: c": unexpected end of the stream within a flow collection | write a number, true, a word, 'a text', [a, list] or {a: mapping}`,
    ],
  ];
  for (const [set, message] of cases) {
    await t.step(set, () => assert.equal(messageOf(() => parseOverrides([set])), message));
  }
});
