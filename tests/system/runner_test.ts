import { deepEqual, equal, ok } from "node:assert/strict";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import { isProcessAlive } from "../../lib/system/processes.ts";

Deno.test("a program that takes too long is killed with all that it started", async () => {
  const pids = Deno.makeTempFileSync();
  const script = `sleep 60 & echo $! >"$0"; (sleep 60; echo) ; echo`;
  const begun = performance.now();
  const reply = await denoRunner.run({ argv: ["bash", "-c", script, pids], timeoutMs: 500 });
  const took = performance.now() - begun;
  deepEqual([reply.timedOut, reply.stdout], [true, ""]);
  ok(took < 5000, `${took} ms`);
  equal(isRunning(Number(Deno.readTextFileSync(pids))), false);
  Deno.removeSync(pids);
});

/** One that was killed may wait for its parent to take note. */
function isRunning(pid: number): boolean {
  if (!isProcessAlive(pid)) return false;
  return !/\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
}
