import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox } from "../cli/harness.ts";
import { filesIn, standing, syncing, writeFiles } from "./projects.ts";

const isRoot = Deno.uid() === 0;
if (!isRoot) console.warn("NOT RUN: sync to a full disk; it takes root, to mount one");

const MB = "0123456789abcdef".repeat(65_536);

async function mount(...args: string[]): Promise<void> {
  equal((await new Deno.Command("mount", { args }).output()).code, 0, `mount ${args}`);
}

Deno.test({
  name: "sync to a full disk: what fits arrives, the rest follows, nothing is torn",
  ignore: !isRoot,
  async fn(t) {
    await using box = new Sandbox();
    const disk = join(box.root, "disk");
    Deno.mkdirSync(disk);
    await mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", disk);
    try {
      const there = join(disk, "there");
      const cwd = await syncing(box, there);
      const small = Object.fromEntries(
        Array.from({ length: 20 }, (_, at) => [`experiments/results/${at}.json`, `${at}`]),
      );
      const large = { "experiments/runs/e/0/model.pt": MB.repeat(6) };
      writeFiles(cwd, { ...small, ...large });
      await t.step("a file that does not fit does not stop the others", async () => {
        const { code, err } = await box.run(["sync", "run"], { cwd });
        equal(code, 1);
        match(
          err,
          /model\.pt: cannot be written: no space is left; tried again from .*\nhint: free/,
        );
        deepEqual(filesIn(there), small);
        deepEqual(Object.keys(filesIn(there, true)).filter((name) => /incoming/.test(name)), []);
        const { failed, synced } = await standing(box, cwd);
        deepEqual([failed.length, failed[0].failures, synced], [1, 1, 20]);
        const wait = failed[0].until - Date.now();
        ok(wait > 50_000 && wait <= 75_000, `waits ${wait} ms`);
      });
      const many = Object.fromEntries(
        Array.from({ length: 9 }, (_, at) => [`experiments/runs/e/${at + 1}/x`, MB]),
      );
      await t.step("a disk with no room left makes all of it wait", async () => {
        writeFiles(cwd, many);
        const { code, err } = await box.run(["sync", "run"], { cwd });
        equal(code, 1);
        match(err, /backup: Cannot send to .*: no space is left\nhint: free space there/);
        for (const [path, text] of Object.entries(filesIn(there))) {
          ok(text === { ...small, ...many }[path], path);
        }
        const { waiting } = await standing(box, cwd);
        equal(waiting.failures, 1);
        const second = await box.run(["sync", "run"], { cwd });
        equal(second.code, 1);
        match(second.err, /^backup: waits until/);
      });
      await t.step("with room everything follows", async () => {
        await mount("-o", "remount,size=40m", disk);
        await box.ok(["sync", "run", "--now"], { cwd });
        deepEqual(filesIn(there), { ...small, ...large, ...many });
        const { failed, waiting, synced } = await standing(box, cwd);
        deepEqual([failed, waiting, synced], [[], undefined, 30]);
        await box.ok(["sync", "verify"], { cwd });
      });
    } finally {
      await new Deno.Command("umount", { args: [disk] }).output();
    }
  },
});
