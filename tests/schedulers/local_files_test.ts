import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import {
  EVENT_KINDS,
  eventName,
  parseEvent,
  readEvents,
  type TaskEvent,
} from "../../lib/schedulers/local/events.ts";
import { boundLog, logTo } from "../../lib/schedulers/local/log.ts";

const event: fc.Arbitrary<TaskEvent> = fc.record({
  task: fc.oneof(fc.nat(1_000_000), fc.constant("all" as const)),
  restart: fc.nat(20),
  kind: fc.constantFrom(...EVENT_KINDS),
  detail: fc.constantFrom("0", "137", "chdir", "output"),
  epoch: fc.nat(2_000_000_000),
});

Deno.test("parseEvent() reads what eventName() wrote", () => {
  fc.assert(fc.property(event, (one) => {
    const bare = one.kind === "claim" ? { ...one, detail: "0", epoch: 0 } : { ...one };
    assert.deepEqual(parseEvent(eventName(one)), bare);
  }));
});

Deno.test("parseEvent() takes nothing else", () => {
  for (
    const name of [
      "",
      "x",
      "0.0.start",
      "0.0.start.1",
      "0.0.claim.1.2",
      "0.0.nosuch.0.1",
      "a.0.end.0.1",
    ]
  ) {
    assert.equal(parseEvent(name), undefined, name);
  }
});

Deno.test("readEvents() orders attempts, and what happens in one", () => {
  const names = [
    "0.1.claim",
    "0.0.end.143.30",
    "junk",
    "0.0.requeue.0.20",
    "0.0.start.77.10",
    "0.0.claim",
  ];
  assert.deepEqual(
    readEvents(names).map(({ restart, kind }) => `${restart} ${kind}`),
    ["0 claim", "0 start", "0 requeue", "0 end", "1 claim"],
  );
});

Deno.test("boundLog() keeps a log near its bound", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = join(folder, "a.log");
    boundLog(path);
    const log = logTo(path);
    log("x".repeat(600_000));
    boundLog(path);
    log("y".repeat(600_000));
    boundLog(path);
    assert.equal(Deno.statSync(path).size, 0);
    assert(Deno.readTextFileSync(`${path}.1`).endsWith("y\n"));
    log("z");
    assert.match(Deno.readTextFileSync(path), /^\S+ z\n$/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
