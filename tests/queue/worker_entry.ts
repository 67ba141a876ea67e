/** A worker as a process of its own: `<queue> <allocation>`; prints what happens to it. */
import { work } from "../../lib/queue/worker.ts";
import { systemClock } from "../../lib/system/clock.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";

const [queue, job] = Deno.args as [string, string];
await work(
  {
    queue,
    cpus: 1,
    gpus: [],
    variables: {},
    allocation: { scheduler: "pretended", job },
    linger: 60,
    killWait: 0.2,
  },
  {
    runner: denoRunner,
    clock: systemClock,
    tell: (event) => console.log(JSON.stringify(event)),
  },
);
