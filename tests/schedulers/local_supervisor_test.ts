import assert from "node:assert/strict";
import { join } from "node:path";
import { describeJob } from "../../lib/schedulers/batch/describe.ts";
import { isOver } from "../../lib/schedulers/local/progress.ts";
import { supervisorOf } from "../../lib/schedulers/local/lock.ts";
import { SHEPHERD, shepherdCommand } from "../../lib/schedulers/local/shepherd.ts";
import {
  createJob,
  type Layout,
  layoutOf,
  makeLayout,
  readProgress,
} from "../../lib/schedulers/local/store.ts";
import { supervise } from "../../lib/schedulers/local/supervisor.ts";
import { writeSettings } from "../../lib/schedulers/local/machine.ts";
import type { Clock } from "../../lib/system/clock.ts";
import { systemClock } from "../../lib/system/clock.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import { writeWhole } from "../../lib/system/files.ts";

function folderTest(name: string, run: (layout: Layout) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const layout = layoutOf(Deno.makeTempDirSync({ prefix: "expflow-supervisor-" }));
      makeLayout(layout);
      try {
        await run(layout);
      } finally {
        Deno.removeSync(layout.folder, { recursive: true });
      }
    },
  });
}

function makeJob(layout: Layout, body: string): number {
  const text = `#!/bin/bash\n#SBATCH -o ${join(layout.folder, "out")}\n${body}\n`;
  const spec = describeJob(text, {
    script: "job.sh",
    folder: layout.folder,
    host: "host",
    environment: { PATH: Deno.env.get("PATH")! },
    cpus: 2,
    epoch: 0,
  });
  return createJob(layout, spec, new TextEncoder().encode(text));
}

function shepherd(layout: Layout, job: number, supervisor: number): number {
  const text = join(layout.folder, "shepherd.sh");
  writeWhole(text, SHEPHERD);
  return denoRunner.detach({
    argv: shepherdCommand({
      text,
      supervisor,
      jobFolder: join(layout.jobs, String(job)),
      inbox: layout.inbox,
      job,
      task: 0,
      restart: 0,
      gpus: [],
      chdir: layout.folder,
      output: join(layout.folder, "out"),
      error: join(layout.folder, "out"),
      openMode: "append",
      argv: ["/bin/bash", join(layout.jobs, String(job), "script")],
    }),
    output: layout.log,
  });
}

folderTest("of many shepherds for one attempt, one runs it", async (layout) => {
  for (let round = 0; round < 5; round++) {
    const job = makeJob(layout, `echo run >>runs-${round}`);
    for (let count = 0; count < 6; count++) shepherd(layout, job, Deno.pid);
    for (const end = Date.now() + 60_000; !isOver(readProgress(layout, job)!);) {
      assert(Date.now() < end, "nobody ran it");
      await systemClock.sleep(20);
    }
    await systemClock.sleep(100);
    assert.equal(Deno.readTextFileSync(join(layout.folder, `runs-${round}`)), "run\n");
  }
});

folderTest("a shepherd without its supervisor leaves the attempt to the next", async (layout) => {
  const job = makeJob(layout, "echo run >>runs");
  const dead = new Deno.Command("/bin/true").spawn();
  await dead.status;
  shepherd(layout, job, dead.pid);
  await systemClock.sleep(300);
  assert.equal(readProgress(layout, job)!.touched.size, 0);
  assert.throws(() => Deno.statSync(join(layout.folder, "runs")), Deno.errors.NotFound);
});

folderTest("a shepherd does not start what was cancelled", async (layout) => {
  const job = makeJob(layout, "echo run >>runs");
  Deno.writeTextFileSync(join(layout.jobs, String(job), "requests", "cancel"), "");
  shepherd(layout, job, Deno.pid);
  for (const end = Date.now() + 60_000; !isOver(readProgress(layout, job)!);) {
    assert(Date.now() < end);
    await systemClock.sleep(20);
  }
  assert.equal(readProgress(layout, job)!.touched.get(0)?.outcome?.state, "CANCELLED");
  assert.throws(() => Deno.statSync(join(layout.folder, "runs")), Deno.errors.NotFound);
});

folderTest("supervise() sees a job that appears when it has decided to exit", async (layout) => {
  writeSettings(layout, { cpus: 1, gpus: 0, idleSeconds: 0.1 });
  const began = Date.now();
  let job: number | undefined;
  const clock: Clock = {
    sleep: systemClock.sleep,
    now: () => {
      const now = Date.now();
      // Without a hint, as a submitter that has just made the job, and long before the next listing.
      if (job === undefined && now - began > 60) job = makeJob(layout, "exit 4");
      return now;
    },
  };
  assert.equal(await supervise(layout.folder, { runner: denoRunner, clock }), "idle");
  assert.equal(readProgress(layout, job!)!.touched.get(0)?.outcome?.exitCode, 4);
});

folderTest("supervise() goes on with what it can read", async (layout) => {
  writeSettings(layout, { cpus: 1, gpus: 0, idleSeconds: 0.1 });
  const good = makeJob(layout, "true");
  const broken = makeJob(layout, "true");
  Deno.writeTextFileSync(join(layout.jobs, String(broken), "job.json"), "{");

  assert.equal(await supervise(layout.folder, { runner: denoRunner, clock: systemClock }), "idle");
  assert.equal(readProgress(layout, good)!.touched.get(0)?.outcome?.state, "COMPLETED");
  assert.match(Deno.readTextFileSync(layout.log), new RegExp(`cannot read job ${broken}`));
});

folderTest("supervise() gives up at once when there is another one", async (layout) => {
  writeSettings(layout, { cpus: 1, gpus: 0, idleSeconds: 2 });
  const first = supervise(layout.folder, { runner: denoRunner, clock: systemClock });
  for (const end = Date.now() + 60_000; supervisorOf(layout) === undefined;) {
    assert(Date.now() < end, "it has not taken its lock");
    await systemClock.sleep(5);
  }
  const second = await supervise(layout.folder, { runner: denoRunner, clock: systemClock });
  assert.deepEqual([second, await first], ["busy", "idle"]);
});

Deno.test("supervise() of a folder that is gone ends", async () => {
  const system = { runner: denoRunner, clock: systemClock };
  assert.equal(await supervise("/nonexistent/folder", system), "idle");
});
