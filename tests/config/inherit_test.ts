import assert from "node:assert/strict";
import fc from "fast-check";
import { formatOrigin, provenance, toValue } from "../../lib/config/located.ts";
import { experimentOf, messageOf, treeOf } from "./helpers.ts";

const valueOf = (...given: Parameters<typeof treeOf>) => {
  const { args: _, workdir: __, snapshot: ___, ...rest } = toValue(treeOf(...given)) as Record<
    string,
    unknown
  >;
  return rest;
};

Deno.test("an experiment wins over its template, over its bases, over the project", () => {
  const templates = {
    mid: "extends: base\nparams: {b: mid, c: mid}\nresources: {time: 2h}",
    base: "command: python train.py\nparams: {c: base, d: base}\nresources: {time: 1h, mem: 4G}",
  };
  const project = "account: acc\ndefaults:\n  params: {d: project, e: project}\n" +
    "  resources: {mem: 1G, qos: low}\n";
  assert.deepEqual(
    valueOf("extends: mid\nparams: {a: user, b: user}\n", {
      templates,
      project,
      sets: ["params.a=set", "resources.time=90"],
    }),
    {
      command: "python train.py",
      params: { d: "base", e: "project", c: "mid", b: "user", a: "set" },
      resources: { account: "acc", mem: "4G", qos: "low", time: "90" },
    },
  );
});

Deno.test("every value knows where it comes from", () => {
  const tree = treeOf("extends: base\nparams:\n  b: 2\n", {
    templates: { base: "command: x\nparams: {a: 1, b: 1, <<: *more}\n", more: "c: [1]\n" },
    project: "partition: gpu\n",
    sets: ["params.d=4"],
  });
  assert.deepEqual(
    provenance(tree).map(({ path, value, origin }) =>
      `${path}=${JSON.stringify(value)} ${formatOrigin(origin)}`
    ).sort(),
    [
      'args="argparse" default',
      'command="x" base.yaml:1:10',
      "params.a=1 base.yaml:2:13",
      "params.b=2 exp.yaml:3:6",
      "params.c=[1] more.yaml:1:4",
      "params.d=4 --set",
      'resources.partition="gpu" .hpc_config.yaml:1:12',
      "snapshot=true default",
      'workdir="." default',
    ],
  );
});

Deno.test("extends and << say what wins", async (t) => {
  const templates = {
    a: "params: {x: a, y: a, deep: {p: a}}",
    b: "params: {x: b, z: b, deep: {q: b}}",
    list: "params: {layers: [1, 2, 3]}",
    onlyA: "extends: a\nparams: {z: onlyA}",
    gpu: "num_gpus: 2\npartition: fast",
    block: "resources: {gpus: 4}",
    plain: "lr: 1\nbetas: [0.9]",
    removes: "params: {x: null}",
  };
  const cases: [string, string, unknown][] = [
    ["a later base wins", "extends: [a, b]", { x: "b", y: "a", deep: { p: "a", q: "b" }, z: "b" }],
    ["the file wins", "extends: [a]\nparams: {x: 1, deep: {p: 2}}", {
      x: 1,
      y: "a",
      deep: { p: 2 },
    }],
    ["<< at the top inherits", "<<: *a\nparams: {x: 1}", { x: 1, y: "a", deep: { p: "a" } }],
    ["an earlier << wins", "<<: [*a, *b]", { x: "a", z: "b", deep: { q: "b", p: "a" }, y: "a" }],
    ["<< wins over extends", "extends: a\n<<: *b", {
      x: "b",
      y: "a",
      deep: { p: "a", q: "b" },
      z: "b",
    }],
    ["several levels", "extends: onlyA", { x: "a", y: "a", deep: { p: "a" }, z: "onlyA" }],
    ["lists are replaced", "extends: list\nparams: {layers: [9]}", { layers: [9] }],
    ["null takes away", "extends: a\nparams: {x: null, deep: {p: ~}}", { y: "a", deep: {} }],
    ["null takes away all of it", "extends: [a, b, removes]", {
      ...{ y: "a", deep: { p: "a", q: "b" }, z: "b" },
    }],
    ["null with nothing below is a value", "params: {x: null}", { x: null }],
    ["a plain value takes a group's place", "extends: a\nparams: {deep: 1}", {
      x: "a",
      y: "a",
      deep: 1,
    }],
    ["a group takes a plain value's place", "extends: a\nparams: {x: {y: 1}}", {
      ...{ x: { y: 1 }, y: "a", deep: { p: "a" } },
    }],
    ["<< deeper brings in a file", "params:\n  optim:\n    <<: *plain\n    lr: 2", {
      optim: { lr: 2, betas: [0.9] },
    }],
    ["<< in a list of mappings", "params: {stages: [{<<: *plain, lr: 3}]}", {
      stages: [{ lr: 3, betas: [0.9] }],
    }],
    ["an empty block says nothing", "extends: list\nparams:\n", { layers: [1, 2, 3] }],
  ];
  for (const [name, text, params] of cases) {
    await t.step(name, () => assert.deepEqual(valueOf(text, { templates }).params, params));
  }
  await t.step("aliases count as what they mean, at any level", () => {
    const text = "extends: block\nresources:\n  <<: *gpu\n  gpus-per-node: 1";
    assert.deepEqual(valueOf(text, { templates }).resources, { gpus: 1, partition: "fast" });
  });
  await t.step("an anchor of the file is not a template", () => {
    const text = "params:\n  one: &a {x: 1}\n  two: {<<: *a, y: 2}";
    assert.deepEqual(valueOf(text, { templates }).params, {
      one: { x: 1 },
      two: { x: 1, y: 2 },
    });
  });
});

