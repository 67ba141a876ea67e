import { supervise } from "../../lib/schedulers/local/supervisor.ts";
import { systemClock } from "../../lib/system/clock.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";

await supervise(Deno.args[0]!, { runner: denoRunner, clock: systemClock });
