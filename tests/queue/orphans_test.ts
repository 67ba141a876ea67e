import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import {
  existenceByProcess,
  existenceByReport,
  findOrphans,
  judge,
} from "../../lib/queue/orphans.ts";
import { recoverOrphans } from "../../lib/queue/recovery.ts";
import { procfs } from "../../lib/schedulers/batch/processes.ts";
import { claimNext, lookAround } from "../../lib/schedulers/queue/claim.ts";
import { perform } from "../../lib/schedulers/queue/disk.ts";
import { QueueScheduler } from "../../lib/schedulers/queue/queue_scheduler.ts";
import { QueueReading } from "../../lib/schedulers/queue/reading.ts";
import { enrol, type WorkerRecord } from "../../lib/schedulers/queue/workers.ts";
import type { JobReport, SchedulerState } from "../../lib/schedulers/scheduler.ts";
import { systemClock } from "../../lib/system/clock.ts";

const LEASE = 600;
const record: WorkerRecord = {
  version: 1,
  id: "n1-7-aa",
  host: "n1",
  pid: 7,
  start: "100",
  since: 5000,
  cpus: 1,
  gpus: [],
  allocation: { scheduler: "slurm", job: "12", task: 3 },
};
const says = (state: SchedulerState, more: object = {}): JobReport => ({
  known: true,
  tasks: [{ job: "12", task: 3, state, source: "squeue", ...more }],
});

Deno.test("judge() calls nobody lost for silence alone", async (t) => {
  const cases: [string, Partial<Parameters<typeof judge>[0]>, string][] = [
    ["it beats", { silent: 10 }, "alive"],
    ["it beats, and its allocation is over", { silent: 599, existence: no() }, "alive"],
    ["it beats, and a user named it", { silent: 10, named: true }, "alive"],
    ["silent, and its allocation runs", { silent: 601, existence: yes() }, "silent"],
    ["silent, and nobody can tell", { silent: 1e6, existence: unknown() }, "unknown"],
    ["silent, and gone", { silent: 600, existence: no() }, "lost"],
    ["gone, and it never beat", { existence: no() }, "unknown"],
    ["silent, nobody can tell, named", { silent: 700, existence: unknown(), named: true }, "lost"],
    ["without a record", { record: undefined, existence: unknown() }, "unknown"],
    ["without a record, named", { record: undefined, existence: unknown(), named: true }, "lost"],
  ];
  for (const [name, evidence, kind] of cases) {
    await t.step(name, () => {
      const base = { worker: record.id, record, existence: yes(), named: false, lease: LEASE };
      equal(judge({ ...base, ...evidence }).kind, kind);
    });
  }
});

const yes = () => ({ exists: true, why: "runs" });
const no = () => ({ exists: false, why: "over" });
const unknown = () => ({ exists: "unknown" as const, why: "no answer" });

Deno.test("existenceByReport() takes the scheduler at its word", async (t) => {
  const cases: [string, JobReport | undefined, boolean | "unknown"][] = [
    ["it runs", says("RUNNING"), true],
    ["it is being ended", says("COMPLETING"), true],
    ["it is suspended", says("SUSPENDED"), true],
    ["it is over", says("TIMEOUT"), false],
    ["its node failed", says("NODE_FAIL"), false],
    ["a word that is not known", says("UNKNOWN", { raw: "ODD" }), "unknown"],
    ["another task is over", { known: true, tasks: [{ ...task(4), state: "FAILED" }] }, "unknown"],
    ["no answer", { known: false, why: "slurmctld is down" }, "unknown"],
    ["nobody was asked", undefined, "unknown"],
    ["it was restarted", says("RUNNING", { started: 5000 + LEASE + 1 }), false],
    ["it started when the worker did", says("RUNNING", { started: 5001 }), true],
  ];
  for (const [name, report, exists] of cases) {
    await t.step(name, () => equal(existenceByReport(record, report, LEASE).exists, exists));
  }
});

function task(index: number): { job: string; task: number; source: string } {
  return { job: "12", task: index, source: "squeue" };
}

Deno.test("existenceByProcess() tells only of its own machine", async () => {
  const row = { pid: 7, start: "100", parent: 1, group: 7, session: 7, zombie: false };
  const look = (found: object | undefined, host = "n1") =>
    existenceByProcess(record, {
      host,
      processes: {
        find: () => Promise.resolve(found && { ...row, ...found }),
        all: () => Promise.resolve([]),
      },
    });
  equal((await look({})).exists, true);
  equal((await look(undefined)).exists, false);
  equal((await look({ zombie: true })).exists, false);
  equal((await look({ start: "101" })).exists, false);
  equal((await look(undefined, "n2")).exists, "unknown");
});

Deno.test("recoverOrphans() takes from lost workers only, and from others when they are named", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "expflow-test-" });
  try {
    const scheduler = new QueueScheduler({ folder: join(folder, "queue"), clock: systemClock });
    const { layout } = scheduler;
    const script = join(folder, "script.sh");
    Deno.writeTextFileSync(script, "#!/bin/bash\n#SBATCH --array=0-1\ntrue\n");
    const job = Number(await scheduler.submit({ script, dependencies: [] }));
    const workers = [["gone", Deno.hostname()], ["elsewhere", "another-host"]] as const;
    for (const [id, host] of workers) {
      const { allocation: _, ...plain } = record;
      enrol(layout, { ...plain, id, host, pid: 2 ** 22 + 1 });
      perform(claimNext(seeker(layout, id), perform(lookAround({ layout }))));
    }
    const search = {
      scheduler: () => undefined,
      processes: procfs,
      host: Deno.hostname(),
      clock: systemClock,
    };
    const kinds = async (more: object) =>
      Object.fromEntries(
        (await recoverOrphans(layout, { ...search, ...more }))
          .map(({ worker, kind, recovered }) => [worker, [kind, recovered?.again]]),
      );
    deepEqual(await kinds({}), {
      elsewhere: ["alive", undefined],
      gone: ["alive", undefined],
    });
    deepEqual(await kinds({ lease: 0 }), { elsewhere: ["unknown", undefined], gone: ["lost", 1] });
    const [one] = await findOrphans(layout, { ...search, lease: 0 });
    match(one!.why, /cannot be seen from/);
    deepEqual(await kinds({ lease: 0, named: ["elsewhere"] }), { elsewhere: ["lost", 1] });
    deepEqual(await kinds({ lease: 0 }), {});
    const view = new QueueReading(layout).view(job)!;
    equal(view.claims.size, 0);
    ok([...Deno.readDirSync(layout.ready)].length === 1);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

function seeker(layout: QueueScheduler["layout"], worker: string) {
  return {
    layout,
    worker,
    now: () => 1000,
    takes: () => true,
    throttle: () => Infinity,
    released: () => [0, 1],
  };
}
