/** A worker that runs nothing: claims and ends items until there are none, and prints their tasks. */
import { claimNext, lookAround, type Seeker } from "../../lib/schedulers/queue/claim.ts";
import { perform } from "../../lib/schedulers/queue/disk.ts";
import { endClaim } from "../../lib/schedulers/queue/end.ts";
import { readJob, tasksOfBlock } from "../../lib/schedulers/queue/job.ts";
import { openQueue } from "../../lib/schedulers/queue/open.ts";
import { enrol, newWorkerId } from "../../lib/schedulers/queue/workers.ts";

const layout = openQueue(Deno.args[0]!);
const worker = newWorkerId("race", Deno.pid);
const nothing = { cpus: 1, gpus: [], host: "race", pid: Deno.pid, start: "", since: 0 };
enrol(layout, { version: 1, id: worker, ...nothing });
const seeker: Seeker = {
  layout,
  worker,
  now: () => Math.floor(Date.now() / 1000),
  takes: () => true,
  throttle: () => Infinity,
  released: (job, block) => tasksOfBlock(readJob(layout, job)!, block),
};
const tasks: number[] = [];
for (let view = perform(lookAround(seeker));; view = perform(lookAround(seeker))) {
  let claim = perform(claimNext(seeker, view));
  for (; claim; claim = perform(claimNext(seeker, view))) {
    const end = { how: "end", code: 0, started: claim.since, ended: seeker.now() } as const;
    if (perform(endClaim(layout, claim, end))) tasks.push(claim.task);
  }
  if (!view.missed) break;
  await new Promise((resolve) => setTimeout(resolve, 5));
}
console.log(tasks.join("\n"));
