import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SchedulerError } from "../../lib/core/errors.ts";
import { supervisorOf } from "../../lib/schedulers/local/lock.ts";
import { familyOf, procfs } from "../../lib/schedulers/batch/processes.ts";
import { isOver } from "../../lib/schedulers/local/progress.ts";
import {
  jobIds,
  layoutOf,
  readClaim,
  readProgress,
  readSpec,
} from "../../lib/schedulers/local/store.ts";
import type { TaskReport } from "../../lib/schedulers/scheduler.ts";
import { type LocalBench, localScheduler, openLocal } from "./local_bench.ts";

const hasProc = Deno.build.os === "linux";
if (!hasProc) console.warn("no /proc here: crashes of the local scheduler were not tested");

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function crashTest(name: string, run: (bench: LocalBench) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !hasProc,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const bench = openLocal({ idleSeconds: 0.3 });
      try {
        await run(bench);
      } finally {
        await bench.close();
      }
    },
  });
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Kills the supervisor and, where asked, the guardian first. @returns its number if there was one. */
async function crash({ state }: LocalBench, guardianToo: boolean): Promise<number | undefined> {
  const supervisor = supervisorOf(layoutOf(state));
  const row = supervisor && await procfs.find(supervisor.pid);
  if (!row || row.zombie || row.start !== supervisor?.start) return undefined;
  if (guardianToo && row.parent > 1 && row.parent !== Deno.pid) {
    const command = Deno.readTextFileSync(`/proc/${row.parent}/cmdline`);
    assert(command.includes("expflow-guardian"), command);
    kill(row.parent);
  }
  kill(row.pid);
  return row.pid;
}

/** The same, for when there must be one: it may only just have been started. */
async function crashSurely(bench: LocalBench, guardianToo: boolean): Promise<number> {
  let killed: number | undefined;
  await until("there is a supervisor", async () => {
    killed = await crash(bench, guardianToo);
    return killed !== undefined;
  });
  return killed!;
}

function write(bench: LocalBench, name: string, text: string): string {
  const path = join(bench.folder, name);
  Deno.writeTextFileSync(path, text);
  return path;
}

function submit(bench: LocalBench, lines: string): Promise<string> {
  const script = write(bench, `${crypto.randomUUID()}.sh`, `#!/bin/bash\n${lines}\n`);
  return bench.scheduler.submit({ script, dependencies: [] });
}

/** What a job does until the test lets it go on. */
function waitingFor(file: string): string {
  return `until [[ -e ${file} ]]; do sleep 0.02; done`;
}

async function tasksOf(bench: LocalBench, id: string): Promise<TaskReport[]> {
  const report = (await bench.scheduler.states([id])).get(id);
  assert(report?.known);
  return report.tasks;
}

async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(20)) {
    if (await look()) return;
  }
  assert.fail(`not after 60 s: ${what}`);
}

async function hasStarted(bench: LocalBench, id: string): Promise<boolean> {
  return (await tasksOf(bench, id))[0]!.started !== undefined;
}

async function ended(bench: LocalBench, id: string): Promise<TaskReport[]> {
  let tasks: TaskReport[] = [];
  await until(`job ${id} has ended`, async () => {
    tasks = await tasksOf(bench, id);
    return tasks.every(({ ended }) => ended !== undefined);
  });
  return tasks;
}

const EVIDENCE = `#!/bin/bash
#SBATCH --array=0-9
#SBATCH --output=/dev/null
set -C
mine="evidence/$SLURM_ARRAY_JOB_ID.$SLURM_ARRAY_TASK_ID"
{ : >"$mine"; } 2>/dev/null || { echo >>"evidence/again.$SLURM_JOB_ID"; exit 9; }
sleep 0.$((RANDOM % 2))$((RANDOM % 10))
`;

crashTest("50 crashes of supervisor and guardian lose and double no task", async (bench) => {
  Deno.mkdirSync(join(bench.folder, "evidence"));
  const script = write(bench, "evidence.sh", EVIDENCE);
  const ids: string[] = [];
  let crashes = 0;
  let misses = 0;
  while (crashes < 50) {
    // With nothing left to do the supervisor has gone for good, and there is nobody to crash.
    if (ids.length < 3 + crashes / 3 || misses >= 20) {
      ids.push(await bench.scheduler.submit({ script, dependencies: [] }));
      misses = 0;
    }
    await sleep(Math.random() * 150);
    if (await crash(bench, Math.random() < 0.5) !== undefined) {
      crashes++;
      misses = 0;
    } else {
      misses++;
    }
    await bench.scheduler.ensure();
  }
  for (const id of ids) {
    for (const { state, restarts, task } of await ended(bench, id)) {
      assert.deepEqual([state, restarts], ["COMPLETED", 0], `task ${task} of job ${id}`);
    }
  }
  const evidence = [...Deno.readDirSync(join(bench.folder, "evidence"))].map(({ name }) => name);
  assert.deepEqual(
    evidence.sort(),
    ids.flatMap((id) => Array.from({ length: 10 }, (_, task) => `${id}.${task}`)).sort(),
  );
});

