import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox } from "../cli/harness.ts";
import { filesIn, HOSTILE, NOW, standing, syncing, writeFiles } from "./projects.ts";

Deno.test("sync to another folder", async (t) => {
  await using box = new Sandbox();
  const there = join(box.root, "there");
  const cwd = await syncing(box, there, "    exclude: ['*.tmp', wandb/]\n");
  writeFiles(cwd, HOSTILE);

  await t.step("sends every name, and what it should not is left here", async () => {
    const secret = join(box.root, "secret");
    Deno.writeTextFileSync(secret, "secret");
    const run = join(cwd, "experiments/runs/e/0");
    for (const [target, name] of [[secret, "out"], ["gone", "broken"], ["/", "root"]]) {
      Deno.symlinkSync(target!, join(run, name!));
    }
    Deno.symlinkSync("deep/down/empty", join(run, "inside"));
    writeFiles(cwd, {
      "experiments/runs/e/0/wandb/x": "x",
      "experiments/runs/e/0/y.tmp": "y",
      "experiments/runs/e/0/z.0123abcd.tmp": "z",
      "train.py": "not under from:",
    });
    await box.ok(["sync", "run"], { cwd });
    deepEqual(filesIn(there), { ...HOSTILE, "experiments/runs/e/0/inside": "" });
    const { left } = await standing(box, cwd);
    deepEqual(
      left.map(({ path }: { path: string }) => path).sort(),
      ["broken", "out", "root"].map((name) => `experiments/runs/e/0/${name}`),
    );
  });
  await t.step("keeps times and permissions", () => {
    const path = "experiments/results/plain.json";
    const [here, copy] = [cwd, there].map((root) => Deno.statSync(join(root, path)));
    equal(copy!.mtime?.getTime(), here!.mtime?.getTime());
    equal(copy!.mode, here!.mode);
  });
  await t.step(
    "a file that was written a moment ago waits; one that grows goes to its last line",
    async () => {
      const [model, log] = ["experiments/runs/e/0/model.pt", "experiments/runs/e/0/metrics.jsonl"];
      writeFiles(cwd, { [model]: "half a mo", [log]: "1\n2\n3" }, NOW);
      match(
        (await box.ok(["sync", "run"], { cwd })).out,
        /sent 1 file .*\n.*1 file changed a moment/,
      );
      deepEqual([filesIn(there)[model], filesIn(there)[log]], [undefined, "1\n2\n"]);
      const { young, growing } = await standing(box, cwd);
      deepEqual([young, growing], [1, 1]);
      writeFiles(cwd, { [model]: "a model", [log]: "1\n2\n3\n4" });
      await box.ok(["sync", "run"], { cwd });
      deepEqual([filesIn(there)[model], filesIn(there)[log]], ["a model", "1\n2\n3\n4"]);
    },
  );
  await t.step("nothing that is gone here is removed there", async () => {
    Deno.removeSync(join(cwd, "experiments/results/-rf"));
    match((await box.ok(["sync", "run"], { cwd })).out, /^backup: sent 0 files/);
    equal(filesIn(there)["experiments/results/-rf"], "3");
    match((await box.ok(["sync", "verify"], { cwd })).out, /^backup: 11 of 11 files/);
  });
  await t.step("nothing new: nothing is opened there but the manifest", async () => {
    const path = join(there, "experiments/results/plain.json");
    const before = Deno.statSync(path);
    match((await box.ok(["sync", "run"], { cwd })).out, /^backup: sent 0 files \(0 B\)\n$/);
    equal(Deno.statSync(path).ino, before.ino);
  });
  await t.step(
    "what another hand changed there is sent again once its manifest is gone",
    async () => {
      const path = join(there, "experiments/results/plain.json");
      Deno.writeTextFileSync(path, "X");
      Deno.removeSync(join(there, ".expflow-sync"), { recursive: true });
      match((await box.ok(["sync", "run"], { cwd })).out, /sent 1 file .*, 9 were there already/);
      equal(Deno.readTextFileSync(path), "1");
    },
  );
  await t.step("cron", async () => {
    const { out } = await box.ok(["sync", "run", "--cron", "backup"], { cwd });
    match(out, /^\*\/5 \* \* \* \* env PATH=.* --project .* sync run backup >\/dev\/null\n$/);
  });
});

