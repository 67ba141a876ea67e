import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { RunState } from "../../lib/core/states.ts";
import { outlookOf, type OutlookRun } from "../../lib/submission/outlook.ts";

const NOW = 1_800_000_000;

function run(state: RunState, started?: number, ended?: number): OutlookRun {
  const times = { started: started && NOW - started, ended: ended && NOW - ended };
  const stage = { state, submission: "001", fingerprint: "f", attempt: 1, source: "marker" };
  return { state, stages: { train: { ...stage, ...times } } };
}

Deno.test("outlookOf() says the time left and its basis, or why nobody can say", async (t) => {
  const done = [run("completed", 1000, 900), run("completed", 1000, 800)];
  const table: [string, OutlookRun[], unknown][] = [
    ["nothing is left", done, undefined],
    ["none has completed", [run("running", 50)], { unknown: "no run has completed" }],
    ["nothing runs", [...done, run("pending")], { unknown: "nothing runs now" }],
    [
      "one is unknown",
      [...done, run("running", 50), run("unknown")],
      { unknown: "the state of 1 runs is unknown" },
    ],
    [
      "what is left is late",
      [...done, run("running", 500)],
      { unknown: "what is left has taken longer than the median already" },
    ],
    [
      "runs are shorter than what is recorded",
      [run("completed", 9, 9), run("completed", 8, 8), run("running", 1), run("pending")],
      { unknown: "runs take less than a second, too little to count" },
    ],
    [
      "two at once, three to come",
      [...done, run("running", 50), run("running", 150), ...Array(3).fill(run("pending"))],
      { seconds: 275, completed: 2, medianSeconds: 150, atOnce: 2, remaining: 5 },
    ],
    [
      "the longest that is left decides",
      [...done, run("running", 0.5), run("running", 140)],
      { seconds: 150, completed: 2, medianSeconds: 150, atOnce: 2, remaining: 2 },
    ],
    [
      "a failed run is no basis",
      [run("failed", 1000, 999), run("running", 5)],
      { unknown: "no run has completed" },
    ],
  ];
  for (const [name, runs, expected] of table) {
    await t.step(name, () => deepEqual(outlookOf(runs, NOW).eta, expected));
  }
});

Deno.test("outlookOf() counts completed runs of the last hour, or since the first start", async (t) => {
  const table: [string, OutlookRun[], unknown][] = [
    ["nothing started", [run("pending")], undefined],
    [
      "for half an hour",
      [run("completed", 1800, 900), run("running", 900), run("failed", 1700, 1600)],
      { perHour: 2, completed: 1, seconds: 1800 },
    ],
    [
      "for two hours",
      [run("completed", 7200, 3700), run("completed", 3700, 3500), run("running", 3500)],
      { perHour: 1, completed: 1, seconds: 3600 },
    ],
  ];
  for (const [name, runs, expected] of table) {
    await t.step(name, () => deepEqual(outlookOf(runs, NOW).throughput, expected));
  }
});

Deno.test("outlookOf() never says less than the work that is left for those at once", () => {
  const seconds = fc.integer({ min: 1, max: 5000 });
  const waiting = fc.nat({ max: 40 });
  fc.assert(fc.property(
    fc.array(seconds, { minLength: 1, maxLength: 20 }),
    fc.array(seconds, { minLength: 1, maxLength: 8 }),
    waiting,
    (took, elapsed, pending) => {
      const runs = [
        ...took.map((length) => run("completed", 6000, 6000 - length)),
        ...elapsed.map((since) => run("running", since)),
        ...Array.from({ length: pending }, () => run("pending")),
      ];
      const { eta } = outlookOf(runs, NOW);
      if (!eta || "unknown" in eta) return equal(pending, 0);
      equal(eta.atOnce, elapsed.length);
      ok(eta.medianSeconds >= Math.min(...took) && eta.medianSeconds <= Math.max(...took));
      ok(eta.seconds + 1 >= pending * eta.medianSeconds / elapsed.length);
    },
  ));
});
