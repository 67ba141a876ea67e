import { deepEqual, equal, ok } from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { markerName } from "../../lib/core/markers.ts";
import { initProject } from "../../lib/manager/init.ts";
import { waitAndContinue } from "../../lib/manager/keep_going.ts";
import { openProject } from "../../lib/manager/project.ts";
import { submit } from "../../lib/manager/submit.ts";
import { SlurmScheduler } from "../../lib/schedulers/slurm/slurm_scheduler.ts";
import { Layout } from "../../lib/store/layout.ts";
import type { Plan } from "../../lib/store/plan.ts";
import { logName } from "../../lib/submission/chunks.ts";
import type { Reply, Runner } from "../../lib/system/runner.ts";

const RUNS = 1000;
const QUERIES = /^(squeue|sacct|sacctmgr|scontrol|sinfo|sdiag)$/;
const CONFIG =
  "MaxArraySize = 100001\nMinJobAge = 300 sec\nClusterName = c\nMaxJobCount = 200000\n";

/** A cluster on which every first attempt fails at once, and every other one succeeds. */
class FailingCluster {
  readonly cycles: string[][] = [[]];
  readonly #rows: string[] = [];
  #job = 100;

  constructor(private readonly layout: Layout) {}

  readonly runner: Runner = {
    run: ({ argv }) => {
      this.cycles.at(-1)!.push(argv[0]);
      const reply: Reply = { code: 0, stdout: "", stderr: "", timedOut: false };
      if (argv[0] === "scontrol") return Promise.resolve({ ...reply, stdout: CONFIG });
      if (argv[0] === "squeue") return Promise.resolve({ ...reply, stdout: this.#rows.join("") });
      if (argv[0] !== "sbatch") return Promise.resolve(reply);
      return Promise.resolve({ ...reply, stdout: `${this.#run(argv.at(-1)!)}\n` });
    },
    detach: () => {
      throw new Error("detached");
    },
  };

  #run(script: string): number {
    const submission = basename(dirname(script));
    const plan = JSON.parse(Deno.readTextFileSync(join(dirname(script), "plan.json"))) as Plan;
    const chunk = plan.chunks.find((one) => one.script === basename(script))!;
    const events = join(this.layout.state(plan.experiment, submission), "events");
    Deno.mkdirSync(events, { recursive: true });
    const job = ++this.#job;
    for (const [at, run] of chunk.runs.entries()) {
      const attempt = chunk.attempts[at]!;
      const code = attempt === 1 ? 1 : 0;
      for (const event of ["start", "end"] as const) {
        const marker = { run, stage: chunk.stage, attempt, event, code, epoch: 1000 };
        Deno.writeTextFileSync(join(events, markerName(marker)), "");
      }
      const logs = this.layout.submissionLogs(plan.experiment, submission);
      Deno.writeTextFileSync(join(logs, `${logName(chunk, run)}.err`), "MemoryError\n");
      const state = code === 0 ? "COMPLETED" : "FAILED";
      this.#rows.push(
        `${job}|${run}|N/A|${state}|${code * 256}|0|100|110|120|n1|None|${chunk.jobName}|\n`,
      );
    }
    return job;
  }
}

Deno.test(`${RUNS} runs that fail at once are retried with at most 3 queries a cycle`, async () => {
  const parent = Deno.makeTempDirSync({ prefix: "expflow-storm-" });
  try {
    const { root } = await initProject({ name: "storm", parent, cwd: parent });
    Deno.writeTextFileSync(
      join(root, "experiment_configs", "exp.yaml"),
      `command: "true"
snapshot: off
resources: { mem: 1G }
sweep: { grid: { x: "0:${RUNS - 1}:1" } }
retry: { max_per_sweep: 5000, host_oom: { mem: x1.5 } }
`,
    );
    const cluster = new FailingCluster(new Layout(root));
    let now = 1_800_000_000_000;
    const clock = {
      now: () => now,
      sleep: (ms: number) => {
        now += ms;
        cluster.cycles.push([]);
        return Promise.resolve();
      },
    };
    const { runner } = cluster;
    const scheduler = new SlurmScheduler({ runner, clock, env: {}, random: () => 0.5 });
    const project = await openProject(root, { runner, clock, scheduler });
    await submit(project, "exp");
    cluster.cycles.push([]);
    const { runs, plans } = await waitAndContinue(project, "exp");
    equal(runs.length, RUNS);
    ok(runs.every(({ state, stages }) => state === "completed" && stages.train!.attempt === 2));
    deepEqual(plans.map(({ submission }) => submission), ["001", "002"]);
    const waiting = cluster.cycles.slice(1);
    equal(waiting.flat().filter((program) => program === "sbatch").length, 1);
    const queries = waiting.map((cycle) => cycle.filter((program) => QUERIES.test(program)).length);
    ok(Math.max(...queries) <= 3, JSON.stringify(waiting));
  } finally {
    Deno.removeSync(parent, { recursive: true });
  }
});
