import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { budgetsOf, nextPromotion, type Scored } from "../../lib/search/asha.ts";

Deno.test("budgetsOf() multiplies from min, and ends with max", async (t) => {
  for (
    const [min, max, reduction, expected] of [
      [1, 9, 3, [1, 3, 9]],
      [1, 10, 3, [1, 3, 9, 10]],
      [5, 5, 2, [5]],
      [2, 3, 4, [2, 3]],
    ] as const
  ) {
    await t.step(`${min} to ${max} by ${reduction}`, () => {
      deepEqual(budgetsOf({ param: "epochs", min, max, reduction }), expected);
    });
  }
});

Deno.test("nextPromotion() takes the best of the highest rung that has one due", async (t) => {
  const scores = (...values: number[]): Scored[] =>
    values.map((score, trial) => ({ trial, score }));
  const cases: [string, Scored[][], number[][], unknown][] = [
    ["too few are known", [scores(1, 2), []], [[], []], undefined],
    ["one of three", [scores(1, 3, 2), []], [[], []], { trial: 1, rung: 1 }],
    ["it went already", [scores(1, 3, 2), []], [[1], []], undefined],
    ["equal ones: the earlier", [scores(2, 2, 2), []], [[], []], { trial: 0, rung: 1 }],
    ["a later one is better", [scores(1, 3, 2, 9), []], [[1], []], { trial: 3, rung: 1 }],
    [
      "the highest rung first",
      [scores(1, 2, 3, 4, 5, 6), scores(7, 8, 9)],
      [[4, 5], []],
      { trial: 2, rung: 2 },
    ],
  ];
  for (const [name, known, promoted, expected] of cases) {
    await t.step(name, () => {
      deepEqual(nextPromotion(known, promoted.map((one) => new Set(one)), 3), expected);
    });
  }
});

interface Simulated {
  log: { trial: number; rung: number; known: Scored[] }[];
  runs: { trial: number; rung: number }[];
}

type Choose = (
  known: Scored[][],
  promoted: Set<number>[],
) => { trial: number; rung: number } | undefined;

/** Workers that take what `choose` promotes, else a new trial, and end in an order that `ends` says. */
function simulate(
  scores: number[],
  rungs: number,
  workers: number,
  ends: number[],
  choose: Choose,
): Simulated {
  const known: Scored[][] = Array.from({ length: rungs }, () => []);
  const promoted = Array.from({ length: rungs - 1 }, () => new Set<number>());
  const running: { trial: number; rung: number }[] = [];
  const result: Simulated = { log: [], runs: [] };
  let begun = 0;
  for (let step = 0;; step++) {
    while (running.length < workers) {
      const due = choose(known.slice(0, -1), promoted);
      if (due) {
        result.log.push({ ...due, known: [...known[due.rung - 1]!] });
        promoted[due.rung - 1]!.add(due.trial);
        running.push(due);
      } else if (begun < scores.length) running.push({ trial: begun++, rung: 0 });
      else break;
    }
    if (running.length === 0) return result;
    const [ended] = running.splice(ends[step % ends.length]! % running.length, 1);
    result.runs.push(ended!);
    const score = scores[ended!.trial]!;
    if (Number.isFinite(score)) known[ended!.rung]!.push({ trial: ended!.trial, score });
  }
}

/** `get_job` of Algorithm 2 in Li et al. (2020), word for word. */
function reference(reduction: number): Choose {
  return (known, promoted) => {
    for (let rung = known.length - 1; rung >= 0; rung--) {
      const candidates = [...known[rung]!]
        .sort((a, b) => a.score === b.score ? a.trial - b.trial : a.score > b.score ? -1 : 1)
        .filter((_, rank) => rank + 1 <= known[rung]!.length / reduction);
      const promotable = candidates.filter(({ trial }) => !promoted[rung]!.has(trial));
      if (promotable.length > 0) return { trial: promotable[0]!.trial, rung: rung + 1 };
    }
    return undefined;
  };
}

Deno.test("nextPromotion() promotes as the reference, never beyond the best share or the top", () => {
  const score = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(NaN));
  fc.assert(fc.property(
    fc.array(score, { minLength: 1, maxLength: 40 }),
    fc.integer({ min: 2, max: 5 }),
    fc.integer({ min: 2, max: 4 }),
    fc.integer({ min: 1, max: 8 }),
    fc.array(fc.nat(), { minLength: 1, maxLength: 20 }),
    (scores, reduction, rungs, workers, ends) => {
      const ours: Choose = (known, promoted) => nextPromotion(known, promoted, reduction);
      const { log, runs } = simulate(scores, rungs, workers, ends, ours);
      deepEqual({ log, runs }, simulate(scores, rungs, workers, ends, reference(reduction)));
      for (const { trial, known } of log) {
        const own = known.find((one) => one.trial === trial)!.score;
        const better = known.filter((one) => one.score > own).length;
        ok(better < Math.floor(known.length / reduction), `${trial} was not among the best`);
      }
      const keys = runs.map(({ trial, rung }) => `${trial}.${rung}`);
      equal(new Set(keys).size, keys.length, "no trial is at a rung twice");
      ok(runs.every(({ rung }) => rung < rungs));
      equal(runs.filter(({ rung }) => rung === 0).length, scores.length);
    },
  ));
});
