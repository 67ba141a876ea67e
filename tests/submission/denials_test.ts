import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import {
  type Denial,
  DENIAL_SECONDS,
  denialsOf,
  isLost,
  type Sought,
} from "../../lib/core/denials.ts";
import { type Marker, markerName } from "../../lib/core/markers.ts";
import type { JobReport, Scheduler } from "../../lib/schedulers/scheduler.ts";
import { writeIntent, writeJob } from "../../lib/store/journal.ts";
import { Layout } from "../../lib/store/layout.ts";
import { PLAN_VERSION } from "../../lib/store/plan.ts";
import type { StageStatus } from "../../lib/submission/fold.ts";
import { statusOf } from "../../lib/submission/status.ts";
import { writeWhole } from "../../lib/system/files.ts";

const SUBMITTED = 1_800_000_000;
const DENIALS: Denial[] = [
  { source: "squeue", command: "squeue --jobs=7", words: "Invalid job id specified", epoch: 1 },
  { source: "sacct", command: "sacct --jobs=7", words: "exit code 0, without a row", epoch: 1 },
];
const DENIED: JobReport = { known: false, why: "nobody has it", denials: DENIALS };
const SILENT: JobReport = { known: false, why: "squeue: timed out" };
const LIVE: JobReport = {
  known: true,
  tasks: [0, 1].map((task) => ({ job: "7", task, state: "RUNNING", source: "squeue" })),
};

const START: Marker = { run: 0, stage: "train", attempt: 1, event: "start", code: 0, epoch: 0 };

/** An experiment of two runs in one array, job 7, and a scheduler that says what it is told to say. */
class World implements Disposable {
  readonly root = Deno.makeTempDirSync();
  readonly layout = new Layout(this.root);
  readonly state = this.layout.state("exp", "001");
  now = SUBMITTED;

  constructor() {
    const folder = this.layout.submission("exp", "001");
    const chunk = {
      stage: "train",
      chunk: 0,
      jobName: "exp.train.0-abcd",
      array: true,
      base: 0,
      runs: [0, 1],
      attempts: [1, 1],
    };
    const plan = {
      version: PLAN_VERSION,
      submission: "001",
      created: SUBMITTED - 1000,
      chunks: [chunk],
      stages: {},
      scheduler: "slurm",
      host: "here",
    };
    const runs = [0, 1].map((index) => JSON.stringify({ index, params: {} }));
    writeWhole(join(folder, "plan.json"), JSON.stringify(plan));
    writeWhole(join(folder, "runs.jsonl"), runs.join("\n"));
    writeIntent(this.state, chunk, 1, { host: "here", pid: 1, epoch: SUBMITTED });
    writeJob(this.state, chunk, "7");
  }

  mark(run: number, event: "start" | "end", code: number): void {
    const name = markerName({ ...START, run, event, code, epoch: this.now });
    writeWhole(join(this.state, "events", name), "");
  }

  /** Both runs' stages at a time, in seconds after the submission. */
  async at(seconds: number, answer: JobReport): Promise<[StageStatus, StageStatus]> {
    this.now = SUBMITTED + seconds;
    const states = () => Promise.resolve(new Map([["7", answer]]));
    const scheduler = { states } as unknown as Scheduler;
    const [status] = await statusOf({
      layout: this.layout,
      schedulerOf: () => scheduler,
      clock: { now: () => this.now * 1000, sleep: () => Promise.resolve() },
    }, ["exp"]);
    const [first, second] = status!.runs.map((run) => run.stages.train!);
    return [first!, second!];
  }

  notes(): string[] {
    return Array.from(Deno.readDirSync(join(this.state, "submit")), ({ name }) => name)
      .filter((name) => /\.(denied|seen|ended)\./.test(name)).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }
}

const states = (stages: StageStatus[]) => stages.map(({ state }) => state);

Deno.test("a run is lost after two denials of every source, and not before", async () => {
  using world = new World();
  deepEqual(states(await world.at(59, DENIED)), ["unknown", "unknown"]);
  deepEqual(world.notes(), [], "too early to be in every source");
  deepEqual(states(await world.at(60, DENIED)), ["unknown", "unknown"]);
  deepEqual(states(await world.at(61, DENIED)), ["unknown", "unknown"]);
  equal(world.notes().length, 1, "one note for the job");
  deepEqual(states(await world.at(89, DENIED)), ["unknown", "unknown"]);
  const [lost, other] = await world.at(90, DENIED);
  deepEqual(states([lost, other]), ["lost", "lost"]);
  equal(world.notes().length, 2);
  deepEqual(
    lost.denials!.map(({ epoch, sources }) => [epoch - SUBMITTED, sources]),
    [[60, ["squeue", "sacct"]], [90, ["squeue", "sacct"]]],
  );
  const record = Deno.readTextFileSync(join(world.state, lost.denials![0]!.record));
  deepEqual(JSON.parse(record), { denials: DENIALS });
  deepEqual(states(await world.at(200, DENIED)), ["lost", "lost"]);
  deepEqual(states(await world.at(201, SILENT)), ["lost", "lost"], "a failure changes nothing");
  equal(world.notes().length, 2, "nothing more is written");
});

