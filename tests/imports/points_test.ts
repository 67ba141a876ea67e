import { deepEqual, equal, match } from "node:assert/strict";
import type { Params } from "../../lib/core/params.ts";
import type { ForeignRun, ForeignState } from "../../lib/imports/foreign.ts";
import { noPoint, placeRuns, pointRuns } from "../../lib/imports/points.ts";

function run(id: string, params?: Params, state: ForeignState = "completed"): ForeignRun {
  return {
    id,
    experiment: "e",
    file: `jobs/${id}.json`,
    text: "{}",
    params,
    state,
    tags: [],
    created: `2024-01-01T00:00:0${id.slice(-1)}Z`,
    details: {},
    problems: [],
  };
}

function indices(runs: readonly ForeignRun[], earlier: Record<string, number> = {}) {
  const places = new Map(Object.entries(earlier).map(([id, index]) => [id, { index }]));
  return placeRuns(runs, places).map(({ run, index }) => `${run.id}=${index}`).join(" ");
}

Deno.test("placeRuns() goes by age, with runs of the same parameters behind", async (t) => {
  const [a, b, c, d] = [{ lr: 1 }, { lr: 2 }, { lr: 1 }, { lr: 3 }].map((params, at) =>
    run(`j${at}`, params)
  ) as [ForeignRun, ForeignRun, ForeignRun, ForeignRun];
  const cases: [string, ForeignRun[], Record<string, number>, string][] = [
    ["first", [d, c, b, a], {}, "j0=0 j1=1 j3=2 j2=3"],
    ["again", [a, b, c, d], { j0: 0, j1: 1, j3: 2, j2: 3 }, "j0=0 j1=1 j3=2 j2=3"],
    ["one more", [a, b, c, d], { j1: 0, j2: 1, j3: 2 }, "j1=0 j2=1 j3=2 j0=3"],
    ["one went", [b, d], { j0: 0, j1: 1, j3: 2 }, "j1=1 j3=2"],
    ["without parameters", [run("j9"), a], {}, "j0=0 j9=1"],
  ];
  for (const [name, runs, earlier, expected] of cases) {
    await t.step(name, () => equal(indices(runs, earlier), expected));
  }
});

Deno.test("placeRuns() knows the same parameters however they are written", () => {
  const placed = placeRuns([
    run("j0", { optim: { lr: 1, wd: 0 } }),
    run("j1", { "optim.wd": 0, "optim.lr": 1 }),
    run("j2", { optim: { lr: 1, wd: null } }),
  ], new Map());
  equal(placed[0]!.point, placed.find(({ run }) => run.id === "j1")!.point);
  equal(new Set(placed.map(({ point }) => point)).size, 2);
});

Deno.test("noPoint() refuses names that no parameter can have", async (t) => {
  const cases: [Params | undefined, RegExp | undefined][] = [
    [{ lr: 1, "optim.lr": 2, "+model/net": "a" }, undefined],
    [undefined, /not known/],
    [{ "learning rate": 1 }, /"learning rate"/],
    [{ model: { "a b": 1 } }, /"model.a b"/],
    [{ "": 1 }, /""/],
    [JSON.parse('{"a": [{"__proto__": 1}]}'), /"__proto__"/],
    [{ a: '"__proto__":' }, undefined],
    [{ "x\ny": 1 }, /x\\ny/],
  ];
  for (const [params, reason] of cases) {
    await t.step(JSON.stringify(params) ?? "none", () => {
      const found = noPoint(run("j1", params));
      if (reason) match(found ?? "", reason);
      else equal(found, undefined);
    });
  }
});

Deno.test("pointRuns() takes a completed run before a running, a queued and a failed one", () => {
  const states: ForeignState[] = ["failed", "queued", "unknown", "completed"];
  for (let count = 1; count <= states.length; count++) {
    const some = states.slice(0, count).map((state) => ({ point: "p", state }));
    deepEqual(pointRuns(some).get("p"), some.at(-1));
    deepEqual(pointRuns(some.toReversed()).get("p"), some.at(-1));
  }
});
