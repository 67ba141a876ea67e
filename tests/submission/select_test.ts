import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { Experiment, RunPoint, Stage } from "../../lib/core/experiment.ts";
import { paramsFingerprint } from "../../lib/core/fingerprint.ts";
import type { RunState } from "../../lib/core/states.ts";
import { chunkSize, logName, logPattern, planChunks } from "../../lib/submission/chunks.ts";
import { taskAt, taskCount, tasksOf } from "../../lib/submission/packs.ts";
import type { StageStatus } from "../../lib/submission/fold.ts";
import type { ImportedRuns } from "../../lib/submission/imported_runs.ts";
import { type Selection, selectRuns, stageFingerprints } from "../../lib/submission/select.ts";
import type { RunStatus } from "../../lib/submission/status.ts";

function stage(name: string, after: string[] = [], command = `run ${name}`): Stage {
  return {
    name,
    command,
    args: "argparse",
    after: after.map((stage) => ({ stage, type: "afterok" })),
    resources: {},
    environment: { modules: [], purge: true, env: {}, secrets: {}, setup: [] },
  };
}

function experiment(stages: Stage[]): Experiment {
  return {
    id: "exp1",
    description: "",
    tags: [],
    params: {},
    stages,
    harvest: { files: [], direction: {} },
    workdir: "/code",
    snapshot: true,
  };
}

const two = experiment([stage("train"), stage("eval", ["train"])]);

function points(count: number, from = 0): RunPoint[] {
  return Array.from({ length: count }, (_, i) => ({ params: { lr: from + i } }));
}

/** Runs as they stand after a first submission, each stage in the state given. */
function standing(
  of: Experiment,
  given: RunPoint[],
  states: (run: number, stage: string) => RunState,
): RunStatus[] {
  const marks = stageFingerprints(of.stages);
  return selectRuns(of, given, []).runs.map((run) => ({
    ...run,
    state: states(run.index, of.stages.at(-1)!.name),
    stages: Object.fromEntries(of.stages.map(({ name }): [string, StageStatus] => [name, {
      state: states(run.index, name),
      submission: "001",
      fingerprint: marks[name]!,
      attempt: 1,
      job: "7",
      task: run.index,
      source: "marker",
    }])),
  }));
}

function worked(of: Experiment, given: RunPoint[], earlier: RunStatus[], selection = {}): string[] {
  return selectRuns(of, given, earlier, selection).work
    .map(({ run, stage, attempt }) => `${run}.${stage}.${attempt}`);
}

Deno.test("selectRuns() leaves alone what another tool ran, and keeps its indices free", async (t) => {
  const one = experiment([stage("train")]);
  const given = points(4);
  const states: [number, RunState][] = [[5, "completed"], [1, "failed"], [3, "planned"]];
  const imported: ImportedRuns = {
    points: new Map(
      states.map(([run, state], at) => [paramsFingerprint(given[at]!.params), { run, state }]),
    ),
    indices: new Set([0, 1, 3, 5]),
  };
  const select = (selection: Selection = {}, earlier: RunStatus[] = [], of = one) => {
    const selected = selectRuns(of, given, earlier, { imported, ...selection });
    return [selected.runs.map(({ index }) => index), selected.imported];
  };
  await t.step("by its parameters", () => deepEqual(select(), [[3, 2], [5, 1]]));
  await t.step("but for --only", () => {
    deepEqual(select({ only: new Set<RunState>(["failed"]) }), [[1], []]);
    deepEqual(select({ only: new Set<RunState>(["planned"]) }), [[3, 2], []]);
  });
  await t.step("but for --force", () => deepEqual(select({ force: true }), [[5, 1, 3, 2], []]));
  await t.step("with another command, what was run since is another run", () => {
    const earlier = selectRuns(one, given, [], { imported }).runs
      .map((run): RunStatus => ({ ...run, state: "completed", stages: {} }));
    deepEqual(select({}, earlier, experiment([stage("train", [], "other")])), [[4, 6], [5, 1]]);
  });
});

