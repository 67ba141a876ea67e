import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { adviseResources } from "../../lib/manager/advise.ts";
import { resourceDirectives } from "../../lib/script/directives.ts";
import type { Runner } from "../../lib/system/runner.ts";
import { labRunner } from "./bench.ts";
import { labIsUp, LabUser } from "./lab.ts";

const ignore = !labIsUp;

const AUTO = `
command: "true"
snapshot: false
resources: {partition: auto, account: auto, cpus_per_task: 1, nodelist: cpu03, mem: 100M, time: 12m}
`;

// deno-lint-ignore no-explicit-any
function planOf(project: string, id: string): any {
  return JSON.parse(
    Deno.readTextFileSync(join(project, "generated_scripts", id, "001", "plan.json")),
  );
}

Deno.test(
  { name: "submit with auto: a place that this user may use, recorded", ignore },
  async () => {
    for (const name of ["alice", "bob"]) {
      await using user = await LabUser.login(name);
      const project = await user.project();
      user.write(project, "exp", AUTO);
      const { err } = await user.ok(["submit", "exp", "--wait"], project);
      equal(err.includes("error"), false, err);
      const plan = planOf(project, "exp");
      const { partition, account } = plan.config.stages[0].resources;
      equal(plan.config.stages[0].resources.partition === "auto", false);
      match(
        plan.decisions.join("\n"),
        new RegExp(`partition ${partition} with account ${account}`),
      );
      equal(plan.provenance["stages.train.resources.partition"], "chosen by the advisor");
      equal((await user.status(project, "exp")).runs[0].state, "completed");
    }
  },
);

Deno.test({ name: "submit with auto: what only alice may use is hers alone", ignore }, async () => {
  const only = AUTO.replace("time: 12m", "time: 8d");
  await using alice = await LabUser.login("alice");
  const hers = await alice.project();
  alice.write(hers, "long", only);
  await alice.ok(["submit", "long", "--dry-run"], hers);
  const told = await alice.ok(["submit", "long", "--dry-run", "--json"], hers);
  equal(JSON.parse(told.out).plan.config.stages[0].resources.partition, "vip");
  await using bob = await LabUser.login("bob");
  const his = await bob.project();
  bob.write(his, "long", only);
  const refused = await bob.run(["submit", "long"], his);
  equal(refused.code, 6, refused.err);
  match(refused.err, /Cannot choose a partition for long\/train: nothing fits for bob: /);
  match(refused.err, /vip: /);
  await using mallory = await LabUser.login("mallory");
  const theirs = await mallory.project();
  mallory.write(theirs, "long", only);
  const none = await mallory.run(["submit", "long"], theirs);
  equal(none.code, 6, none.err);
  match(none.err, /mallory has no association on testcluster/);
});

Deno.test({ name: "submit --race: one job in several partitions", ignore }, async () => {
  await using alice = await LabUser.login("alice");
  const project = await alice.project();
  alice.write(project, "exp", AUTO.replace("time: 12m", "time: 5m"));
  await alice.ok(["submit", "exp", "--race", "--wait"], project);
  const { config: { stages: [{ resources }] }, decisions } = planOf(project, "exp");
  ok(resources.partition.split(",").length >= 2, resources.partition);
  match(decisions.join("\n"), /races in .*short/);
});

