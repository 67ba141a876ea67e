import assert from "node:assert/strict";
import { quickstartFiles } from "../../lib/cli/quickstart_files.gen.ts";
import { sha256 } from "../../lib/core/fingerprint.ts";
import { harvestFolder, readCurve } from "../../lib/results/harvest.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import { staleFiles } from "../../tools/gen_quickstart.ts";
import { spec, withFolder } from "./support.ts";

const TRAIN = new URL("../../examples/quickstart/train.ts", import.meta.url).pathname;

async function train(folder: string, ...args: string[]) {
  const reply = await denoRunner.run({
    argv: [Deno.execPath(), "run", "-A", "--no-config", TRAIN, ...args],
    cwd: folder,
    env: { EXPFLOW_RUN_DIR: folder },
  });
  assert.equal(reply.code, 0, reply.stderr);
  return { ...harvestFolder(folder, {}, spec()), output: reply.stdout };
}

Deno.test("train.ts learns: softmax passes 0.85 in 6 epochs", async () => {
  await withFolder({}, async (folder) => {
    const { metrics, problems, output } = await train(folder, "--lr", "0.5", "--epochs", "6");
    assert.deepEqual(problems, []);
    const accuracy = readCurve(folder, {}, spec(), "val_accuracy")!.points;
    assert.deepEqual(accuracy.map(({ step }) => step), [1, 2, 3, 4, 5, 6]);
    assert.ok(accuracy[5]!.value > 0.85, `${accuracy[5]!.value}`);
    assert.ok(accuracy[5]!.value > accuracy[0]!.value);
    assert.ok((metrics.train_loss!.last as number) < 0.5);
    assert.equal(metrics.val_loss!.direction, "min");
    assert.equal(output.trim().split("\n").length, 6);
  });
});

Deno.test("train.ts is the same for a seed, and another for another", async () => {
  const args = ["--model", "mlp", "--lr", "0.2", "--epochs", "2", "--hidden", "8"];
  const found: string[] = [];
  for (const seed of ["3", "3", "4"]) {
    await withFolder({}, async (folder) => {
      await train(folder, ...args, "--seed", seed);
      found.push(Deno.readTextFileSync(`${folder}/metrics.jsonl`));
    });
  }
  assert.equal(found[0], found[1]);
  assert.notEqual(found[0], found[2]);
});

Deno.test("train.ts refuses what it does not know", async (t) => {
  for (const args of [["--model", "cnn"], ["--lr", "fast"], ["--epoch", "3"]]) {
    await t.step(args.join(" "), () =>
      withFolder({}, async (folder) => {
        const argv = [Deno.execPath(), "run", "-A", "--no-config", TRAIN, ...args] as const;
        const reply = await denoRunner.run({ argv: [...argv], cwd: folder });
        assert.equal(reply.code, 1);
        assert.deepEqual([...Deno.readDirSync(folder)], []);
      }));
  }
});

Deno.test("quickstart_files.gen.ts is what examples/quickstart is", async () => {
  assert.deepEqual(await staleFiles(), []);
  assert.deepEqual(Object.keys(quickstartFiles()), ["train.ts", "DATA.md", "digits.txt"]);
});

Deno.test("digits.txt is what DATA.md says", () => {
  const { "digits.txt": digits = "", "DATA.md": notes = "" } = quickstartFiles();
  assert.ok(notes.includes(sha256(digits)));
  const lines = digits.trimEnd().split("\n");
  assert.equal(lines.length, 1797);
  for (const line of lines) assert.match(line, /^[0-9] [0-9a-g]{64}$/);
});