crashTest("a guardian brings its supervisor back", async (bench) => {
  const id = await submit(bench, `#SBATCH --array=0-1%1\n${waitingFor("go")}`);
  const killed = await crashSurely(bench, false);
  await until("another supervisor", async () => {
    const { alive, pid } = await bench.scheduler.status();
    return alive && pid !== killed;
  });
  write(bench, "go", "");
  assert.deepEqual((await ended(bench, id)).map(({ state }) => state), ["COMPLETED", "COMPLETED"]);
});

crashTest("a task that outlives its supervisor is adopted with its exit code", async (bench) => {
  const early = await submit(bench, `${waitingFor("early")}; exit 5`);
  const late = await submit(bench, `${waitingFor("late")}; exit 6`);
  await until(
    "both run",
    async () => await hasStarted(bench, early) && await hasStarted(bench, late),
  );
  await bench.scheduler.stop();
  write(bench, "early", "");
  const [first] = await ended(bench, early);
  assert.equal((await bench.scheduler.status()).alive, false);
  assert.deepEqual([first!.state, first!.exitCode], ["FAILED", 5]);
  assert.equal((await tasksOf(bench, late))[0]!.state, "RUNNING");
  await bench.scheduler.ensure();
  write(bench, "late", "");
  const [last] = await ended(bench, late);
  assert.deepEqual([last!.state, last!.exitCode, last!.restarts], ["FAILED", 6, 0]);
});

crashTest("a time limit holds across a crash", async (bench) => {
  const id = await submit(bench, "#SBATCH --time=0:03\nsleep 300");
  await until("it runs", () => hasStarted(bench, id));
  await crashSurely(bench, true);
  assert.equal((await tasksOf(bench, id))[0]!.state, "RUNNING", "the limit came before the crash");
  await bench.scheduler.ensure();
  assert.equal((await ended(bench, id))[0]!.state, "TIMEOUT");
});

crashTest("a task whose shepherd is killed runs again, or is NODE_FAIL", async (bench) => {
  const body = "echo $$ >>runs; [[ ${SLURM_RESTART_COUNT-0} -ge 1 ]] || sleep 300";
  const again = await submit(bench, body);
  const never = await submit(bench, "#SBATCH --no-requeue\nsleep 300");
  for (const id of [again, never]) {
    await until("it runs", () => hasStarted(bench, id));
    kill(readClaim(layoutOf(bench.state), Number(id), 0, 0)!.shepherd.pid);
  }
  const [second] = await ended(bench, again);
  assert.deepEqual([second!.state, second!.restarts], ["COMPLETED", 1]);
  assert.equal((await ended(bench, never))[0]!.state, "NODE_FAIL");
  const [first] = Deno.readTextFileSync(join(bench.folder, "runs")).split("\n");
  const orphan = await procfs.find(Number(first));
  assert(orphan === undefined || orphan.zombie, "the orphaned script was killed");
});

crashTest("processes that a script leaves behind end with it", async (bench) => {
  const id = await submit(bench, "setsid -f true; (set -m; sleep 31.5 & sleep 31.5 &); exit 0");
  await until("it runs", () => readClaim(layoutOf(bench.state), Number(id), 0, 0) !== undefined);
  const { shepherd } = readClaim(layoutOf(bench.state), Number(id), 0, 0)!;
  await ended(bench, id);
  await until(
    "nothing is left",
    async () => familyOf(await procfs.all(), { ...shepherd }).length === 0,
  );
});

crashTest("a submitter that is killed leaves whole jobs only", async (bench) => {
  const script = write(
    bench,
    "true.sh",
    "#!/bin/bash\n#SBATCH -o /dev/null\n#SBATCH -a 0-1\ntrue\n",
  );
  const entry = fileURLToPath(new URL("submit_entry.ts", import.meta.url));
  const layout = layoutOf(bench.state);
  const killOne = async (within: number): Promise<void> => {
    const submitter = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", "--cached-only", entry, bench.state, bench.folder, script],
      stdout: "piped",
    }).spawn();
    const reader = submitter.stdout.getReader();
    await reader.read();
    await sleep(Math.random() * within);
    submitter.kill("SIGKILL");
    await submitter.status;
    await reader.cancel();
  };
  let ids: number[] = [];
  for (let round = 1; round <= 8 || ids.length < 24; round++) {
    assert(round < 50, `only ${ids.length} jobs`);
    // a slow machine gets more time from round to round
    await Promise.all(Array.from({ length: 3 }, () => killOne(40 * Math.max(1, round / 4))));
    ids = jobIds(layout);
  }
  await bench.scheduler.ensure();
  for (const id of ids) {
    assert.equal(readSpec(layout, id)?.name, "true.sh");
    for (const { state } of await ended(bench, String(id))) assert.equal(state, "COMPLETED");
  }
  ids.forEach((id, index) => assert.equal(id, 1 + 2 * index, "ids leave room for tasks, no gaps"));
});