Deno.test("another job with our number says nothing of our runs", async () => {
  using world = new World();
  const ours: JobReport = { ...LIVE, name: "exp.train.0-abcd" };
  deepEqual(states(await world.at(100, ours)), ["running", "running"]);
  const [first, second] = await world.at(200, { ...LIVE, name: "other" });
  deepEqual(states([first, second]), ["unknown", "unknown"]);
  equal(first.reason, "job 7 is other now: its number was given out anew");
});

Deno.test("a source that failed to answer denies nothing", async () => {
  using world = new World();
  for (let seconds = 60; seconds < 400; seconds += 60) {
    const [first] = await world.at(seconds, SILENT);
    deepEqual([first.state, first.reason], ["unknown", "squeue: timed out"]);
  }
  deepEqual(world.notes(), []);
});

Deno.test("a sign of life takes denials back", async (t) => {
  await t.step("the queue has it again: two new denials are needed", async () => {
    using world = new World();
    await world.at(60, DENIED);
    deepEqual(states(await world.at(90, DENIED)), ["lost", "lost"]);
    deepEqual(states(await world.at(95, LIVE)), ["running", "running"]);
    equal(world.notes().length, 3);
    await world.at(100, LIVE);
    equal(world.notes().length, 3, "seen once is enough");
    deepEqual(states(await world.at(125, DENIED)), ["unknown", "unknown"]);
    deepEqual(states(await world.at(155, DENIED)), ["lost", "lost"]);
  });
  await t.step("a marker outranks them", async () => {
    using world = new World();
    await world.at(60, DENIED);
    await world.at(70, SILENT);
    world.mark(0, "start", 0);
    deepEqual(states(await world.at(90, DENIED)), ["unknown", "lost"]);
    world.mark(1, "end", 0);
    deepEqual(states(await world.at(91, DENIED)), ["unknown", "completed"]);
    deepEqual(states(await world.at(120, DENIED)), ["lost", "completed"]);
    world.mark(0, "end", 3);
    deepEqual(states(await world.at(121, DENIED)), ["failed", "completed"]);
  });
});

Deno.test("some tasks of an array are lost while others are known", async () => {
  using world = new World();
  const half: JobReport = {
    known: true,
    tasks: [
      { job: "7", task: 0, state: "RUNNING", source: "squeue" },
      { job: "7", task: 1, state: "UNKNOWN", denials: DENIALS, source: "squeue and sacct" },
    ],
  };
  deepEqual(states(await world.at(60, half)), ["running", "unknown"]);
  deepEqual(states(await world.at(90, half)), ["running", "lost"]);
  deepEqual(JSON.parse(Deno.readTextFileSync(join(world.state, "submit", world.notes()[0]!))), {
    runs: [1],
    denials: DENIALS,
  });
});

Deno.test("what the queue said of an end is kept when the queue forgets it", async () => {
  using world = new World();
  world.mark(0, "start", 0);
  const queue = (restarts: number): JobReport => ({
    known: true,
    tasks: [
      { job: "7", task: 0, state: "TIMEOUT", restarts, fleeting: true, source: "squeue" },
      { job: "7", task: 1, state: "PENDING", source: "squeue" },
    ],
  });
  deepEqual(states(await world.at(60, queue(0))), ["timeout", "pending"]);
  deepEqual(states(await world.at(61, queue(0))), ["timeout", "pending"]);
  equal(world.notes().length, 1, "noted once");
  const [first, second] = await world.at(90, DENIED);
  deepEqual([first.state, first.source, second.state], ["timeout", "squeue, noted", "unknown"]);
  deepEqual(states(await world.at(120, DENIED)), ["timeout", "lost"]);
  const name = markerName({ ...START, attempt: 2, epoch: world.now });
  writeWhole(join(world.state, "events", name), "");
  deepEqual(states(await world.at(121, SILENT)), ["unknown", "lost"], "it began again");
});

Deno.test("isLost() needs two denials with nothing heard between them", () => {
  const event: fc.Arbitrary<Sought> = fc.record({
    kind: fc.constantFrom("denied" as const, "seen" as const),
    epoch: fc.integer({ min: 0, max: 200 }),
    runs: fc.constantFrom<number[] | undefined>(undefined, [0], [1]),
    denials: fc.constant([]),
    record: fc.constant(""),
  });
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 8 }),
      fc.integer({ min: 0, max: 200 }),
      (all, mark) => {
        if (!isLost(denialsOf(all, 0, mark))) return true;
        const own = all.filter(({ runs }) => !runs || runs.includes(0));
        const denied = own.filter(({ kind, epoch }) => kind === "denied" && epoch > mark);
        return denied.some((a) =>
          denied.some((b) =>
            b.epoch - a.epoch >= DENIAL_SECONDS &&
            own.every((s) => s.kind === "denied" || s.epoch <= a.epoch || s.epoch > b.epoch)
          )
        );
      },
    ),
    { numRuns: 3000 },
  );
});
