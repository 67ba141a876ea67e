import { deepEqual } from "node:assert/strict";
import type { Experiment } from "../../lib/core/experiment.ts";
import { costBound } from "../../lib/submission/cost.ts";
import { experimentOf } from "../config/helpers.ts";

function cost(text: string, runs: [string | undefined, number][] = [[undefined, 10]]) {
  const experiment: Experiment = experimentOf(text);
  const { gpuHours, cpuHours, stages } = costBound(experiment, new Map(runs));
  return [gpuHours, cpuHours, [...new Set(stages.flatMap(({ unknown }) => unknown))]];
}

Deno.test("costBound() multiplies runs, size and time limit, or says what it cannot know", async (t) => {
  const cases: [string, string, ReturnType<typeof cost>][] = [
    ["CPUs", "resources: {time: 30m, cpus_per_task: 4}", [0, 20, []]],
    ["GPUs a node", "resources: {time: 2h, gpus: 2, nodes: 3}", [120, 60, []]],
    ["tasks", "resources: {time: 1h, nodes: 2, ntasks_per_node: 4, cpus_per_task: 2}", [
      0,
      160,
      [],
    ]],
    ["ntasks", "resources: {time: 1h, ntasks: 3}", [0, 30, []]],
    ["runs that share jobs", "resources: {time: 1h, gpus: 2, runs_per_job: 4, runs_at_once: 2}", [
      10, // two jobs of 2 × 1 h, and one of 1 h
      5,
      [],
    ]],
    ["no time limit", "resources: {gpus: 1}", [null, null, ["no time limit is given"]]],
    ["no time limit, no GPU", "resources: {cpus_per_task: 2}", [0, null, [
      "no time limit is given",
    ]]],
    ["unlimited", "resources: {time: UNLIMITED}", [0, null, ["the time is unlimited"]]],
    ["whole nodes", "resources: {time: 1h, gpus: 1, exclusive: true}", [
      10,
      null,
      ["whole nodes are taken, however many CPUs they have"],
    ]],
    ["spread tasks", "resources: {time: 1h, gpus: 1, ntasks: 4}", [
      null,
      40,
      ["the scheduler decides over how many nodes 4 tasks spread"],
    ]],
  ];
  for (const [name, resources, expected] of cases) {
    await t.step(name, () => deepEqual(cost(`command: x\n${resources}\n`), expected));
  }
  await t.step("stages, and groups over them", () => {
    const text =
      "stages: {train: {command: x, resources: {gpus: 1}}, eval: {command: y, after: train}}\n" +
      "resources: {time: 1h, mem: 4G}\n" +
      "sweep: {groups: {big: {grid: {a: [1]}, resources: {time: 2h, mem_per_cpu: 1G}}, small: {grid: {a: [2]}}}}\n";
    deepEqual(cost(text, [["big", 3], ["small", 5]]), [11, 22, []]);
  });
});
