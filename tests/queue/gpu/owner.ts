/** Starts a daemon as a launcher does, says where, and waits to be killed. */
import { systemClock } from "../../../lib/system/clock.ts";
import { denoRunner } from "../../../lib/system/deno_runner.ts";
import { startMps } from "../../../lib/queue/gpu/mps_daemon.ts";

const ports = { runner: denoRunner, clock: systemClock, bases: [Deno.args[0]!] };
const gpu = { name: "0", uuid: Deno.args[1]!, instance: false };
const { pipe } = await startMps([gpu], ports);
console.log(pipe);
setInterval(() => {}, 60_000);
