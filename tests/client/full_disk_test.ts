import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { withFolder } from "../results/support.ts";
import { type Client, EACH, rowsOf, Session } from "./session.ts";

const mayMount = Deno.uid() === 0;
if (!mayMount) console.warn("NOT RUN: the client on a full disk, as mounting one needs root");

for (const client of EACH) {
  Deno.test({
    name: `${client.name}: a full disk takes nothing from what is logged, and ends no training`,
    ignore: !mayMount,
    fn: () => withFolder({}, (at) => onFullDisk(client, at)),
  });
}

async function onFullDisk(client: Client, at: string): Promise<void> {
  const run = join(at, "run");
  Deno.mkdirSync(run);
  await mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", run);
  try {
    await using session = new Session(client, at);
    const text = "x".repeat(901); // a row that no page ends with
    await session.ask("log", 0, { text });
    await session.ask("save", { step: 0 }, "zero");
    const filler = join(run, "filler");
    fill(filler);
    for (let step = 1; step < 30; step++) await session.ask("log", step, { text });
    await session.ask("save", { step: 1 }, "y".repeat(10_000));
    equal(
      await session.ask("artifact", join(at, client.argv.length > 1 ? "driver.js" : "driver.py")),
      null,
    );
    equal(await session.ask("latest"), join(run, "checkpoints", "step=0.ckpt"));
    Deno.removeSync(filler);
    await session.ask("log", 30, { text });
    await session.ask("save", { step: 2 }, "two");
    const err = await session.end();
    const rows = rowsOf(join(run, "metrics.jsonl"));
    deepEqual(rows.map(({ step }) => step), Array.from({ length: 31 }, (_, step) => step));
    ok(rows.every((row) => row.text === text));
    deepEqual([...Deno.readDirSync(join(run, "checkpoints"))].map(({ name }) => name).sort(), [
      "step=0.ckpt",
      "step=2.ckpt",
    ]);
    equal(err.match(/metrics.jsonl, rows wait/g)?.length, 1, err);
    match(err, /cannot save .*step=1.ckpt: /);
    match(err, /cannot save the artifact .*driver/);
    equal(err.trim().split("\n").length, 3, err);
  } finally {
    await new Deno.Command("umount", { args: ["-l", run] }).output();
  }
}

async function mount(...args: string[]): Promise<void> {
  equal((await new Deno.Command("mount", { args }).output()).code, 0, `mount ${args}`);
}

/** Takes all that is left, to the last byte. */
function fill(path: string): void {
  using file = Deno.openSync(path, { write: true, create: true });
  for (const size of [4096, 1]) {
    try {
      while (file.writeSync(new Uint8Array(size)) > 0);
    } catch (error) {
      match(String(error), /space/);
    }
  }
}
