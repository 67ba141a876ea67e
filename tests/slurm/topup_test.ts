import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { labIsUp, LabUser } from "./lab.ts";

const LIMITED = "resources: { qos: limited, mem: 50M }";

function sweepOf(count: number): string {
  return `sweep: { grid: { x: [${Array.from({ length: count }, (_, x) => x)}] } }`;
}

function experiment(command: string, count: number, more = LIMITED): string {
  return [`command: ${JSON.stringify(command)}`, "args: none", more, sweepOf(count), ""].join("\n");
}

const TRACE = "echo $EXPFLOW_ATTEMPT >> {run.dir}/trace";

/** Every run was executed exactly once. */
function ranOnce(project: string, id: string, count: number): void {
  for (let run = 0; run < count; run++) {
    const trace = join(project, "experiments", "runs", id, String(run), "trace");
    equal(Deno.readTextFileSync(trace), "1\n", `${id}/${run}`);
  }
}

function namesIn(...parts: string[]): string[] {
  return Array.from(Deno.readDirSync(join(...parts)), ({ name }) => name);
}

/** A PATH with a fake sbatch in front of the real one. */
function pathWith(user: LabUser, script: string): string {
  const folder = Deno.makeTempDirSync({ dir: user.scratch, prefix: "bin-" });
  const text = `#!/bin/bash
case "$*" in *--version*) exec /usr/bin/sbatch --version;; esac
${script}`;
  Deno.writeTextFileSync(join(folder, "sbatch"), text);
  Deno.chmodSync(folder, 0o755);
  Deno.chmodSync(join(folder, "sbatch"), 0o755);
  return `${folder}:/usr/bin:/bin:/usr/sbin`;
}

/** A command line as this user, killed after so many seconds. */
async function killedAfter(user: LabUser, seconds: number, args: string[], cwd: string) {
  const words = user.words(args);
  return await user.do(["timeout", "--signal=KILL", seconds.toFixed(3), ...words], cwd);
}

Deno.test({
  name: "a sweep of 40 under a QOS limit of 5 completes with submit --wait",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    alice.write(cwd, "forty", experiment(TRACE, 40));
    const first = JSON.parse((await alice.ok(["submit", "forty", "--yes", "--json"], cwd)).out);
    match(first.waiting.limit, /^MaxSubmitJobsPerUser of QOS limited is 5,/);
    ok(first.waiting.runs.length >= 35, "5 jobs at once at most");
    equal(first.jobs.filter(({ job }: { job?: string }) => job).length, 40 - first.waiting.jobs);
    const { counts } = await alice.status(cwd, "forty");
    ok(counts.planned >= 35 && counts.unknown === undefined, JSON.stringify(counts));
    const argv = ["submit", "forty", "--yes", "--wait", "--poll", "1s"];
    match((await alice.ok(argv, cwd)).out, /^forty: 40 completed$/m);
    ranOnce(cwd, "forty", 40);
    equal((await alice.status(cwd, "forty")).submissions.length, 1);
    const files = namesIn(cwd, "generated_scripts", "forty", "001");
    equal(files.filter((name) => name.endsWith(".sbatch")).length, 1, "one script for all parts");
  },
});

Deno.test({
  name: "pump, killed at random moments and run twice at a time, executes every run once",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    alice.write(cwd, "killed", experiment(TRACE, 40));
    await alice.ok(["submit", "killed", "--yes"], cwd);
    let kills = 0;
    let rounds = 0;
    for (const end = Date.now() + 300_000; Date.now() < end; rounds++) {
      const pumps = await Promise.all(
        [0, 1].map(() => killedAfter(alice, 0.1 + Math.random() * 0.5, ["pump", "killed"], cwd)),
      );
      kills += pumps.filter(({ code }) => code === 137).length;
      if (rounds % 4 < 3) continue;
      const [outcome] = JSON.parse((await alice.ok(["pump", "killed", "--json"], cwd)).out);
      if (!outcome.waiting) break;
    }
    ok(kills > 0, "no pump was killed");
    await alice.until(cwd, "killed", ({ counts }) => counts.completed === 40);
    ranOnce(cwd, "killed", 40);
  },
});