Deno.test("who sets one way of saying a thing puts the others aside", async (t) => {
  const templates = {
    single: "command: x\nresources: {mem: 4G}\nenvironment: {conda: base}",
    staged: "stages: {train: a, eval: {command: b, after: train, resources: {gpus: 1}}}",
  };
  const cases: [string, string, unknown][] = [
    ["stages over command", "extends: single\nstages: {s: y}", {
      ...{
        resources: { mem: "4G" },
        environment: { conda: "base" },
        stages: { s: { command: "y" } },
      },
    }],
    ["command over stages", "extends: staged\ncommand: x", { command: "x" }],
    ["memory and Python", "extends: single\nresources: {mem_per_cpu: 1G}\nenvironment: {uv: .}", {
      ...{ command: "x", resources: { mem_per_cpu: "1G" }, environment: { uv: "." } },
    }],
    ["a stage's command over its mapping", "extends: staged\nstages: {eval: c}", {
      stages: {
        train: { command: "a" },
        eval: { command: "c", after: "train", resources: { gpus: 1 } },
      },
    }],
    ["a stage's mapping over its command", "extends: staged\nstages: {train: {args: none}}", {
      stages: {
        train: { command: "a", args: "none" },
        eval: { command: "b", after: "train", resources: { gpus: 1 } },
      },
    }],
  ];
  for (const [name, text, expected] of cases) {
    await t.step(name, () => assert.deepEqual(valueOf(text, { templates }), expected));
  }
});

Deno.test("dotted keys of params are paths", async (t) => {
  const templates = {
    group: "params: {optim: {lr: 1, wd: 2}}",
    choice: "params: {optim: adam, optim.lr: 1}",
  };
  const cases: [string, string, string[], unknown][] = [
    ["into a new group", "params: {a.b.c: 1}", [], { a: { b: { c: 1 } } }],
    ["into an inherited group", "extends: group\nparams: {optim.lr: 5}", [], {
      optim: { lr: 5, wd: 2 },
    }],
    ["--set", "extends: group", ["params.optim.wd=7"], { optim: { lr: 1, wd: 7 } }],
    ["beside a plain value, as Hydra has it", "extends: choice", ["params.optim.lr=5"], {
      ...{ optim: "adam", "optim.lr": 5 },
    }],
    ["a field beside a plain value", "params: {optim: adam}", ["params.optim.lr=5"], {
      ...{ optim: "adam", "optim.lr": 5 },
    }],
    ["a group in place of both", "extends: choice\nparams: {optim: {x: 1}}", [], {
      optim: { x: 1 },
    }],
    ["null", "extends: choice\nparams: {optim.lr: null}", [], { optim: "adam" }],
    ["whole, where a part is empty", "params: {a..b: 1}", [], { "a..b": 1 }],
  ];
  for (const [name, text, sets, params] of cases) {
    await t.step(name, () => assert.deepEqual(valueOf(text, { templates, sets }).params, params));
  }
});

