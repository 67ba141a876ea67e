import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { harvestFolder, readCurve } from "../../lib/results/harvest.ts";
import { crc32c } from "../../lib/results/readers/crc32c.ts";
import { gatherEventFiles } from "../../lib/results/readers/event_folders.ts";
import { RunFolder } from "../../lib/results/run_folder.ts";
import { fixture } from "./fixture.ts";
import { spec, withFolder } from "./support.ts";

const EVENTS = "events.out.tfevents.1.host";

/** An event file of the fixture, damaged by `change`. */
function damaged(change: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const root = fixture("tensorboard");
  const path = new RunFolder(root).files.find((file) => file.path.startsWith("logs/train/"))!.path;
  return change(Deno.readFileSync(join(root, path)));
}

/** Where each record of an event file begins, and where the file ends. */
function starts(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer);
  const found = [0];
  for (let at = 0; at < bytes.length;) {
    at += 12 + view.getUint32(at, true) + 4;
    found.push(at);
  }
  return found;
}

Deno.test("crc32c() is that of RFC 3720", () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e);
  assert.equal(crc32c(new TextEncoder().encode("x123456789y"), 1, 10), 0xe3069283);
});

Deno.test("tensorboardReader says what is damaged, and reads the rest", async (t) => {
  const cases: [string, (bytes: Uint8Array) => Uint8Array, number[], RegExp | undefined][] = [
    ["whole", (bytes) => bytes, [0, 1, 2, 3, 4], undefined],
    [
      "cut in the last record",
      (bytes) => bytes.slice(0, -3),
      [0, 1, 2, 3],
      /: the last record is half-written; left out$/,
    ],
    [
      "cut in a header",
      (bytes) => bytes.slice(0, starts(bytes).at(-2)! + 5),
      [0, 1, 2, 3],
      /half-written/,
    ],
    [
      "a flipped bit in the data of the third scalar",
      (bytes) => {
        bytes[starts(bytes)[3]! + 20]! ^= 1;
        return bytes;
      },
      [0, 1, 3, 4],
      /: record 4 is damaged: its checksum is wrong; left out$/,
    ],
    [
      "a flipped bit in a length",
      (bytes) => {
        bytes[starts(bytes)[3]!]! ^= 1;
        return bytes;
      },
      [0, 1],
      /: record 4 has a damaged length: its checksum is wrong; stopped reading there$/,
    ],
  ];
  for (const [name, change, steps, problem] of cases) {
    await t.step(name, () =>
      withFolder({ [EVENTS]: damaged(change) }, (folder) => {
        const { problems } = harvestFolder(folder, {}, spec());
        const { points } = readCurve(folder, {}, spec(), "epoch_loss")!;
        assert.deepEqual(points.map(({ step }) => step), steps);
        assert.equal(problems.length, problem ? 1 : 0, problems.join("\n"));
        if (problem) assert.match(problems[0]!, problem);
      }));
  }
  await t.step(
    "no TFRecord file",
    () =>
      withFolder({ [EVENTS]: "step,loss\n1,2\n3,4\n" }, (folder) => {
        const { problems } = harvestFolder(folder, {}, spec());
        assert.match(problems[0]!, /is no TFRecord file: its checksum is wrong/);
      }),
  );
  await t.step("empty", () =>
    withFolder({ [EVENTS]: "" }, (folder) => {
      assert.deepEqual(harvestFolder(folder, {}, spec()).problems, [`${EVENTS}: is empty`]);
    }));
});

Deno.test("gatherEventFiles() joins restarts and tells subjects apart", async (t) => {
  const cases: [string, string[], [string, number][]][] = [
    ["one", ["runs/e.1"], [["", 1]]],
    ["restarts in one folder", ["e.9", "e.10"], [["", 2]]],
    ["versions of Lightning", ["l/version_0/e", "l/version_1/e"], [["", 2]]],
    ["runs of torch's default", ["runs/Nov22_10-00-00_a/e", "runs/Nov22_11-00-00_a/e"], [["", 2]]],
    ["Keras", ["logs/train/e", "logs/validation/e"], [["train/", 1], ["validation/", 1]]],
    ["add_scalars", ["runs/e", "runs/loss_a/e"], [["", 1], ["loss_a/", 1]]],
    ["hparams beside", ["runs/e", "runs/1700000000.5/e"], [["", 2]]],
  ];
  for (const [name, paths, groups] of cases) {
    await t.step(name, () => {
      const found = gatherEventFiles(paths).map(({ prefix, paths }) => [prefix, paths.length]);
      assert.deepEqual(found, groups);
    });
  }
  await t.step("in the order of the numbers in their names", () => {
    assert.deepEqual(gatherEventFiles(["e.10", "e.9"])[0]!.paths, ["e.9", "e.10"]);
  });
});

Deno.test("a log of W&B that is cut or damaged gives what is whole", async (t) => {
  const cases: [string, (bytes: Uint8Array) => Uint8Array, RegExp][] = [
    ["cut", (bytes) => bytes.slice(0, bytes.length - 210), /half-written/],
    ["a flipped bit", (bytes) => {
      bytes[bytes.length - 300]! ^= 4;
      return bytes;
    }, /a record is damaged: its checksum is wrong|a block is damaged/],
    ["only its beginning", (bytes) => bytes.slice(0, 4), /is half-written/],
    ["another file", () => new Uint8Array(100), /is no log of W&B/],
  ];
  for (const [name, change, problem] of cases) {
    await t.step(name, () =>
      withFolder({}, (folder) => {
        cpSync(fixture("wandb"), folder, { recursive: true });
        const log = new RunFolder(folder).files.find(({ path }) => path.endsWith(".wandb"))!.path;
        Deno.writeFileSync(join(folder, log), change(Deno.readFileSync(join(folder, log))));
        const { problems } = harvestFolder(folder, {}, spec());
        assert.match(problems[0]!, problem);
      }));
  }
});
