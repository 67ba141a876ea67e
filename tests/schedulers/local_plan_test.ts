import assert from "node:assert/strict";
import fc from "fast-check";
import { type Action, plan } from "../../lib/schedulers/local/plan.ts";
import { noteLaunch, reduce } from "../../lib/schedulers/local/progress.ts";
import { reportJob } from "../../lib/schedulers/local/report.ts";
import type { DependencyType } from "../../lib/schedulers/scheduler.ts";
import { type JobDraft, newJob, Simulation } from "./plan_simulation.ts";

const TYPES: DependencyType[] = ["afterok", "afterany", "aftercorr"];

const draft: fc.Arbitrary<JobDraft> = fc.record({
  directives: fc.tuple(
    fc.constantFrom("", "-a 0-4", "-a 0-5%2", "-a 1,3,9", "-a 0-2%1"),
    fc.constantFrom("", "-c 2", "-c 3", "-c 9"),
    fc.constantFrom("", "", "-G 1", "-G 2"),
    fc.constantFrom("", "", "-t 0:01", "-t 0:02 --signal=B:USR1@1"),
    fc.constantFrom("", "--no-requeue"),
  ).map((parts) => parts.join(" ")),
  dependencies: fc.array(
    fc.record({ type: fc.constantFrom(...TYPES), on: fc.nat(5) }),
    { maxLength: 2 },
  ),
});

Deno.test("plan() keeps its promises whatever happens", () => {
  fc.assert(
    fc.property(
      fc.array(draft, { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(1_000_000), { maxLength: 60 }),
      (drafts, choices) => {
        const simulation = new Simulation({ cpus: 4, gpus: [0, 3] }, drafts);
        for (const choice of choices) {
          simulation.cycle();
          simulation.happen(choice);
        }
        simulation.settle();
        for (const job of simulation.jobs) {
          for (const { state } of reportJob(job)) {
            assert(!["PENDING", "RUNNING", "COMPLETING"].includes(state), state);
          }
          assert.deepEqual(reportJob(simulation.reloaded(job)), reportJob(job));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("plan() lets a job that fits pass one that does not", () => {
  const drafts = ["-c 3", "-c 2", "-c 1"].map((directives) => ({ directives, dependencies: [] }));
  const simulation = new Simulation({ cpus: 4, gpus: [] }, drafts);
  simulation.cycle();
  assert.deepEqual(simulation.active().map(({ progress }) => progress.id), [1, 3]);
});

Deno.test("plan() ends a task after its limit, never before, and kills it after the wait", () => {
  const job = newJob(1, "-t 0:10 --signal=B:USR1@4");
  const { progress } = job;
  noteLaunch(progress, 0, { gpus: [], at: 0, shepherd: { pid: 1, start: "" } });
  reduce(progress, { task: 0, restart: 0, kind: "start", detail: "5", epoch: 100 });
  const at = (seconds: number): Action[] => {
    const machine = { cpus: 1, gpus: [] };
    const actions = plan({ jobs: [job], machine, now: seconds * 1000, killWait: 3000 });
    for (const action of actions) {
      if (action.do === "record") reduce(progress, action.event);
      if (action.do === "signal" && action.purpose === "tell") {
        progress.touched.get(0)!.toldAt = seconds * 1000;
      }
    }
    return actions;
  };
  const said = (seconds: number): string[] =>
    at(seconds).map((action) =>
      action.do === "signal" ? `${action.scope} ${action.signal}` : action.do
    );
  assert.deepEqual(said(106.9), []);
  assert.deepEqual(said(107), ["batch SIGUSR1", "record"]);
  assert.deepEqual(said(110.9), []);
  assert.deepEqual(said(111), ["record"]);
  assert.deepEqual(said(111.1), ["all SIGTERM"]);
  assert.deepEqual(said(114), []);
  assert.deepEqual(said(114.1), ["all SIGKILL"]);
});

Deno.test("plan() is linear in the tasks of an array", () => {
  const measure = (tasks: number): number => {
    const simulation = new Simulation({ cpus: 4, gpus: [] }, [
      { directives: `-a 0-${tasks - 1}`, dependencies: [] },
      { directives: `-a 0-${tasks - 1}`, dependencies: [{ type: "aftercorr", on: 0 }] },
    ]);
    const began = performance.now();
    simulation.settle = function (): void {
      while (this.unfinished.length > 0) {
        this.cycle();
        for (const { progress, index } of this.active()) this.proceed(progress, index, 2);
      }
    };
    simulation.settle();
    assert.equal(simulation.launches.size, 2 * tasks);
    return performance.now() - began;
  };
  measure(500);
  const [small, large] = [measure(1000), measure(10_000)];
  assert(large < 40 * small + 200, `1,000 tasks: ${small} ms; 10,000 tasks: ${large} ms`);
});
