import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { SubmitLimit } from "../../lib/schedulers/scheduler.ts";
import type { PlannedChunk } from "../../lib/store/plan.ts";
import { type Applicant, scopeOf, whatFits } from "../../lib/submission/room.ts";
import { throttled } from "../../lib/submission/throttle.ts";

function limit(name: string, max: number): SubmitLimit {
  return { name, max, source: "test", counts: {} };
}

Deno.test("whatFits() takes jobs in their order", async (t) => {
  const five = limit("five", 5);
  const two = limit("two", 2);
  const table: [string, [number, SubmitLimit[]][], Record<string, number>, string, string?][] = [
    ["no limit", [[900, []], [900, []]], {}, "0 1"],
    ["all", [[2, [five]], [3, [five]]], { five: 0 }, "0 1"],
    ["what is queued counts", [[2, [five]], [3, [five]]], { five: 1 }, "0", "five"],
    ["a large one is not overtaken", [[4, [five]], [1, [five]]], { five: 2 }, "", "five"],
    [
      "one with another limit is let past",
      [[4, [five]], [1, [two]]],
      { five: 2, two: 0 },
      "1",
      "five",
    ],
    ["all limits must hold", [[3, [five, limit("two", 3)]]], { five: 0, two: 1 }, "", "two"],
    ["what could not be counted keeps nobody out", [[5, [five]], [5, [five]]], {}, "0 1"],
  ];
  for (const [name, jobs, used, expected, shortage] of table) {
    await t.step(name, () => {
      const applicants = jobs.map(([tasks, limits], at) => ({ key: `${at}`, tasks, limits }));
      const room = whatFits(applicants, new Map(Object.entries(used)));
      equal(room.fits.join(" "), expected);
      equal(room.shortage?.limit.name, shortage);
      equal(room.never, undefined);
    });
  }
  await t.step("one that is larger than the limit never fits", () => {
    const room = whatFits([{ key: "a", tasks: 6, limits: [five] }], new Map());
    deepEqual([room.fits, room.never?.key], [[], "a"]);
  });
});

Deno.test("whatFits() never goes over a limit, and leaves no room for the next", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 });
  fc.assert(fc.property(sizes, fc.integer({ min: 9, max: 50 }), fc.nat(60), (tasks, max, used) => {
    const limits = [limit("one", max)];
    const applicants = tasks.map((tasks, at): Applicant => ({ key: `${at}`, tasks, limits }));
    const { fits } = whatFits(applicants, new Map([["one", used]]));
    const sum = fits.reduce((sum, key) => sum + tasks[Number(key)]!, 0);
    ok(fits.length === 0 || used + sum <= max);
    const next = tasks[fits.length];
    ok(next === undefined || used + sum + next > max);
  }));
});

Deno.test("scopeOf() reads options for sbatch alone too", () => {
  deepEqual(scopeOf({ account: "a", qos: "q", sbatch: ["--qos=high", "--hold"] }), {
    account: "a",
    partition: undefined,
    qos: "high",
  });
});

function chunksOf(sizes: readonly number[]): PlannedChunk[] {
  return sizes.map((size, chunk) => ({
    stage: "train",
    chunk,
    jobName: `j${chunk}`,
    script: "train.0.sbatch",
    array: size > 1,
    base: 0,
    runs: Array.from({ length: size }, (_, at) => at),
    attempts: [],
    after: [],
  }));
}

/** Highest number of tasks at once when all that may run does, over random durations. */
function busiest(chunks: readonly PlannedChunk[], durations: () => number): number {
  const ends = new Map<number, number>();
  const events: [number, number][] = [];
  for (const { chunk, runs, throttle, array, after } of chunks) {
    const start = Math.max(0, ...after.map(({ chunk }) => ends.get(chunk!)!));
    const slots = Array.from({ length: array ? throttle! : 1 }, () => start);
    for (const _ of runs) {
      const slot = slots.indexOf(Math.min(...slots));
      const end = slots[slot]! + durations();
      events.push([slots[slot]!, 1], [end, -1]);
      slots[slot] = end;
    }
    ends.set(chunk, Math.max(...slots));
  }
  events.sort(([a, x], [b, y]) => a - b || x - y);
  let now = 0;
  return Math.max(...events.map(([, change]) => now += change));
}

Deno.test("throttled() never lets more than max run at once, and uses all of it", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 });
  const durations = fc.infiniteStream(fc.integer({ min: 1, max: 20 }));
  fc.assert(fc.property(sizes, fc.integer({ min: 1, max: 20 }), durations, (sizes, max, stream) => {
    const chunks = throttled(chunksOf(sizes), max);
    ok(busiest(chunks, () => stream.next().value) <= max);
  }));
  equal(busiest(throttled(chunksOf([12, 12, 12]), 10), () => 1), 10);
  equal(busiest(throttled(chunksOf(Array(30).fill(1)), 10), () => 1), 10);
  equal(busiest(throttled(chunksOf([4, 4, 4, 4]), 10), () => 1), 10);
  deepEqual(throttled(chunksOf([3, 3]), undefined), chunksOf([3, 3]));
});
