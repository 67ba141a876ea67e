import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { adviseResources } from "../../lib/manager/advise.ts";
import { resourceStatus } from "../../lib/manager/resources.ts";
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

/** GPUs by type that no job has, counted node by node from `scontrol show node`. */
function independentCount(text: string): Record<string, number> {
  const free: Record<string, number> = {};
  for (const line of text.trim().split("\n")) {
    const value = (key: string) => new RegExp(`(?:^| )${key}=(\\S*)`).exec(line)?.[1] ?? "";
    const gpus = (tres: string) =>
      [...value(tres).matchAll(/gres\/gpu:(\w+)=(\d+)/g)].map((m) =>
        [m[1]!, Number(m[2])] as const
      );
    const usable = /^(IDLE|MIXED|ALLOCATED)(\+COMPLETING)?$/.test(value("State"));
    const used = new Map(gpus("AllocTRES"));
    for (const [type, count] of gpus("CfgTRES")) {
      free[type] = (free[type] ?? 0) + (usable ? count - (used.get(type) ?? 0) : 0);
    }
  }
  return free;
}

Deno.test({ name: "free GPUs are what scontrol counts, under random loads", ignore }, async () => {
  await using alice = await LabUser.login("alice");
  const runner = labRunner("/", "alice");
  const job = fc.record({
    type: fc.constantFrom("a100", "rtx8000", "h100"),
    gpus: fc.integer({ min: 1, max: 4 }),
  });
  const script = join(alice.scratch, "load.sh");
  Deno.writeTextFileSync(script, "#!/bin/bash\nsleep 300\n");
  let compared = 0;
  let busiest = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(job, { minLength: 1, maxLength: 5 }), async (jobs) => {
      await Promise.all(
        jobs.map(({ type, gpus }) =>
          alice.do(["sbatch", "-p", "gpu", "-t", "5", "--mem=50", "--output=/dev/null"].concat(
            [`--gres=gpu:${type}:${gpus}`, script],
          ))
        ),
      );
      // others use the lab: only counts between two equal looks of scontrol are compared
      for (let tries = 0; tries < 20; tries++) {
        const before = independentCount((await alice.do(["scontrol", "-o", "show", "node"])).out);
        const status = await resourceStatus({ runner });
        const after = independentCount((await alice.do(["scontrol", "-o", "show", "node"])).out);
        if (JSON.stringify(before) !== JSON.stringify(after)) continue;
        ok(status.kind === "slurm");
        const told = Object.fromEntries(
          status.total.flatMap(({ gpuType, freeGpus }) => gpuType ? [[gpuType, freeGpus]] : []),
        );
        deepEqual(told, before);
        compared++;
        busiest = Math.max(busiest, 18 - Object.values(before).reduce((a, b) => a + b, 0));
        break;
      }
      await alice.do(["scancel", "--me", "--name=load.sh"]);
    }),
    { numRuns: 12 },
  );
  ok(compared >= 10, `${compared} of 12 could be compared`);
  ok(busiest > 0, "no load was seen");
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
      'python3 -c "x = bytearray(200_000_000); import time; t = time.time()\nwhile time.time() - t < 4: pass"';
    alice.write(
      project,
      "exp",
      `command: |\n  ${heavy.replace("\n", "\n  ")}\nsnapshot: false\n` +
        "resources: {partition: cpu, cpus_per_task: 2, mem: 1G, time: 10m}\nsweep: {grid: {a: [1, 2]}}\nargs: none\n",
    );
    await alice.ok(["submit", "exp", "--wait"], project);
    // the last records reach accounting a moment later
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const report = JSON.parse((await alice.ok(["efficiency", "exp", "--json"], project)).out);
    equal(report.runs.length, 2);
    for (const { cpuSeconds, cpus, efficiency } of report.runs) {
      ok(cpuSeconds >= 2 && cpus === 2, JSON.stringify(report));
      ok(efficiency.cpu > 0.1 && efficiency.cpu <= 1);
    }
    equal(report.suggestions.train.length, 3);
  },
);

Deno.test(
  { name: "a predicted start is Slurm's own for the same job once it waits", ignore },
  async () => {
    await using alice = await LabUser.login("alice");
    const project = await alice.project();
    const exp = (minutes: number) =>
      "command: sleep 600\nsnapshot: false\n" +
      "resources: {partition: gpu, gpus: 8, gpu_type: rtx8000, mem: 100M, " +
      `time: ${minutes}m}\n`;
    alice.write(project, "first", exp(7));
    alice.write(project, "second", exp(5));
    await alice.ok(["submit", "first"], project);
    const advice = JSON.parse(
      (await alice.ok(["advise", "--exp", "second", "--json"], project)).out,
    );
    const predicted = advice.places[0].start.epoch;
    await alice.ok(["submit", "second"], project);
    const { runs: [{ stages: { train } }] } = await alice.until(
      project,
      "second",
      ({ runs }) => runs[0].stages.train.expected !== undefined || runs[0].state === "running",
      60,
    );
    equal(train.state, "pending", JSON.stringify(train));
    const { out } = await alice.do([
      "env",
      "SLURM_TIME_FORMAT=%s",
      ...["squeue", "--start", "--noheader", `--jobs=${train.job}`, "--format=%S"],
    ]);
    const own = Number(out);
    // Slurm plans in steps of a minute, and its own answer moves with the clock
    ok(Math.abs(predicted - own) <= 60, `${predicted - own} s apart`);
    ok(Math.abs(train.expected - own) <= 60, `status is ${train.expected - own} s apart`);
    const report = JSON.parse((await alice.ok(["why", "second/0", "--json"], project)).out);
    equal(report.start.source, "squeue");
    match((await alice.ok(["why", "second/0"], project)).out, /to start in \d+ min by squeue's/);
    match((await alice.ok(["status", "second"], project)).out, /to start in \d+ min/);
    console.log(`predicted and own start are ${predicted - own} s apart`);
  },
);