Deno.test(
  { name: "200 random requests: the advised place is accepted by Slurm", ignore },
  async () => {
    await using alice = await LabUser.login("alice");
    const cache = Deno.env.get("XDG_CACHE_HOME");
    Deno.env.set("XDG_CACHE_HOME", join(alice.scratch, "cache"));
    const user = Deno.env.get("USER");
    const requests = fc.sample(
      fc.record({
        user: fc.constantFrom("alice", "bob"),
        gpus: fc.integer({ min: 0, max: 9 }),
        types: fc.option(fc.subarray(["a100", "h100", "rtx8000", "v100"], { minLength: 1 }), {
          nil: undefined,
        }),
        nodes: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
        minutes: fc.constantFrom(5, 60, 600, 1440, 20_000),
        cpus: fc.integer({ min: 1, max: 34 }),
        mem: fc.constantFrom("1G", "10G", "100G", "600G"),
      }).filter(({ gpus, nodes = 1 }) => gpus % nodes === 0),
      { numRuns: 200, seed: 4 },
    );
    let advised = 0;
    let nowhere = 0;
    const calls: Record<string, number> = {};
    try {
      for (const { user: name, minutes, types, ...request } of requests) {
        Deno.env.set("USER", name);
        const inner = labRunner("/", name);
        const seen: string[] = [];
        const runner: Runner = {
          ...inner,
          run: (command) => {
            seen.push(command.argv[0]);
            return inner.run(command);
          },
        };
        const options = { ...request, time: String(minutes), gpuTypes: types, runner };
        const advice = await adviseResources(options);
        ok(advice.kind === "slurm");
        for (const program of new Set(seen)) {
          const count = seen.filter((one) => one === program).length;
          calls[program] = Math.max(calls[program] ?? 0, count);
        }
        ok(advice.rejected.every(({ reason, source }) => reason !== "" && source !== ""));
        const [best] = advice.places;
        if (!best) {
          nowhere++;
          ok(advice.rejected.length > 0);
          continue;
        }
        advised++;
        const text = ["#!/bin/bash", ...resourceDirectives(best.resources), "true", ""].join("\n");
        const argv: [string, ...string[]] = ["sbatch", "--test-only"];
        const reply = await inner.run({ argv, stdin: text });
        match(reply.stderr, /to start at/, `${JSON.stringify(best.resources)}: ${reply.stderr}`);
      }
    } finally {
      if (cache === undefined) Deno.env.delete("XDG_CACHE_HOME");
      else Deno.env.set("XDG_CACHE_HOME", cache);
      if (user === undefined) Deno.env.delete("USER");
      else Deno.env.set("USER", user);
    }
    console.log(
      `${advised} advised and accepted, ${nowhere} nowhere; most calls ${JSON.stringify(calls)}`,
    );
    ok(advised >= 50 && nowhere >= 20);
    equal(calls.sinfo, 1);
    equal(calls.squeue, undefined);
    ok(calls.sacct! <= 1 && calls.sacctmgr! <= 1 && calls.sbatch! <= 14 + 100);
  },
);

Deno.test(
  { name: "efficiency tells what accounting has, and what to ask for", ignore },
  async () => {
    await using alice = await LabUser.login("alice");
    const project = await alice.project();
    const heavy =
      'python3 -c "x = bytearray(200_000_000); import time\nwhile time.process_time() < 3: pass"';
    alice.write(
      project,
      "exp",
      `command: |\n  ${heavy.replace("\n", "\n  ")}\nsnapshot: false\n` +
        "resources: {partition: cpu, cpus_per_task: 2, mem: 1G, time: 10m}\nsweep: {grid: {a: [1, 2]}}\nargs: none\n",
    );
    await alice.ok(["submit", "exp", "--wait"], project);
    const told = async () =>
      JSON.parse((await alice.ok(["efficiency", "exp", "--json"], project)).out);
    // the last records reach accounting a moment later
    let report = await told();
    for (const end = Date.now() + 60_000; Date.now() < end && !isWhole(report);) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      report = await told();
    }
    equal(report.runs.length, 2);
    for (const { cpuSeconds, cpus, elapsed, efficiency } of report.runs) {
      // of the 3 seconds, what Slurm had sampled when they ended
      ok(cpuSeconds >= 1 && cpus === 2, JSON.stringify(report));
      equal(efficiency.cpu, cpuSeconds / (cpus * elapsed));
      ok(efficiency.cpu <= 1);
    }
    equal(report.suggestions.train.length, 3);
  },
);

/** Whether accounting has the end of both runs, and what they used. */
// deno-lint-ignore no-explicit-any
function isWhole({ runs }: any): boolean {
  return runs.length === 2 && runs.every(({ cpuSeconds }: { cpuSeconds?: number }) => cpuSeconds);
}