Deno.test({
  name: "a limit of the account: topped up, with max_parallel kept over all jobs",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    const stamp = "date +%s.%N > {run.dir}/start; sleep 1; date +%s.%N > {run.dir}/end";
    const resources = "resources: { account: capped, mem: 50M, max_parallel: 2 }";
    alice.write(cwd, "account", experiment(`${TRACE}; ${stamp}`, 12, resources));
    const { out } = await alice.ok(["submit", "account", "--yes"], cwd);
    match(out, /wait for room: GrpSubmitJobs of account capped is 6,/);
    await alice.ok(["submit", "account", "--yes", "--wait", "--poll", "1s"], cwd);
    ranOnce(cwd, "account", 12);
    const at = (run: number, name: string) =>
      Number(Deno.readTextFileSync(join(cwd, "experiments", "runs", "account", `${run}`, name)));
    const runs = Array.from({ length: 12 }, (_, run) => [at(run, "start"), at(run, "end")]);
    for (const [start] of runs) {
      const together = runs.filter(([from, to]) => from! <= start! && start! < to!).length;
      ok(together <= 2, `${together} at once`);
    }
  },
});

Deno.test({
  name: "stages submitted piece by piece: eval runs after its train, and never after a failed one",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    const text = `stages:
  train: { command: 'test {params.x} != 3' }
  eval: { command: '${TRACE}', after: train }
args: none
${LIMITED}
${sweepOf(8)}
`;
    alice.write(cwd, "staged", text);
    const argv = ["submit", "staged", "--yes", "--wait", "--poll", "1s"];
    equal((await alice.run(argv, cwd)).code, 1);
    // deno-lint-ignore no-explicit-any
    const over = (run: any) => /completed|skipped/.test(run.stages.eval.state);
    const { runs } = await alice.until(cwd, "staged", ({ runs }) => runs.every(over));
    // deno-lint-ignore no-explicit-any
    const ends = runs.map(({ stages }: any) => `${stages.train.state} ${stages.eval.state}`);
    const expected = Array(8).fill("completed completed");
    expected[3] = "failed skipped";
    deepEqual(ends, expected);
    const folder = join(cwd, "experiments", "runs", "staged");
    for (let run = 0; run < 8; run++) {
      equal(namesIn(folder, String(run)).includes("trace"), run !== 3, `eval of run ${run}`);
    }
  },
});

Deno.test({
  name: "5,000 points over MaxArraySize 1,001: five arrays, and no file per pending run",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    const held = "resources: { mem: 50M, sbatch: [--hold] }"; // others use these nodes meanwhile
    alice.write(cwd, "large", experiment("true", 5000, held));
    const { out } = await alice.ok(["submit", "large", "--yes", "--json"], cwd);
    const { jobs, waiting } = JSON.parse(out);
    await alice.ok(["cancel", "large"], cwd);
    deepEqual(jobs.map(({ runs }: { runs: number[] }) => runs.length), Array(5).fill(1000));
    equal(waiting, undefined);
    ok(namesIn(cwd, "generated_scripts", "large", "001").length <= 15);
    const folder = join(cwd, "experiments", "state", "large", "001", "submit");
    equal(namesIn(folder).filter((name) => !name.startsWith("cancel.")).length, 10);
  },
});

Deno.test({
  name: "a full queue (MaxJobCount): sbatch is not left to try for two minutes, and does not lie",
  ignore: !labIsUp,
  async fn(t) {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    const words = "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying.";
    await t.step("the job waits, and pump submits it", async () => {
      const path = pathWith(alice, `echo '${words}' >&2\nexec sleep 120\n`);
      alice.write(cwd, "full", experiment(TRACE, 3, "resources: { mem: 50M }"));
      const start = Date.now();
      const { out } = await alice.ok(["submit", "full"], cwd, path);
      ok(Date.now() - start < 60_000, "it waited for sbatch");
      match(out, /3 runs wait for room: MaxJobCount/);
      deepEqual((await alice.status(cwd, "full")).counts, { planned: 3 });
      match((await alice.ok(["pump"], cwd)).out, /full: submitted 1 jobs/);
      await alice.until(cwd, "full", ({ counts }) => counts.completed === 3);
      ranOnce(cwd, "full", 3);
    });
    await t.step("one that was accepted all the same is found", async () => {
      const accept = '/usr/bin/sbatch "$@" >/dev/null';
      const path = pathWith(alice, `${accept}\necho '${words}' >&2\nexec sleep 120\n`);
      alice.write(cwd, "late", experiment(TRACE, 3, "resources: { mem: 50M }"));
      const { out } = await alice.ok(["submit", "late", "--json"], cwd, path);
      equal(JSON.parse(out).waiting, undefined);
      await alice.ok(["submit", "late", "--wait"], cwd);
      ranOnce(cwd, "late", 3);
    });
  },
});
