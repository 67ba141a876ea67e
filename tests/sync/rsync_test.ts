import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox } from "../cli/harness.ts";
import { filesIn, HOSTILE, killed, NOW, standing, syncing, writeFiles } from "./projects.ts";
import { missingForSsh, Sshd } from "./sshd.ts";

const missing = missingForSsh();
if (missing.length > 0) console.warn(`NOT RUN: sync over ssh; it takes ${missing.join(", ")}`);

Deno.test({
  name: "sync over rsync and a real sshd",
  ignore: missing.length > 0,
  async fn(t) {
    await using box = new Sandbox();
    await using sshd = new Sshd(box.root);
    box.env.PATH = `${sshd.bin}:${box.env.PATH}`;
    await sshd.start();
    const there = join(box.root, "the archive's $HOME");
    const cwd = await syncing(box, `archive:${there}`);
    const metrics = "experiments/runs/e/0/metrics.jsonl";
    writeFiles(cwd, HOSTILE);
    writeFiles(cwd, { [metrics]: '{"a":1}\n{"a"' }, NOW);

    await t.step(
      "names that mean something to a shell arrive, growing files up to a line",
      async () => {
        const { out } = await box.ok(["sync", "run"], { cwd });
        match(out, /^backup: sent 9 files/);
        deepEqual(filesIn(there), { ...HOSTILE, [metrics]: '{"a":1}\n' });
        const { synced, growing } = await standing(box, cwd);
        deepEqual([synced, growing], [8, 1]);
      },
    );
    await t.step("the rest of a line follows, and nothing else is sent again", async () => {
      writeFiles(cwd, { [metrics]: '{"a":1}\n{"a":2}\n' });
      match((await box.ok(["sync", "run"], { cwd })).out, /^backup: sent 1 file \(16 B\)/);
      equal(filesIn(there)[metrics], '{"a":1}\n{"a":2}\n');
      match((await box.ok(["sync", "run"], { cwd })).out, /^backup: sent 0 files \(0 B\)\n$/);
    });
    await t.step("without its state nothing is sent twice", async () => {
      Deno.removeSync(join(cwd, ".expflow", "sync"), { recursive: true });
      const { out } = await box.ok(["sync", "run"], { cwd });
      match(out, /^backup: sent 0 files \(0 B\), 9 were there already\n$/);
    });
    await t.step(
      "the manifest checks with sha256sum, and verify reads everything again",
      async () => {
        const { code, stdout } = await new Deno.Command("sha256sum", {
          args: ["-c", "--quiet", ".expflow-sync/backup.sha256"],
          cwd: there,
        }).output();
        equal(code, 0, new TextDecoder().decode(stdout));
        Deno.writeTextFileSync(join(there, "experiments/results/-rf"), "4");
        const { code: found, out } = await box.run(["sync", "verify"], { cwd });
        equal(found, 1);
        match(out, /8 of 9 files have their checksum\nbackup: experiments\/results\/-rf: holds/);
        match((await box.ok(["sync", "run"], { cwd })).out, /^backup: sent 1 file \(1 B\)/);
        equal(filesIn(there)["experiments/results/-rf"], "3");
      },
    );
    await t.step("a destination that was emptied is filled again", async () => {
      Deno.removeSync(there, { recursive: true });
      match((await box.ok(["sync", "run"], { cwd })).out, /^backup: sent 9 files/);
      equal(Object.keys(filesIn(there)).length, 9);
    });
    await t.step("a file that may not be replaced there fails alone, and waits", async () => {
      const [bad, good] = ["experiments/results/plain.json", "experiments/results/new.json"];
      Deno.removeSync(join(there, bad));
      Deno.mkdirSync(join(there, bad));
      writeFiles(join(there, bad), { inside: "" });
      writeFiles(cwd, { [bad]: "changed", [good]: "new" });
      const { code, err } = await box.run(["sync", "run"], { cwd });
      equal(code, 1);
      match(err, /^backup: experiments\/results\/plain\.json: did not arrive.*tried again from/);
      const { failed, synced, pending } = await standing(box, cwd);
      deepEqual([failed.length, failed[0].path, synced, pending], [1, bad, 9, 1]);
      equal(filesIn(there)[good], "new");
      Deno.removeSync(join(there, bad), { recursive: true });
      match((await box.run(["sync", "run"], { cwd })).err, /did not arrive/, "it waits its time");
      await box.ok(["sync", "run", "--now"], { cwd });
      equal(filesIn(there)[bad], "changed");
    });
    await t.step("SIGKILL while a large file is sent: it is whole, or not there", async () => {
      const large = "experiments/runs/e/1/model.pt";
      const text = Array.from({ length: 5_000_000 }, (_, at) => `${at}\n`).join("");
      writeFiles(cwd, { [large]: text });
      let seen = 0;
      for (let kill = 0; kill < 4; kill++) {
        const child = box.spawn(["sync", "run", "--now"], { cwd });
        await new Promise((resolve) => setTimeout(resolve, 700 + 300 * kill));
        killed(child);
        await child.output();
        const found = filesIn(there)[large];
        ok(found === undefined || found === text, `${found?.length} of ${text.length}`);
        if (found === undefined) seen++;
      }
      console.log(`${seen} of 4 were killed before it was there`);
      await box.ok(["sync", "run", "--now"], { cwd });
      ok(filesIn(there)[large] === text);
    });
    await t.step("a key that is refused, and a host that is not there, have a hint", async () => {
      writeFiles(cwd, { "experiments/results/later.json": "later" });
      sshd.asStranger(true);
      const refused = await box.run(["sync", "run"], { cwd });
      equal(refused.code, 1);
      match(refused.err, /ssh refuses you .*\nhint: does `ssh archive` work without a password\?/);
      const waits = await box.run(["sync", "run"], { cwd });
      equal(waits.code, 1);
      match(waits.err, /^backup: waits until .*ssh refuses you/);
      sshd.asStranger(false);
      await sshd.stop();
      const gone = await box.run(["sync", "run", "--now"], { cwd });
      match(gone.err, /it cannot be reached .*\nhint: many compute nodes have no internet/);
      equal((await standing(box, cwd)).waiting.failures, 2);
      await sshd.start();
      await box.ok(["sync", "run", "--now"], { cwd });
      equal(filesIn(there)["experiments/results/later.json"], "later");
      equal((await standing(box, cwd)).waiting, undefined);
    });
  },
});