Deno.test("cycles and missing templates are errors with the chain", async (t) => {
  const templates = {
    a: "extends: b",
    b: "params: {x: 1}\nextends: [ok, a]",
    ok: "",
    self: "<<: *self",
    exp: "command: x",
    hole: "extends: nothing",
  };
  const cases: [string, string][] = [
    [
      "extends: a",
      'b.yaml:2:15: Cannot extend "a": the templates form a cycle, experiment exp → a → b → a | take one of these names out of its file',
    ],
    [
      "<<: *self",
      'self.yaml:1:5: Cannot extend "self": the templates form a cycle, experiment exp → self → self | take one of these names out of its file',
    ],
    [
      "extends: [ok, hole]",
      'hole.yaml:1:10: Cannot extend "nothing": there is no such template, experiment exp → hole → nothing | known: a, b, ok, self, exp, hole',
    ],
    [
      "params:\n  <<: *holle",
      'exp.yaml:2:7: Cannot extend "holle": there is no such template, experiment exp → holle | did you mean "hole"?',
    ],
    [
      "extends: {a: b}",
      "exp.yaml:1:10: Cannot use extends: expected the name of a template, or a list of names | write extends: baseline, or extends: [baseline, single-gpu]",
    ],
  ];
  for (const [text, message] of cases) {
    await t.step(text, () => assert.equal(messageOf(() => treeOf(text, { templates })), message));
  }
  await t.step("an experiment may extend a template of its own name", () => {
    assert.equal(experimentOf("extends: exp", { templates }).stages[0]!.command, "x");
  });
  await t.step("one base on two ways is no cycle", () => {
    const diamond = {
      top: "extends: [l, r]",
      l: "extends: root",
      r: "extends: root",
      root: "params: {x: 1}",
    };
    assert.deepEqual(valueOf("extends: top", { templates: diamond }).params, { x: 1 });
  });
});

type Plain = number | null | number[] | { [key: string]: Plain };

/** What all layers, weak to strong, make of one place: an answer that knows no overlaying. */
function reference(layers: Plain[]): Plain | undefined {
  let open: { [key: string]: Plain }[] = [];
  let plain: Plain | undefined;
  for (const layer of layers) {
    const below = open.length > 0 || plain !== undefined;
    if (layer === null) [open, plain] = [[], below ? undefined : null];
    else if (typeof layer !== "object" || Array.isArray(layer)) [open, plain] = [[], layer];
    else [open, plain] = [[...open, layer], undefined];
  }
  if (open.length === 0) return plain;
  const merged: { [key: string]: Plain } = {};
  for (const key of new Set(open.flatMap(Object.keys))) {
    const value = reference(open.filter((map) => key in map).map((map) => map[key]!));
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

Deno.test("inheritance agrees with a brute-force reference on random templates", () => {
  const key = fc.constantFrom("a", "b", "c");
  const tree = fc.letrec<{ node: Plain; map: { [key: string]: Plain } }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthIdentifier: "tree" },
      fc.nat(9),
      fc.constant(null),
      fc.array(fc.nat(3), { maxLength: 2 }),
      tie("map"),
    ),
    map: fc.dictionary(key, tie("node"), { maxKeys: 3, depthIdentifier: "tree" }),
  })).map;
  const project = fc.array(
    fc.record({ params: tree, bases: fc.uniqueArray(fc.nat(20), { maxLength: 3 }) }),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(project, tree, (files, defaults) => {
      const basesOf = (index: number) => files[index]!.bases.filter((base) => base < index);
      const layersOf = (index: number): Plain[] => [
        ...basesOf(index).flatMap(layersOf),
        files[index]!.params,
      ];
      const text = (index: number) =>
        JSON.stringify({
          extends: basesOf(index).map((base) => `t${base}`),
          params: files[index]!.params,
        });
      const templates = Object.fromEntries(files.map((_, index) => [`t${index}`, text(index)]));
      const last = files.length - 1;
      const found = toValue(treeOf(text(last), {
        templates,
        project: JSON.stringify({ defaults: { params: defaults } }),
      })) as { params?: Plain };
      assert.deepEqual(found.params, reference([defaults, ...layersOf(last)]));
    }),
    { numRuns: 1000 },
  );
});
