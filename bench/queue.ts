import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { work } from "../lib/queue/worker.ts";
import { claimNext, lookAround, type Seeker } from "../lib/schedulers/queue/claim.ts";
import { perform } from "../lib/schedulers/queue/disk.ts";
import { endClaim } from "../lib/schedulers/queue/end.ts";
import { readJob, tasksOfBlock } from "../lib/schedulers/queue/job.ts";
import { QueueScheduler } from "../lib/schedulers/queue/queue_scheduler.ts";
import { enrol, newWorkerId } from "../lib/schedulers/queue/workers.ts";
import { systemClock } from "../lib/system/clock.ts";
import { denoRunner } from "../lib/system/deno_runner.ts";
import { type Measurement, timed } from "./measure.ts";

const QUEUED = 100_000;
const CLAIMS = 20_000;
const RUNS = 100;
const SECONDS = 0.5;
const WORKERS = 2;

/** Claims from a long queue by one worker, and many short runs by two. */
export async function queue(): Promise<Measurement[]> {
  const folder = Deno.makeTempDirSync({ prefix: "expflow-bench-" });
  try {
    return [await claims(folder), await runs(folder)];
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function claims(folder: string): Promise<Measurement> {
  const scheduler = new QueueScheduler({ folder: join(folder, "long"), clock: systemClock });
  await scheduler.submit({ script: script(folder, "true", QUEUED), dependencies: [] });
  const { layout } = scheduler;
  const job = readJob(layout, 1)!;
  const worker = newWorkerId("bench", Deno.pid);
  const nothing = { cpus: 1, gpus: [], host: "bench", pid: Deno.pid, start: "", since: 0 };
  enrol(layout, { version: 1, id: worker, ...nothing });
  const seeker: Seeker = {
    layout,
    worker,
    now: () => Math.floor(Date.now() / 1000),
    takes: () => true,
    throttle: () => Infinity,
    released: (_, block) => tasksOfBlock(job, block),
  };
  const ours = await timed(() => {
    const view = perform(lookAround(seeker));
    const seen = new Set<number>();
    for (let at = 0; at < CLAIMS; at++) {
      const claim = perform(claimNext(seeker, view))!;
      seen.add(claim.task);
      const end = { how: "end", code: 0, started: claim.since, ended: seeker.now() } as const;
      equal(perform(endClaim(layout, claim, end)), true);
    }
    equal(seen.size, CLAIMS);
    return Promise.resolve();
  });
  const plain = join(folder, "plain");
  Deno.mkdirSync(plain);
  const floor = await timed(() => {
    for (let at = 0; at < CLAIMS; at++) {
      const path = join(plain, String(at));
      Deno.writeTextFileSync(path, "", { createNew: true });
      Deno.renameSync(path, `${path}.claimed`);
      Deno.renameSync(`${path}.claimed`, `${path}.done`);
    }
    return Promise.resolve();
  });
  return {
    what: `${CLAIMS} claims and ends by one worker, ${QUEUED} queued`,
    ours,
    floor,
    floorIs: "make and rename such files in a loop",
    limit: CLAIMS / 2000 * 1000 / floor,
  };
}

async function runs(folder: string): Promise<Measurement> {
  const queue = join(folder, "short");
  const scheduler = new QueueScheduler({ folder: queue, clock: systemClock, cwd: folder });
  const job = await scheduler.submit({
    script: script(folder, `sleep ${SECONDS}`, RUNS),
    dependencies: [],
  });
  const settings = { queue, cpus: 1, gpus: [], variables: {}, linger: 0, killWait: 1 };
  const system = { runner: denoRunner, clock: systemClock, tell: () => {} };
  const ours = await timed(async () => {
    const ends = await Promise.all(
      Array.from({ length: WORKERS }, () => work(settings, system)),
    );
    deepEqual(ends, ["empty", "empty"]);
  });
  const report = (await scheduler.states([job])).get(job);
  equal(report?.known && report.tasks.every(({ state }) => state === "COMPLETED"), true);
  return {
    what: `${RUNS} runs of ${SECONDS} s by ${WORKERS} workers of the queue`,
    ours,
    floor: RUNS * SECONDS * 1000 / WORKERS,
    floorIs: "no time at all but the runs'",
    limit: 1 / 0.95,
  };
}

function script(folder: string, body: string, tasks: number): string {
  const path = join(folder, `${tasks}.sh`);
  const directives = `#SBATCH --array=0-${tasks - 1} -o /dev/null`;
  Deno.writeTextFileSync(path, `#!/bin/bash\n${directives}\n${body}\n`);
  return path;
}