Deno.test("sync refuses with a reason", async (t) => {
  await using box = new Sandbox();
  const cwd = await syncing(box, join(box.root, "there"));
  const settings = join(cwd, ".hpc_config.yaml");
  const text = Deno.readTextFileSync(settings);
  const cases: [string, string, string[], number, RegExp][] = [
    ["an unknown name", "", ["run", "bakup"], 4, /hint: did you mean "backup"\?/],
    ["no folder above", `to: ${box.root}/a/b`, ["run"], 1, /no folder .*a\nhint: is its disk/],
    ["a destination in what is sent", "to: experiments/runs/x", ["run"], 3, /one holds the other/],
    ["what is sent in the destination", "to: .", ["run"], 3, /one holds the other/],
    ["from outside", `to: ../x\n    from: ../../etc`, ["run"], 3, /leaves the project/],
    [
      "one folder in another",
      "to: ../x\n    from: [experiments/runs, experiments/results, experiments]",
      ["run"],
      3,
      /both would be in "experiments"/,
    ],
    ["an option for ssh", "to: '-oProxyCommand=x:/y'", ["run"], 3, /a destination.*\nhint: write/],
    ["a host that is an option", "to: 'me@-oX:/y'", ["run"], 3, /a destination/],
    ["a secret", "to: s3://bb1\n    credentials: {secret_key: a/b+c}", ["run"], 3, /secret itself/],
    [
      "a password in the address",
      "to: s3://bb1\n    endpoint: https://u:p@h",
      ["run"],
      3,
      /address/,
    ],
    ["an unknown key", "to: ../x\n    exlude: a", ["run"], 3, /did you mean "exclude"\?/],
    ["verify before anything", "to: ../never", ["verify"], 7, /sync run backup/],
  ];
  for (const [name, block, args, code, expected] of cases) {
    await t.step(name, async () => {
      const changed = block === "" ? text : text.replace(/to: .*\n/, () => `${block}\n`);
      Deno.writeTextFileSync(settings, changed);
      const ended = await box.run(["sync", ...args], { cwd });
      equal(ended.code, code, ended.err);
      match(ended.out + ended.err, expected);
    });
  }
  await t.step("as JSON, an error has its words", async () => {
    Deno.writeTextFileSync(settings, text.replace(/to: .*\n/, () => `to: ${box.root}/a/b\n`));
    const { code, out } = await box.run(["sync", "run", "--json", "--now"], { cwd });
    const [{ name, pass, standing }] = JSON.parse(out);
    deepEqual([code, name, pass.sent, standing.waiting.failures], [1, "backup", 0, 1]);
    match(pass.error.message, /^Cannot send to .*: there is no folder/);
  });
  await t.step("no sync: at all", async () => {
    Deno.writeTextFileSync(settings, text.replace(/sync:[^]*/, ""));
    const { code, err } = await box.run(["sync", "run"], { cwd });
    equal(code, 4);
    match(err, /hint: expflow config set sync\.backup\.to/);
    await box.ok(["config", "set", "sync.backup.to", join(box.root, "there")], { cwd });
    await box.ok(["sync", "run"], { cwd });
  });
});

Deno.test("a file that grows while it is sent is never torn at the destination", async () => {
  await using box = new Sandbox();
  const there = join(box.root, "there");
  const cwd = await syncing(box, there);
  const path = "experiments/runs/e/0/metrics.jsonl";
  writeFiles(cwd, { [path]: "" });
  let step = 0;
  const halves = setInterval(() => {
    const line = `${JSON.stringify({ step: Math.floor(step / 2), text: "x".repeat(5000) })}\n`;
    const part = step++ % 2 === 0 ? line.slice(0, 2500) : line.slice(2500);
    Deno.writeTextFileSync(join(cwd, path), part, { append: true });
  }, 1);
  try {
    const seen: number[] = [];
    for (let round = 0; round < 6; round++) {
      await box.ok(["sync", "run"], { cwd });
      const lines = filesIn(there)[path]!.split("\n");
      equal(lines.pop(), "", "the last line is whole");
      lines.forEach((line, at) => equal(JSON.parse(line).step, at));
      seen.push(lines.length);
    }
    ok(seen.at(-1)! > seen[0]! && seen[0]! > 0, `grew: ${seen}`);
  } finally {
    clearInterval(halves);
  }
});

Deno.test("two processes take turns; --watch ends with Ctrl-C", async () => {
  await using box = new Sandbox();
  const there = join(box.root, "there");
  const cwd = await syncing(box, there);
  const names = Array.from({ length: 300 }, (_, at) => `experiments/results/${at}.json`);
  writeFiles(cwd, Object.fromEntries(names.map((name) => [name, name])));
  const ended = await Promise.all([1, 2, 3].map(() => box.run(["sync", "run"], { cwd })));
  for (const { code, err } of ended) {
    ok(code === 0 || (code === 5 && /Cannot sync backup: process \d+/.test(err)), err);
  }
  const sent = ended.map(({ out }) => Number(/sent (\d+) files/.exec(out)?.[1] ?? 0));
  equal(sent.reduce((sum, count) => sum + count, 0), 300, String(sent));
  equal(Object.keys(filesIn(there)).length, 300);

  const watch = box.spawn(["sync", "run", "--watch", "--every", "1s"], { cwd });
  const late = "experiments/results/late.json";
  writeFiles(cwd, { [late]: "late" });
  for (let tries = 0; filesIn(there)[late] === undefined && tries < 600; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  equal(filesIn(there)[late], "late");
  watch.kill("SIGINT");
  const { code, stderr } = await watch.output();
  equal(code, 130);
  match(new TextDecoder().decode(stderr), /Stopped sending; what was sent stays\nhint: /);
});
