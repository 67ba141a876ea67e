import { deepEqual, equal } from "node:assert/strict";
import { isRetryable } from "../../lib/core/failures.ts";
import type { Params } from "../../lib/core/params.ts";
import type { RetryRule } from "../../lib/core/retry.ts";
import { changedParams, changedResources, excluded } from "../../lib/submission/retry/change.ts";
import { withResources } from "../../lib/submission/retry/apply.ts";
import { resourcesIn } from "../../lib/submission/resources.ts";
import { experimentOf } from "../config/helpers.ts";

Deno.test("changedResources() changes what the failed attempt had", async (t) => {
  const table: [string, RetryRule, object, string | undefined, unknown][] = [
    ["a factor of mem", { times: 1, mem: "x1.5" }, { mem: "1G" }, "n1", { mem: "1536M" }],
    ["of mem_per_cpu", { times: 1, mem: "x2" }, { mem_per_cpu: "2G" }, "n1", { mem_per_cpu: "4G" }],
    ["a size", { times: 1, mem: "32G" }, {}, undefined, { mem: "32G" }],
    ["all memory stays all", { times: 1, mem: "x2" }, { mem: "0" }, undefined, {}],
    ["a factor of time", { times: 1, time: "x2" }, { time: "2h" }, undefined, { time: "04:00:00" }],
    ["no limit stays none", { times: 1, time: "x2" }, { time: "UNLIMITED" }, "n", {}],
    [
      "nothing to multiply",
      { times: 1, mem: "x2" },
      {},
      "n1",
      "it asked for no mem, so that x2 says nothing",
    ],
    ["a partition", { times: 1, partition: "big" }, { partition: "small" }, "n1", {
      partition: "big",
    }],
    ["a node", { times: 1, exclude_node: true }, { exclude: "n3" }, "n[1-2]", {
      exclude: "n1,n2,n3",
    }],
    [
      "a node nobody knows",
      { times: 1, exclude_node: true },
      {},
      undefined,
      "the node that it failed on is not known",
    ],
  ];
  for (const [name, rule, had, nodes, expected] of table) {
    await t.step(name, () => {
      const found = changedResources(rule, had, nodes);
      const to = "why" in found ? found.why : found.to;
      deepEqual(to, expected);
    });
  }
  equal(excluded("b,a", "a"), "a,b");
});

Deno.test("changedParams() keeps whole numbers whole and above 0", async (t) => {
  const table: [Params, Params, unknown][] = [
    [{ batch: 512 }, { batch: "/2" }, { batch: 256 }],
    [{ batch: 3 }, { batch: "/2" }, { batch: 1 }],
    [{ batch: 1 }, { batch: "/2" }, "batch is 1: /2 cannot be made"],
    [{ lr: 0.5 }, { lr: "/4" }, { lr: 0.125 }],
    [{ n: 2 }, { n: "+3" }, { n: 5 }],
    [{ n: 2 }, { n: "-2" }, "n is 2: -2 cannot be made"],
    [{ optim: { lr: 1 } }, { "optim.lr": "*0.5" }, "optim.lr is 1: *0.5 cannot be made"],
    [{ optim: { lr: 1.5, b: 1 } }, { "optim.lr": "*0.5" }, { optim: { lr: 0.75, b: 1 } }],
    [{ amp: "fp16" }, { amp: "bf16" }, { amp: "bf16" }],
    [{ amp: "fp16" }, { amp: "/2" }, "amp is fp16: /2 cannot be made"],
    [{}, { batch: "/2" }, "batch is not set: /2 cannot be made"],
    [{}, { fresh: true }, { fresh: true }],
  ];
  for (const [had, params, expected] of table) {
    await t.step(JSON.stringify([had, params]), () => {
      const found = changedParams({ times: 1, params: params as RetryRule["params"] }, had);
      deepEqual("why" in found ? found.why : found.to, expected);
    });
  }
});

Deno.test("withResources() is over a group of the sweep that says otherwise", () => {
  const experiment = experimentOf(`command: x
resources: { mem: 1G, time: 1h }
sweep:
  groups:
    small: { grid: { x: [1] } }
    large: { grid: { x: [2] }, resources: { mem_per_cpu: 4G } }
`);
  const changed = withResources(experiment, "train", { mem: "8G" });
  const stage = changed.stages[0]!;
  deepEqual(resourcesIn(changed, stage, "small"), { mem: "8G", time: "1h" });
  deepEqual(resourcesIn(changed, stage, "large"), { mem: "8G", time: "1h" });
});

Deno.test("retry: in an experiment", async (t) => {
  await t.step("is read with its caps", () => {
    const { retry } = experimentOf(`command: x
retry: { network: 2, timeout: { time: x2 }, host_oom: { times: 3, mem: 64G } }
`);
    deepEqual(retry, {
      max_per_run: 3,
      max_per_sweep: 100,
      on: {
        network: { times: 2 },
        timeout: { times: 1, time: "x2" },
        host_oom: { times: 3, mem: "64G" },
      },
    });
  });
  await t.step("is absent unless asked for", () => {
    equal(experimentOf("command: x\n").retry, undefined);
  });
  await t.step("what was cancelled is never retried", () => {
    deepEqual((["cancelled", "refused", "skipped"] as const).map(isRetryable), [
      false,
      false,
      false,
    ]);
  });
});