crashTest("a job submitted while the supervisor exits is run", async (bench) => {
  const hasty = localScheduler(bench.state, bench.folder, { idleSeconds: 0.04 });
  const script = write(bench, "true.sh", "#!/bin/bash\n#SBATCH -o /dev/null\ntrue\n");
  let exits = 0;
  for (let round = 0; round < 40 || exits < 10; round++) {
    assert(round < 400, `only ${exits} supervisors exited meanwhile`);
    const before = supervisorOf(layoutOf(bench.state))?.pid;
    const id = await hasty.submit({ script, dependencies: [] });
    // Only the files are read: states() would bring a supervisor back.
    await until("it has run", () => isOver(readProgress(layoutOf(bench.state), Number(id))!));
    await sleep(20 + Math.random() * 80);
    if (supervisorOf(layoutOf(bench.state))?.pid !== before) exits++;
  }
});

crashTest("stop() ends the supervisor and lets tasks go on", async (bench) => {
  const { scheduler } = bench;
  const id = await submit(bench, `#SBATCH --array=0-1%1\n${waitingFor("go")}`);
  await until("it runs", () => hasStarted(bench, id));
  await scheduler.stop();
  const { alive, waiting } = await scheduler.status();
  assert.deepEqual([alive, waiting], [false, 1]);
  write(bench, "go", "");
  await until(
    "the first one ended",
    async () => (await tasksOf(bench, id))[0]!.ended !== undefined,
  );
  assert.deepEqual((await tasksOf(bench, id)).map(({ state }) => state), ["COMPLETED", "PENDING"]);
  assert.equal((await scheduler.status()).alive, false, "reading does not start one after stop()");
  await scheduler.ensure();
  assert.deepEqual((await ended(bench, id)).map(({ state }) => state), ["COMPLETED", "COMPLETED"]);
});

/** Processes that supervise a folder, or are about to find out that another one does. */
async function supervisorsOf(bench: LocalBench): Promise<number[]> {
  const all = await procfs.all();
  return all.filter(({ pid, zombie }) => {
    if (zombie) return false;
    try {
      const command = Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0");
      return command[1] === "run" && command.includes(bench.state);
    } catch {
      return false;
    }
  }).map(({ pid }) => pid);
}

crashTest("one folder has one supervisor", async (bench) => {
  const body = waitingFor("go");
  const jobs = await Promise.all(Array.from({ length: 6 }, () => submit(bench, body)));
  await until("the others gave up", async () => (await supervisorsOf(bench)).length === 1);
  write(bench, "go", "");
  for (const id of jobs) assert.equal((await ended(bench, id))[0]!.state, "COMPLETED");
});

crashTest("cancel() works after a crash of everything", async (bench) => {
  const id = await submit(bench, "#SBATCH --array=0-20%2\nsleep 300");
  // the scheduler counts a task that it has only launched, too
  await until(
    "two have started",
    async () =>
      (await tasksOf(bench, id)).filter(({ started }) => started !== undefined).length === 2,
  );
  await crashSurely(bench, true);
  await bench.scheduler.cancel([{ job: id }]);
  const tasks = await ended(bench, id);
  assert(tasks.every(({ state }) => state === "CANCELLED"));
  assert.equal(tasks.filter(({ started }) => started !== undefined).length, 2);
});

crashTest("requeue() refuses what has not run or was cancelled", async (bench) => {
  const { scheduler } = bench;
  await assert.rejects(scheduler.requeue({ job: "99" }), SchedulerError);
  await assert.rejects(scheduler.requeue({ job: "../1" }), SchedulerError);
  const id = await submit(bench, `#SBATCH --array=0-1%1\n${waitingFor("go")}`);
  await assert.rejects(scheduler.requeue({ job: id, task: 1 }), SchedulerError);
  await scheduler.cancel([{ job: id, task: 1 }]);
  await assert.rejects(scheduler.requeue({ job: id, task: 1 }), SchedulerError);
  write(bench, "go", "");
  assert.equal((await ended(bench, id))[0]!.state, "COMPLETED");
  await scheduler.requeue({ job: id, task: 0 });
  const [again, cancelled] = await ended(bench, id);
  assert.deepEqual([again!.state, again!.restarts], ["COMPLETED", 1]);
  assert.equal(cancelled!.state, "CANCELLED");
});
