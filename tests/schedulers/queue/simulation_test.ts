import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Simulated, SimulatedJob } from "./simulated.ts";
import { Simulation } from "./simulation.ts";

const RUNS = Deno.env.get("EXPFLOW_MODEL") === "large" ? 5000 : 300;

const job: fc.Arbitrary<SimulatedJob> = fc.record({
  tasks: fc.integer({ min: 1, max: 9 }),
  blockSize: fc.integer({ min: 1, max: 5 }),
  priority: fc.constantFrom(100, 500, 900),
  throttle: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  after: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
});

/** Jobs may only wait for earlier ones. */
const jobs = fc.array(job, { minLength: 1, maxLength: 5 }).map((all) =>
  all.map(({ after = Infinity, ...one }, index) => after <= index ? { ...one, after } : one)
);

function simulated(delay: fc.Arbitrary<number>): fc.Arbitrary<Simulated> {
  return fc.record({
    jobs,
    workers: fc.integer({ min: 1, max: 8 }),
    delay,
    kills: fc.integer({ min: 0, max: 3 }),
    sleeps: fc.integer({ min: 0, max: 3 }),
    seed: fc.nat(),
  });
}

function holds(what: Simulated): void {
  const all = what.jobs.flatMap(({ tasks }, index) =>
    Array.from({ length: tasks }, (_, task) => `${index + 1}_${task}`)
  );
  const { accepted, wrong, done } = new Simulation({ ...what }).run();
  deepEqual(wrong, []);
  deepEqual(done.sort(), all.sort(), "on the files, each is over once");
  deepEqual([...accepted.keys()].sort(), all, "each was completed by somebody");
}

Deno.test("workers complete each task once, in order and throttled, with fresh listings", () => {
  fc.assert(fc.property(simulated(fc.constant(0)), holds), { numRuns: RUNS });
});

Deno.test("workers complete each task once with listings that are late", () => {
  const late = simulated(fc.integer({ min: 1, max: 400 }));
  fc.assert(fc.property(late, holds), { numRuns: RUNS });
});
