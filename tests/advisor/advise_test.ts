import { deepEqual, equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import { planBatch } from "../../lib/advisor/batch_plan.ts";
import { expectedCost } from "../../lib/advisor/cost.ts";
import { holdsOn } from "../../lib/advisor/limits.ts";
import { shapesOf } from "../../lib/advisor/request.ts";
import { efficiencyOf, suggestSizes } from "../../lib/advisor/right_size.ts";
import { scoreOf, scoreTerms } from "../../lib/advisor/score.ts";
import { historyOf, waitRange } from "../../lib/advisor/waits.ts";
import type { Standing } from "../../lib/cluster/probes/standing.ts";
import { parseUsage } from "../../lib/schedulers/slurm/usage.ts";
import { adviseResources } from "../../lib/manager/advise.ts";
import { machine } from "../cluster/machine.ts";

Deno.test("planBatch() is exact, or says that it cannot be", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 5000 }),
    fc.integer({ min: 1, max: 128 }),
    fc.integer({ min: 1, max: 300 }),
    (batch, gpus, most) => {
      const { perGpu, accumulation, problem } = planBatch(batch, gpus, most);
      if (batch % gpus !== 0) return problem !== undefined && perGpu === undefined;
      return perGpu! <= most && perGpu! * gpus * accumulation! === batch;
    },
  ));
  match(planBatch(100, 3).problem!, /99 or 102, or 2 or 4 GPUs/);
});

Deno.test("a score is between 0 and 1, its weights add up to 1, and waiting never helps", () => {
  const merits = fc.record({
    wait: fc.option(fc.integer({ min: 0, max: 1e7 }), { nil: undefined }),
    holds: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    nodes: fc.integer({ min: 1, max: 100 }),
    whole: fc.boolean(),
    mayBePreempted: fc.option(fc.boolean(), { nil: undefined }),
    relativeCost: fc.option(fc.double({ min: 1, max: 1e6, noNaN: true }), { nil: undefined }),
    fairshare: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  });
  fc.assert(fc.property(merits, (one) => {
    const terms = scoreTerms(one);
    const score = scoreOf(terms);
    ok(score >= 0 && score <= 1);
    ok(Math.abs(terms.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-9);
    const later = scoreOf(scoreTerms({ ...one, wait: (one.wait ?? 0) + 3600 }));
    ok(one.wait === undefined || later <= score);
  }));
});

Deno.test("shapesOf() spreads GPUs evenly", () => {
  deepEqual(shapesOf({ gpus: 4 }).map(({ nodes, gpus }) => [nodes, gpus]), [[1, 4], [2, 2], [
    4,
    1,
  ]]);
  deepEqual(shapesOf({ gpus: 6, nodes: 4 }), []);
});

Deno.test("limits that hold a job: its account's, those above, and its QOS's", () => {
  const standing: Standing = {
    accounts: [
      { account: "a", user: "u", group: {}, perJob: {} },
      { account: "a", parent: "top", group: { cpu: { max: 8, used: 6 } }, perJob: {} },
      { account: "top", group: { "gres/gpu": { max: 4, used: 0 } }, perJob: {} },
    ],
    qos: [{ name: "q", used: {}, usedByUser: { "gres/gpu": 1 } }],
  };
  const qos = [{ name: "q", group: {}, perUser: { "gres/gpu": 2 }, perJob: {}, maxWall: 60 }];
  const tres = { cpu: 4, "gres/gpu": 2 };
  const holds = holdsOn({ user: "u", standing, qos }, { account: "a", qos: ["q"] }, tres, 120);
  deepEqual(holds.map(({ limit, never }) => [limit, never]), [
    ["GrpTRES cpu of account a", false],
    ["MaxTRESPerUser gres/gpu of QOS q", false],
    ["MaxWall of QOS q", true],
  ]);
});

Deno.test("expectedCost() follows the weights, and says what it does not know", () => {
  const tres = { cpu: 4, "gres/gpu": 2 };
  const of = (billing?: Record<string, number>, max = false, seconds?: number) =>
    expectedCost({ name: "p", billing }, tres, seconds, max).billingHours;
  equal(of({ cpu: 1, "gres/gpu": 10 }, false, 7200), 48);
  equal(of({ cpu: 1, "gres/gpu": 10 }, true, 7200), 40);
  equal(of(undefined, false, 3600), 4);
  equal(of({ mem: 0.1 }, false, 3600), null);
  equal(of({ cpu: 1 }), null);
});

Deno.test("past waits widen Slurm's estimate; few jobs are no history", () => {
  const waits = Array.from({ length: 9 }, (_, i) => ({ partition: "p", seconds: i * 100 }));
  equal(historyOf(waits.slice(0, 4), "p"), undefined);
  const history = historyOf(waits, "p");
  deepEqual(history, { jobs: 9, partition: "p", quartiles: [200, 400, 600] });
  const { from, to } = waitRange(1000, history)!;
  deepEqual([from, to], [200, 1000]);
  equal(historyOf(waits, "other")?.partition, undefined);
  equal(waitRange(undefined, undefined), undefined);
});

const USAGE = [
  "7_0|COMPLETED|100|10|03:20.000|4|1|||cpu=4,mem=4000M,node=1,gres/gpu=1|",
  "7_0.batch|COMPLETED|100||03:20.000|4|1|1|1000K|cpu=4|",
  "7_0.0|COMPLETED|100||03:00.000|4|1|2|512000K|cpu=4|gres/gpuutil=80,mem=512000K",
  "7_1|OUT_OF_MEMORY|5|10|00:01.000|4|1|||cpu=4,mem=4000M,node=1|",
  "8|TIMEOUT|660|10|00:00.000|1|1|||cpu=1,mem=100M,node=1|",
  "9_[2-5]|PENDING|0|10|00:00:00|0|1||||",
];

Deno.test("what jobs used, and what it means for the next ones", () => {
  const [done, killed, late, ...rest] = parseUsage(`${USAGE.join("\n")}\n`);
  equal(rest.length, 0);
  deepEqual([done!.memoryUsed, done!.cpuSeconds, done!.gpuUse, done!.task], [1000, 200, 0.8, 0]);
  deepEqual(efficiencyOf(done!), { cpu: 0.5, memory: 0.25, time: 100 / 600, gpu: 0.8 });
  deepEqual(
    suggestSizes([done!]).map(({ resource, value }) => [resource, value]),
    [["mem", "1200M"], ["time", "00:03:00"], ["cpus_per_task", "3"]],
  );
  equal(suggestSizes([done!, killed!])[0]!.value, "8G");
  const [memory, time] = suggestSizes([late!]);
  equal(memory!.value, undefined);
  match(time!.evidence, /ended by their limit/);
  match(suggestSizes([])[0]!.evidence, /^unknown/);
});

Deno.test("advice without Slurm is about this machine, and says what it lacks", async () => {
  const advice = await adviseResources({ gpus: 2, globalBatch: 64, runner: machine({}).runner });
  ok(advice.kind === "machine");
  match(advice.lacks.join(), /2 GPUs are wanted, it has 0/);
  equal(advice.batch?.perGpu, 32);
});