Deno.test("selectRuns() submits what is neither completed nor queued", async (t) => {
  await t.step("everything the first time", () => {
    deepEqual(worked(two, points(2), []), ["0.train.1", "0.eval.1", "1.train.1", "1.eval.1"]);
  });
  await t.step("nothing when all is completed or queued, and says which", () => {
    const earlier = standing(two, points(3), (run) => run === 0 ? "completed" : "running");
    const selected = selectRuns(two, points(3), earlier);
    deepEqual([selected.work, selected.completed, selected.busy], [[], [0], [1, 2]]);
  });
  await t.step("a failed run again, as its next attempt, with the stages behind it", () => {
    const earlier = standing(
      two,
      points(2),
      (run, stage) => run === 0 ? "completed" : stage === "train" ? "failed" : "skipped",
    );
    deepEqual(worked(two, points(2), earlier), ["1.train.2", "1.eval.2"]);
  });
  await t.step("only the stage that failed, without waiting for what is done", () => {
    const earlier = standing(
      two,
      points(1),
      (_, stage) => stage === "train" ? "completed" : "failed",
    );
    const { work } = selectRuns(two, points(1), earlier);
    deepEqual(work, [{ stage: "eval", run: 0, attempt: 2, waits: [] }]);
  });
  await t.step("unknown is not run again", () => {
    const earlier = standing(two, points(1), () => "unknown");
    deepEqual(worked(two, points(1), earlier), []);
    deepEqual(worked(two, points(1), earlier, { force: true }), ["0.train.2", "0.eval.2"]);
  });
  await t.step("a changed command of a later stage leaves the first stage alone", () => {
    const earlier = standing(two, points(1), () => "completed");
    const changed = experiment([stage("train"), stage("eval", ["train"], "other")]);
    deepEqual(worked(changed, points(1), earlier), ["0.eval.2"]);
  });
  await t.step("a changed command of the first stage makes new runs", () => {
    const earlier = standing(two, points(1), () => "completed");
    const changed = experiment([stage("train", [], "other"), stage("eval", ["train"])]);
    deepEqual(worked(changed, points(1), earlier), ["1.train.1", "1.eval.1"]);
  });
  await t.step("eval alone waits for a queued train, and is blocked by a failed one", () => {
    const queued = standing(two, points(1), (_, stage) => stage === "train" ? "running" : "failed");
    deepEqual(selectRuns(two, points(1), queued, { stage: "eval" }).work[0]!.waits, [
      { stage: "train", type: "afterok", earlier: { submission: "001", job: "7", base: 0 } },
    ]);
    const failed = standing(two, points(1), (_, stage) => stage === "train" ? "failed" : "skipped");
    const selected = selectRuns(two, points(1), failed, { stage: "eval" });
    deepEqual(selected.work, []);
    deepEqual(selected.blocked, [{ run: 0, stage: "eval", by: "train" }]);
  });
});

Deno.test("selectRuns() keeps the index of a known point and gives new ones the next", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 10 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 10 }),
      (first, second) => {
        const one = experiment([stage("train")]);
        const as = (values: number[]) => values.map((lr): RunPoint => ({ params: { lr } }));
        const earlier = standing(one, as(first), () => "failed");
        const indices = new Map(earlier.map((run) => [run.params.lr, run.index]));
        let next = earlier.length;
        for (const run of selectRuns(one, as(second), earlier).runs) {
          equal(run.index, indices.get(run.params.lr!) ?? next++);
        }
      },
    ),
  );
});

Deno.test("selectRuns() narrows a submission, and what is left out keeps its index", () => {
  const one = experiment([stage("train")]);
  const swept = points(6);
  const indices = (selection: Selection, earlier: RunStatus[] = []) =>
    selectRuns(one, swept, earlier, selection).runs.map(({ index }) => index);
  const late = ({ params }: RunPoint) => Number(params.lr) > 3;
  deepEqual(indices({ limit: 2 }), [0, 1]);
  deepEqual(indices({ limit: 0 }), []);
  deepEqual(indices({ subset: late }), [4, 5]);
  deepEqual(indices({ subset: late, limit: 1 }), [4]);
  const earlier = standing(one, swept, (run) => run === 4 ? "failed" : "timeout").slice(4);
  deepEqual(indices({ only: new Set(["failed"]) }, earlier), [4]);
  deepEqual(indices({ only: new Set(["planned"]) }, earlier), [0, 1, 2, 3]);
  deepEqual(indices({}, earlier), [0, 1, 2, 3, 4, 5]);
});

Deno.test("planChunks() cuts arrays at round indices and pairs the stages", () => {
  const { work } = selectRuns(two, points(25), []);
  const chunks = planChunks(two, work, { token: "t", maxArrayTasks: 12 });
  deepEqual(
    chunks.map(({ stage, chunk, base, runs, after }) => [stage, chunk, base, runs.length, after]),
    [
      ["train", 0, 0, 10, []],
      ["train", 1, 10, 10, []],
      ["train", 2, 20, 5, []],
      ["eval", 3, 0, 10, [{ stage: "train", type: "afterok", chunk: 0, taskwise: true }]],
      ["eval", 4, 10, 10, [{ stage: "train", type: "afterok", chunk: 1, taskwise: true }]],
      ["eval", 5, 20, 5, [{ stage: "train", type: "afterok", chunk: 2, taskwise: true }]],
    ],
  );
});

