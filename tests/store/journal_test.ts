import { deepEqual, equal, throws } from "node:assert/strict";
import { join } from "node:path";
import { ConfigError, StorageError } from "../../lib/core/errors.ts";
import {
  readIntent,
  readJournal,
  readRefusal,
  writeCancellations,
  writeFull,
  writeIntent,
  writeJob,
  writeRefusal,
} from "../../lib/store/journal.ts";
import { Layout } from "../../lib/store/layout.ts";
import { nextSubmission, readSubmissions } from "../../lib/store/plan.ts";
import { createExclusive, createLink, writeWhole } from "../../lib/system/files.ts";

const chunk = { stage: "train", chunk: 0 };

Deno.test("the journal tells intents, jobs, refusals and cancellations by their names", async (t) => {
  const state = Deno.makeTempDirSync();
  try {
    const intent = { pid: 12, host: "log-1.example.org", epoch: 1700000000 };
    await t.step("a turn is given to one", () => {
      equal(writeIntent(state, chunk, 1, intent), true);
      equal(writeIntent(state, chunk, 1, { ...intent, pid: 13 }), false);
      deepEqual(readIntent(state, chunk, 1), intent);
      equal(readIntent(state, chunk, 2), undefined);
    });
    await t.step("jobs and cancelled runs", () => {
      writeJob(state, chunk, "123");
      writeCancellations(state, [3, 4], 1700000001);
      const journal = readJournal(state);
      deepEqual(journal.chunks.get("train.0"), { turn: 1, full: 0, jobs: ["123"] });
      deepEqual([...journal.cancelled], [3, 4]);
      equal(journal.refused, false);
    });
    await t.step("a turn that found no room", () => {
      writeIntent(state, chunk, 2, intent);
      writeFull(state, chunk, 2);
      deepEqual(readJournal(state).chunks.get("train.0"), { turn: 2, full: 2, jobs: ["123"] });
    });
    await t.step("a refusal closes the submission", () => {
      writeRefusal(state, chunk, 1700000002, "Invalid partition");
      equal(readJournal(state).refused, true);
      equal(readRefusal(state, chunk), "Invalid partition");
      equal(readRefusal(state, { stage: "eval", chunk: 1 }), "Invalid partition");
    });
    await t.step("other files in the folder mean nothing", () => {
      Deno.writeTextFileSync(join(state, "submit", "train.0.job"), "");
      Deno.writeTextFileSync(join(state, "submit", ".nfs0001"), "");
      deepEqual(readJournal(state).chunks.get("train.0")!.jobs, ["123"]);
    });
  } finally {
    Deno.removeSync(state, { recursive: true });
  }
});

Deno.test("readSubmissions() refuses a newer plan and a damaged folder", () => {
  const root = Deno.makeTempDirSync();
  try {
    const layout = new Layout(root);
    deepEqual(readSubmissions(layout, "exp1"), []);
    const folder = layout.submission("exp1", "001");
    Deno.mkdirSync(folder, { recursive: true });
    throws(() => readSubmissions(layout, "exp1"), /has no plan/);
    writeWhole(join(folder, "plan.json"), '{"version": 99}');
    throws(() => readSubmissions(layout, "exp1"), ConfigError);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

Deno.test("nextSubmission() counts on, beyond 999 too", () => {
  equal(nextSubmission([]), "001");
  equal(nextSubmission(["001", "002"]), "003");
  equal(nextSubmission(["999"]), "1000");
});

Deno.test("files appear whole or not at all, and names are taken once", () => {
  const root = Deno.makeTempDirSync();
  try {
    writeWhole(join(root, "deep", "file"), "text");
    equal(Deno.readTextFileSync(join(root, "deep", "file")), "text");
    equal([...Deno.readDirSync(join(root, "deep"))].length, 1);
    equal(createExclusive(join(root, "one")), true);
    equal(createExclusive(join(root, "one")), false);
    equal(createLink(join(root, "link"), "12 1700000000 host"), true);
    equal(createLink(join(root, "link"), "13"), false);
    throws(() => writeWhole(join(root, "one", "below"), "x"), StorageError);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});
