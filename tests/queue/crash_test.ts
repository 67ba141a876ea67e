import assert from "node:assert/strict";
import { procfs } from "../../lib/schedulers/batch/processes.ts";
import { CrashBench, sleep, until, type WorkerProcess } from "./crash_bench.ts";

const hasProc = Deno.build.os === "linux";
if (!hasProc) console.warn("no /proc here: crashes of workers were not tested");

function crashTest(name: string, run: (bench: CrashBench) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !hasProc,
    fn: async () => {
      const bench = new CrashBench();
      try {
        await run(bench);
      } finally {
        await bench.close();
      }
    },
  });
}

const heard = ({ events }: WorkerProcess, event: string): boolean =>
  events.some((one) => one.event === event);

async function isGone(pid: number): Promise<boolean> {
  const row = await procfs.find(pid);
  return !row || row.zombie;
}

/** The number that a task wrote down. */
async function numberIn(bench: CrashBench, name: string): Promise<number> {
  await until(`${name} is there`, () => bench.exists(name));
  return Number(Deno.readTextFileSync(bench.path(name)));
}

/** The shepherd of what a worker runs. */
async function shepherdOf({ pid }: WorkerProcess): Promise<number> {
  const rows = await procfs.all();
  return rows.find(({ parent }) => parent === pid)!.pid;
}

const LONG = `echo $BASHPID >pid.part; mv pid.part pid.$r
[[ $r -gt 0 ]] || sleep 300
: >ended.$SLURM_ARRAY_TASK_ID.$r`;

crashTest("workers that are killed lose and double nothing", async (bench) => {
  const tasks = 48;
  const evidence = "sleep 0.$((RANDOM % 3))1; : >ended.$SLURM_ARRAY_TASK_ID.$r";
  const job = await bench.submit(evidence, `0-${tasks - 1}`);
  const alive = Array.from({ length: 4 }, () => bench.startWorker());
  let kills = 0;
  await until("all is done", async () => {
    const busy = alive.findIndex((worker) => heard(worker, "claim"));
    if (kills < 8 && busy >= 0) {
      kills++;
      await sleep(Math.random() * 200);
      const [victim] = alive.splice(busy, 1, bench.startWorker());
      await bench.kill(victim!);
    }
    await bench.recover();
    return bench.done(job).size === tasks;
  });
  assert(kills >= 4, `only ${kills} workers were killed`);
  const again = [...bench.done(job).values()].filter(({ restart }) => restart > 0);
  for (const { task, restart, how, code } of bench.done(job).values()) {
    // it may have been what each of four workers had when it was killed
    if (how === "poison" && restart === 3) continue;
    assert.deepEqual([how, code], ["end", 0], `task ${task}`);
    assert(bench.exists(`ended.${task}.${restart}`), `task ${task} left no evidence`);
  }
  assert(again.length > 0, "no task was lost with its worker");
  assert.deepEqual([...Deno.readDirSync(bench.scheduler.layout.ready)], []);
});

crashTest("a worker that slept too long completes nothing", async (bench) => {
  const job = await bench.submit(": >began.$r; [[ $r -gt 0 ]] || sleep 1; : >ended.$r", "0-0");
  const sleeper = bench.startWorker();
  await until("its task has begun", () => bench.exists("began.0"));
  sleeper.signal("SIGSTOP");
  await until("the task has ended", () => bench.exists("ended.0"));
  assert.equal((await bench.recover())[0]!.kind === "lost", false, "its allocation is not over");
  bench.endAllocation(sleeper);
  await bench.recoverFrom(sleeper);
  const other = bench.startWorker();
  await until("the other one ended it", () => heard(other, "end"));
  const done = bench.done(job).get(0)!;
  sleeper.signal("SIGCONT");
  await sleeper.ended;
  assert.deepEqual(
    sleeper.events.map(({ event }) => event),
    ["begin", "claim", "refused", "leave"],
  );
  assert.equal(sleeper.events.at(-1)!.why, "lost");
  assert.deepEqual([bench.done(job).size, bench.done(job).get(0)], [1, done]);
  assert.deepEqual([done.restart, done.worker], [1, other.events[0]!.worker]);
});

crashTest("what a sleeping worker runs ends soon after it was recovered", async (bench) => {
  const job = await bench.submit(LONG, "0-0");
  const sleeper = bench.startWorker();
  const pid = await numberIn(bench, "pid.0");
  sleeper.signal("SIGSTOP");
  bench.endAllocation(sleeper);
  await bench.recoverFrom(sleeper);
  await until("its task was killed", () => isGone(pid));
  bench.startWorker();
  await until("it ran again", () => bench.done(job).size === 1);
  assert.deepEqual([bench.done(job).get(0)!.code, bench.exists("ended.0.0")], [0, false]);
  sleeper.signal("SIGCONT");
  await sleeper.ended;
  assert(heard(sleeper, "refused"));
});

crashTest("a task ends when its shepherd is killed", async (bench) => {
  const job = await bench.submit(LONG, "0-0");
  const worker = bench.startWorker();
  const pid = await numberIn(bench, "pid.0");
  Deno.kill(await shepherdOf(worker), "SIGKILL");
  await until("it is told", () => heard(worker, "end"));
  assert(await isGone(pid), "it ran on when its end was told");
  assert.equal(bench.done(job).get(0)!.code, 128 + 9);
});

crashTest("a task ends when its worker and its shepherd are killed", async (bench) => {
  const job = await bench.submit(LONG, "0-0");
  const worker = bench.startWorker();
  const pid = await numberIn(bench, "pid.0");
  const shepherd = await shepherdOf(worker);
  await bench.kill(worker);
  try {
    Deno.kill(shepherd, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await until("the task has ended", () => isGone(pid));
  await bench.recoverFrom(worker);
  bench.startWorker();
  await until("it ran again", () => bench.done(job).size === 1);
  assert.deepEqual([bench.done(job).get(0)!.restart, bench.exists("ended.0.0")], [1, false]);
});