Deno.test("planChunks() cuts what exceeds a submit limit into parts of one script", async (t) => {
  const { work } = selectRuns(two, points(40), []);
  const plan = (stages: Record<string, number>, of = work) =>
    planChunks(two, of, {
      token: "t",
      maxArrayTasks: 1000,
      submitLimits: new Map(Object.entries(stages)),
    });
  await t.step("a limit of 5", () => {
    const chunks = plan({ train: 5, eval: 5 });
    equal(chunks.length, 80);
    deepEqual(
      new Set(chunks.map(({ script }) => script)),
      new Set(["train.0.sbatch", "eval.40.sbatch"]),
    );
    ok(
      chunks.every(({ shared, array, base, runs }) =>
        shared && array && base === 0 && runs.length === 1
      ),
    );
    equal(new Set(chunks.map(({ jobName }) => jobName)).size, 80);
    const { after } = chunks[47]!;
    deepEqual(after, [{ stage: "train", type: "afterok", chunk: 7, taskwise: true }]);
  });
  await t.step("larger parts under a larger limit", () => {
    deepEqual(plan({ train: 40, eval: 40 }).map(({ runs }) => runs.length), Array(8).fill(10));
  });
  await t.step("a stage without a limit follows the cuts of the one before", () => {
    const evals = plan({ train: 40 }).filter(({ stage }) => stage === "eval");
    deepEqual(evals.map(({ after }) => after[0]!.chunk), [0, 1, 2, 3]);
  });
  await t.step("what fits as a whole is not cut", () => {
    const chunks = plan({ train: 80, eval: 80 });
    deepEqual(chunks.map(({ runs, shared }) => [runs.length, shared]), [[40, undefined], [
      40,
      undefined,
    ]]);
  });
});

Deno.test("planChunks() puts every piece of work into exactly one job", () => {
  const states: RunState[] = ["completed", "failed", "running", "timeout", "unknown"];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...states), fc.constantFrom(...states)), { maxLength: 30 }),
      fc.integer({ min: 1, max: 40 }),
      fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
      (given, maxArrayTasks, limit) => {
        const all = points(given.length);
        const earlier = standing(two, all, (run, stage) => given[run]![stage === "train" ? 0 : 1]);
        const { work } = selectRuns(two, all, earlier);
        const submitLimits = new Map(limit === undefined ? [] : [["train", limit]]);
        const chunks = planChunks(two, work, { token: "t", maxArrayTasks, submitLimits });
        const trains = chunks.filter(({ stage }) => stage === "train");
        ok(trains.every(({ runs }) => runs.length <= (limit ?? Infinity)));
        const placed = chunks.flatMap(({ stage, runs }) => runs.map((run) => `${run}.${stage}`));
        deepEqual(placed.sort(), work.map(({ run, stage }) => `${run}.${stage}`).sort());
        for (const chunk of chunks) {
          ok(chunk.runs.every((run) => run - chunk.base < chunkSize(maxArrayTasks)));
          if (!chunk.array) equal(chunk.runs.length, 1);
        }
      },
    ),
  );
});

Deno.test("planChunks() puts every run into exactly one task where runs share them", () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 2, max: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 120 }),
      fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
      fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
      (wanted, runs_per_job, atOnce, maxArrayTasks, limit, max_parallel) => {
        const runs_at_once = Math.min(atOnce, runs_per_job);
        const resources = { runs_per_job, runs_at_once, max_parallel };
        const stages = two.stages.map((stage) => ({ ...stage, resources }));
        const experiment: Experiment = { ...two, stages };
        const chosen = new Set([...wanted.keys()].filter((at) => wanted[at]));
        const all = points(wanted.length);
        const { work } = selectRuns(experiment, all, [], { runs: chosen });
        const submitLimits = new Map(limit === undefined ? [] : [["train", limit]]);
        const chunks = planChunks(experiment, work, { token: "t", maxArrayTasks, submitLimits });
        const placed: string[] = [];
        for (const chunk of chunks) {
          const tasks = tasksOf(chunk);
          equal(tasks.length, taskCount(chunk));
          equal(new Set(tasks.map(({ task }) => task)).size, tasks.length);
          if (!chunk.array) equal(tasks.length, 1);
          if (chunk.stage === "train") ok(tasks.length <= (limit ?? Infinity));
          for (const { task, runs } of tasks) {
            ok(runs.length >= 1 && runs.length <= runs_per_job);
            ok(task < Math.max(chunkSize(maxArrayTasks), runs_per_job), `${task}`);
            for (const run of runs) {
              equal(taskAt(chunk, chunk.runs.indexOf(run)), task);
              placed.push(`${run}.${chunk.stage}`);
            }
          }
          const before = chunk.after.filter(({ stage }) => stage !== chunk.stage);
          ok(before.every(({ taskwise, guarded }) => !taskwise && guarded));
        }
        deepEqual(placed.sort(), work.map(({ run, stage }) => `${run}.${stage}`).sort());
      },
    ),
  );
});

Deno.test("log names hold the index of the run", () => {
  const table: [{ array: boolean; base: number }, number, string, string][] = [
    [{ array: true, base: 0 }, 12, "train.12", "train.%a"],
    [{ array: true, base: 1000 }, 1012, "train.1000+12", "train.1000+%a"],
    [{ array: false, base: 7 }, 7, "train.7", "train.7"],
  ];
  for (const [chunk, run, name, pattern] of table) {
    equal(logName({ stage: "train", ...chunk }, run), name);
    equal(logPattern({ stage: "train", ...chunk }), pattern);
  }
});
