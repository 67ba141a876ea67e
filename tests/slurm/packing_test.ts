import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { namesIn } from "../../lib/system/files.ts";
import { labIsUp, LabUser } from "./lab.ts";

// deno-lint-ignore no-explicit-any
type Told = any;

Deno.test({
  name: "200 runs of 0.2 s share 10 jobs on Slurm",
  ignore: !labIsUp,
  async fn(t) {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    await t.step("each is run once, and has its own state", async () => {
      alice.write(
        cwd,
        "many",
        `command: |
  sleep 0.2
  echo $EXPFLOW_RUN >> {run.dir}/begun
  test {params.x} != 37
args: none
resources: { partition: cpu, time: "1:00", runs_per_job: 20 }
sweep: { grid: { x: "0:199:1" } }
`,
      );
      const preview = await alice.ok(["submit", "many", "--dry-run"], cwd);
      match(preview.err, /up to 20 runs a job, 1 at once; time limit 20 × 00:01:00 = 00:20:00/);
      match(preview.out, /many\.train\.0-\w+ \(10 tasks, 200 runs\)/);
      const began = performance.now();
      const { code, err } = await alice.run(
        ["submit", "many", "--yes", "--wait", "--poll", "2s"],
        cwd,
      );
      const seconds = (performance.now() - began) / 1000;
      equal(code, 1, err);
      const { runs, submissions } = await alice.status(cwd, "many");
      deepEqual(submissions, ["001"]);
      deepEqual(
        runs.map(({ run, state, stages: { train } }: Told) => `${run} ${train.task} ${state}`),
        Array.from(
          { length: 200 },
          (_, run) => `${run} ${run - run % 20} ${run === 37 ? "failed" : "completed"}`,
        ),
      );
      const folder = join(cwd, "experiments", "runs", "many");
      for (const name of namesIn(folder)) {
        equal(Deno.readTextFileSync(join(folder, name, "begun")), `${name}\n`);
      }
      const jobs = new Set(runs.map(({ stages: { train } }: Told) => train.job));
      equal(jobs.size, 1);
      const { out } = await alice.do(["sacct", "-X", "-n", "-P", "-o", "JobID,State", "-j"]
        .concat([...jobs] as string[]));
      const tasks = out.trim().split("\n");
      equal(tasks.length, 10, out);
      equal(tasks.filter((line) => line.endsWith("FAILED")).length, 1, out);
      console.log(`200 runs of 0.2 s in 10 tasks: ${seconds.toFixed(1)} s`);
    });
    await t.step("the time limit and scancel leave what was not begun", async () => {
      alice.write(
        cwd,
        "left",
        `command: echo up; sleep {params.s}
args: none
resources: { partition: cpu, runs_per_job: 3, runs_at_once: 2, cpus_per_task: 2 }
sweep: { list: [{ s: 60 }, { s: 61 }, { s: 1 }] }
`,
      );
      await alice.ok(["submit", "left"], cwd);
      await alice.untilSaid(cwd, "left", "up");
      const running = await alice.until(cwd, "left", ({ counts }) => counts.running === 2);
      deepEqual(running.counts, { running: 2, pending: 1 });
      const { job } = running.runs[0].stages.train;
      equal((await alice.do(["scancel", "--batch", "--signal=USR1", job])).code, 0);
      await alice.ok(["cancel", "left/0"], cwd);
      await alice.ok(["cancel", "left/1"], cwd);
      const ended = await alice.until(cwd, "left", ({ counts }) => counts.running === undefined);
      deepEqual(ended.runs.map(({ state }: Told) => state), [
        "cancelled",
        "cancelled",
        "not_begun",
      ]);
      await alice.ok(["submit", "left/2", "--wait", "--poll", "2s"], cwd);
      const again = await alice.status(cwd, "left");
      ok(again.runs[2].state === "completed", JSON.stringify(again.runs[2]));
    });
    await t.step("a requeued job goes on with what had not ended", async () => {
      alice.write(
        cwd,
        "again",
        `command: |
  echo $EXPFLOW_RUN >> {run.dir}/../order
  test $EXPFLOW_RUN = 0 || test $EXPFLOW_ATTEMPT = 2 || sleep 60
args: none
resources: { partition: cpu, runs_per_job: 3, requeue: true }
sweep: { grid: { x: [0, 1, 2] } }
`,
      );
      await alice.ok(["submit", "again"], cwd);
      const first = await alice.until(
        cwd,
        "again",
        ({ counts }) => counts.completed === 1 && counts.running === 1,
      );
      const { job } = first.runs[0].stages.train;
      equal((await alice.do(["scontrol", "requeue", job])).code, 0);
      // The requeued job waits for two minutes; its administrator need not.
      await alice.until(cwd, "again", ({ counts }) => counts.pending === 2);
      equal((await alice.admin(["scontrol", "update", `JobId=${job}`, "StartTime=now"])).code, 0);
      const ended = await alice.until(cwd, "again", ({ counts }) => counts.completed === 3, 180);
      deepEqual(
        ended.runs.map(({ stages: { train } }: Told) => train.attempt),
        [1, 2, 2],
      );
      const order = Deno.readTextFileSync(join(cwd, "experiments", "runs", "again", "order"));
      equal(order, "0\n1\n1\n2\n");
    });
  },
});
