import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import type { FindingKind } from "../../lib/queue/validate/findings.ts";
import { repairLog, repairQueue } from "../../lib/queue/validate/repair.ts";
import { validateQueue } from "../../lib/queue/validate/validate.ts";
import type { QueueLayout } from "../../lib/schedulers/queue/places.ts";
import { QueueScheduler } from "../../lib/schedulers/queue/queue_scheduler.ts";
import { enrol } from "../../lib/schedulers/queue/workers.ts";
import { systemClock } from "../../lib/system/clock.ts";

/** Time does not pass while it looks twice. */
const clock = { now: () => 1_700_000_000_000, sleep: () => Promise.resolve() };
const BLOCK = "0500.00000001.00000";
const UUID = "01234567-89ab-cdef-0123-456789abcdef";

function write({ folder }: QueueLayout, ...paths: string[]): void {
  for (const path of paths) {
    if (path.endsWith("/")) Deno.mkdirSync(join(folder, path), { recursive: true });
    else {
      Deno.mkdirSync(join(folder, path, ".."), { recursive: true });
      Deno.writeTextFileSync(join(folder, path), "");
    }
  }
}

/** What is done to a queue, what is found of it, and whether it can be repaired. */
const DAMAGES: [string, (layout: QueueLayout) => void, FindingKind, boolean][] = [
  [
    "job 2 is not open",
    ({ open }) => Deno.removeSync(join(open, "0500.00000002")),
    "not_open",
    true,
  ],
  ["job 1 is open", (at) => write(at, "open/0500.00000001"), "needlessly_open", true],
  ["no such job is open", (at) => write(at, "open/0500.00000077"), "needlessly_open", true],
  ["an empty folder of nobody", (at) => write(at, "claimed/nobody/"), "stranger", true],
  [
    "a claim of nobody",
    (at) => {
      write(at, "claimed/ghost/");
      Deno.renameSync(
        join(at.ready, BLOCK, "0000000.0"),
        join(at.claimed, "ghost", `${BLOCK}.0000000.0.900`),
      );
    },
    "stranger",
    false,
  ],
  [
    "an old leftover",
    (at) => {
      write(at, `temporary/${UUID}`);
      Deno.utimeSync(join(at.temporary, UUID), 1000, 1000);
    },
    "leftover",
    true,
  ],
  ["items of no job", (at) => write(at, "ready/0500.00000088.00000/0000000.0"), "no_job", true],
  [
    "an end of no job",
    (at) => write(at, "done/00000089.00000/0000000.0.end.0.5.6.w"),
    "no_job",
    false,
  ],
  [
    "an end of no task",
    (at) => write(at, "done/00000001.00000/0000009.0.end.0.5.6.w"),
    "no_task",
    false,
  ],
  ["a wish of no job", (at) => write(at, "wishes/hold.99.all.5"), "idle_wish", true],
  ["a wish of what is over", (at) => write(at, "wishes/hold.3.all.5"), "idle_wish", true],
  [
    "a task in two places",
    (at) => write(at, "done/00000001.00000/0000001.0.end.0.5.6.w"),
    "doubled",
    false,
  ],
  [
    "a task in no place",
    ({ ready }) => Deno.removeSync(join(ready, BLOCK, "0000002.0")),
    "missing",
    false,
  ],
  ["an odd name", (at) => write(at, "wishes/please"), "strange", false],
];

/** Job 1 is ready, job 2 waits, job 3 is over and was cancelled; a worker has nothing. */
async function soundQueue(folder: string): Promise<QueueLayout> {
  const scheduler = new QueueScheduler({ folder: join(folder, "queue"), clock: systemClock });
  const script = join(folder, "script.sh");
  for (const array of ["0-3", "0-3", "0"]) {
    Deno.writeTextFileSync(script, `#!/bin/bash\n#SBATCH --array=${array}\ntrue\n`);
    await scheduler.submit({ script, dependencies: [] });
  }
  const { layout } = scheduler;
  const jobs = [...Deno.readDirSync(layout.jobs)].map(({ name }) => Number(name)).sort((a, b) =>
    a - b
  );
  // arrays leave room for the numbers of their tasks
  jobs.forEach((id, index) => {
    const text = join(layout.jobs, String(id));
    if (id !== index + 1) Deno.renameSync(text, join(layout.jobs, String(index + 1)));
    for (const { name } of Deno.readDirSync(layout.open)) {
      if (Number(name.slice(5)) === id) Deno.removeSync(join(layout.open, name));
    }
  });
  write(layout, "open/0500.00000002");
  for (const id of [1, 3]) Deno.removeSync(join(layout.jobs, String(id), "waiting", "0"));
  write(layout, ...[0, 1, 2, 3].map((task) => `ready/${BLOCK}/000000${task}.0`));
  write(layout, "done/00000003.00000/0000000.0.end.0.5.6.w", "wishes/cancel.3.all.5");
  write(layout, `temporary/${UUID.replace("0", "1")}`);
  enrol(layout, { version: 1, id: "w", host: "h", pid: 1, start: "", since: 1, cpus: 1, gpus: [] });
  return layout;
}

async function withQueue(use: (layout: QueueLayout) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "expflow-test-" });
  try {
    await use(await soundQueue(folder));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("validateQueue() finds nothing in a sound queue", async () => {
  await withQueue(async (layout) => deepEqual(await validateQueue(layout, { clock }), []));
});

Deno.test("validateQueue() finds what was damaged, and repairQueue() repairs what it may", async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray(DAMAGES, { minLength: 1 }), async (damages) => {
      await withQueue(async (layout) => {
        for (const [, damage] of damages) damage(layout);
        const before = await validateQueue(layout, { clock });
        const kinds = (of: { kind: string }[]) => of.map(({ kind }) => kind).sort();
        deepEqual(kinds(before), damages.map(([, , kind]) => kind).sort());
        deepEqual(await validateQueue(layout, { clock }), before, "looking changes nothing");
        const repaired = repairQueue(layout, before, { clock });
        const able = damages.filter(([, , , repairable]) => repairable);
        equal(repaired.filter((one) => one.repaired).length, able.length);
        const log = able.length === 0 ? "" : Deno.readTextFileSync(repairLog(layout));
        deepEqual(
          log.split("\n").filter(Boolean).map((line) => JSON.parse(line).kind).sort(),
          able.map(([, , kind]) => kind).sort(),
        );
        const after = (await validateQueue(layout, { clock }))
          .filter(({ path }) => !path.startsWith("temporary/strange."));
        deepEqual(
          kinds(after),
          damages.filter(([, , , repairable]) => !repairable).map(([, , kind]) => kind).sort(),
        );
      });
    }),
    { numRuns: 25 },
  );
});

Deno.test("validateQueue() finds each damage alone", async (t) => {
  for (const [name, damage, kind] of DAMAGES) {
    await t.step(name, async () => {
      await withQueue(async (layout) => {
        damage(layout);
        deepEqual((await validateQueue(layout, { clock })).map((one) => one.kind), [kind]);
      });
    });
  }
});

Deno.test("validateQueue() tells nothing that is over at the second look", async () => {
  await withQueue(async (layout) => {
    write(layout, "open/0500.00000001");
    const passing = { ...clock, sleep: () => Deno.remove(join(layout.open, "0500.00000001")) };
    deepEqual(await validateQueue(layout, { clock: passing }), []);
  });
});
