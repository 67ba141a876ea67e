import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { QueueReading } from "../../lib/schedulers/queue/reading.ts";
import { QueueScheduler } from "../../lib/schedulers/queue/queue_scheduler.ts";
import { systemClock } from "../../lib/system/clock.ts";

const [WORKERS, RUNS] = [32, 10_000];

Deno.test(`${WORKERS} worker processes on ${RUNS} runs: none twice, none lost`, async () => {
  const folder = Deno.makeTempDirSync({ prefix: "expflow-test-" });
  try {
    const scheduler = new QueueScheduler({ folder: join(folder, "queue"), clock: systemClock });
    const script = join(folder, "script.sh");
    Deno.writeTextFileSync(script, `#!/bin/bash\n#SBATCH --array=0-${RUNS - 1}\ntrue\n`);
    const job = Number(await scheduler.submit({ script, dependencies: [] }));
    const entry = fileURLToPath(new URL("race_entry.ts", import.meta.url));
    const args = ["run", "-A", "--no-lock", "--cached-only", entry, scheduler.layout.folder];
    const claimed = await Promise.all(
      Array.from({ length: WORKERS }, async () => {
        const reply = await new Deno.Command(Deno.execPath(), { args }).output();
        equal(reply.code, 0, new TextDecoder().decode(reply.stderr));
        return new TextDecoder().decode(reply.stdout).split("\n").filter(Boolean).map(Number);
      }),
    );
    const all = claimed.flat().sort((a, b) => a - b);
    deepEqual(all, Array.from({ length: RUNS }, (_, task) => task));
    ok(claimed.filter((tasks) => tasks.length > 0).length > 1, "several workers had a share");
    equal(new QueueReading(scheduler.layout).view(job)?.done.size, RUNS);
    deepEqual([...Deno.readDirSync(scheduler.layout.ready)], []);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
