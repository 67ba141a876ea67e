import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import type { Experiment, RunPoint } from "../../lib/core/experiment.ts";
import type { Params, ParamValue } from "../../lib/core/params.ts";
import type { Sweep } from "../../lib/core/sweep.ts";
import { expandSweep } from "../../lib/config/sweep.ts";
import { extendedText, extensionsOf, moreDrawsText } from "../../lib/config/sweep_edit.ts";
import { selectRuns, stageFingerprints } from "../../lib/submission/select.ts";
import type { RunStatus } from "../../lib/submission/status.ts";
import { experimentOf, messageOf } from "../config/helpers.ts";

function statuses(experiment: Experiment, points: Iterable<RunPoint>): RunStatus[] {
  const fingerprints = stageFingerprints(experiment.stages);
  return selectRuns(experiment, points, []).runs.map((run) => ({
    ...run,
    state: "completed",
    stages: {
      train: {
        state: "completed",
        submission: "001",
        fingerprint: fingerprints.train!,
        attempt: 1,
        source: "marker",
      },
    },
  }));
}

const pointsOf = ({ sweep, params }: Experiment) => [...expandSweep(sweep, params)];

Deno.test("a sweep that is extended keeps its runs and their indices, and runs what is new", async () => {
  const values = fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 3 });
  const grid = fc.record({ a: values, b: values, "o.c": values }, { requiredKeys: ["a"] });
  const sweep = fc.record({
    grid,
    seeds: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    list: fc.option(fc.constant([{ d: 1 }, { d: 2 }]), { nil: undefined }),
    when: fc.option(fc.constant({ a: "e > 0" }), { nil: undefined }),
    where: fc.option(fc.constantFrom("a != 3", "a < 4"), { nil: undefined }),
  });
  const added = fc.record({ a: values, b: values, e: values }, { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(sweep, added, async (sweep, added) => {
      const text = `# head\n${
        JSON.stringify({
          command: "x",
          params: { e: 1, b: 9 },
          sweep,
        })
      } # tail\n`;
      const before = experimentOf(text);
      const extensions = extensionsOf(before.sweep, before.params, {
        grid: added as Record<string, ParamValue[]>,
      });
      const extended = await extendedText(text, extensions);
      ok(extended.startsWith("# head\n") && extended.endsWith(" # tail\n"), extended);
      const after = experimentOf(extended);
      const earlier = statuses(before, pointsOf(before));
      const points = pointsOf(after);
      const selected = selectRuns(after, points, earlier);
      deepEqual([...selected.completed].sort((a, b) => a - b), earlier.map(({ index }) => index));
      equal(selected.runs.length, points.length - earlier.length);
      deepEqual(
        selected.runs.map(({ index }) => index),
        selected.runs.map((_, position) => earlier.length + position),
      );
      for (const b of points.length > 0 ? added.b ?? [] : []) {
        ok(points.some(({ params }) => params.b === b), `no run has b=${b}`);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("extendedText() keeps a file as it is written", async (t) => {
  const cases: [string, string, Sweep, string][] = [
    [
      "a list in one line",
      "command: x # run\nsweep:\n  grid:\n    lr: [0.1,  0.01]  # two\n\n    b: [1]\n",
      { grid: { lr: [0.01, 0.001], b: ["x: y"] } },
      'command: x # run\nsweep:\n  grid:\n    lr: [0.1,  0.01, 0.001]  # two\n\n    b: [1, "x: y"]\n',
    ],
    [
      "a list below its key",
      "command: x\nsweep:\n  grid:\n    lr: # rates\n      - 0.1 # high\n      - 0.01\n",
      { grid: { lr: [0.001] } },
      "command: x\nsweep:\n  grid:\n    lr: # rates\n      - 0.1 # high\n      - 0.01\n      - 0.001\n",
    ],
    [
      "a range",
      "command: x\nsweep:\n  grid:\n    lr: 0:0.2:0.1 # steps\n",
      { grid: { lr: [1] } },
      "command: x\nsweep:\n  grid:\n    lr: [0, 0.1, 0.2, 1] # steps\n",
    ],
    [
      "nested and dotted keys",
      "command: x\nsweep:\n  grid:\n    optim:\n      lr: [1]\n    model.depth: [3]\n",
      { grid: { "optim.lr": [2], "model.depth": [4] } },
      "command: x\nsweep:\n  grid:\n    optim:\n      lr: [1, 2]\n    model.depth: [3, 4]\n",
    ],
    [
      "a number of seeds",
      "command: x\nsweep: {seeds: 2} # few\n",
      { grid: {}, seeds: [2, 3] },
      "command: x\nsweep: {seeds: 4} # few\n",
    ],
    [
      "a parameter that was not swept",
      "command: x\nparams: {wd: 0.1} # decay\nsweep: {seeds: 2}\n",
      { grid: { wd: [0.2] } },
      "command: x\nparams: {wd: 0.1} # decay\nsweep: {seeds: 2, grid: {wd: [0.1, 0.2]}}\n",
    ],
    [
      "nothing that is new",
      "command: x\nsweep: { grid: { lr: [1] } }\n",
      { grid: { lr: [1] } },
      "command: x\nsweep: { grid: { lr: [1] } }\n",
    ],
  ];
  for (const [name, text, added, expected] of cases) {
    await t.step(name, async () => {
      const { sweep, params } = experimentOf(text);
      equal(await extendedText(text, extensionsOf(sweep, params, added)), expected);
    });
  }
});

Deno.test("moreDrawsText() adds draws, where those there are stay", async () => {
  const text = "command: x\nsweep:\n  random: { n: 3, params: { a: 'uniform(0,1)' } } # draws\n";
  const before = experimentOf(text);
  const more = await moreDrawsText(text, before.sweep, 2);
  ok(more.includes("n: 5") && more.includes("# draws"), more);
  const points = pointsOf(experimentOf(more));
  equal(points.length, 5);
  deepEqual(points.slice(0, 3), pointsOf(before));
  const lhs = experimentOf(text.replace("random", "lhs"));
  await rejects(moreDrawsText(text, lhs.sweep, 2), /no random and no sobol/);
});

Deno.test("extensionsOf() refuses what would make other runs of those there are", async (t) => {
  const cases: [Sweep, Params, Sweep, string][] = [
    [
      { grid: { lr: [1] } },
      {},
      { grid: { wd: [1] } },
      "Cannot extend over wd: no run has it, so that every run would become another | to begin anew, add wd to sweep.grid in the file",
    ],
    [
      { zip: { lr: [1], b: [2] } },
      {},
      { grid: { lr: [2] } },
      "Cannot extend over lr: the sweep does not have it in its grid | edit the file, or add points as a part of concat",
    ],
    [
      { grid: { lr: [1] } },
      {},
      { grid: {}, seeds: [1] },
      "Cannot extend over seed: no run has it, so that every run would become another | to begin anew, add seed to sweep.grid in the file",
    ],
    [
      { grid: { lr: [1] } },
      {},
      { random: { n: 1, params: { lr: [1] } } },
      'Cannot extend a sweep by random: expected values of parameters | write --sweep "lr=0.001 seed=5,6", or edit the file',
    ],
  ];
  for (const [sweep, params, added, message] of cases) {
    await t.step(
      message,
      () => equal(messageOf(() => extensionsOf(sweep, params, added)), message),
    );
  }
  await rejects(async () =>
    await extendedText("sweep: [", [{ key: "a", values: [1], added: [1] }])
  );
});
