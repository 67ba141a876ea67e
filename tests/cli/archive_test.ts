import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";
import { experimentFolders, listing } from "./trees.ts";

const EXPERIMENT = `command: |
  head -c 300000 /dev/urandom > {run.dir}/weights.bin
  mkdir {run.dir}/$(printf 'long%.0s' {1..30})
  echo ä > "{run.dir}/$(printf 'long%.0s' {1..30})/$(printf 'é%.0s' {1..60}) and 'quotes'"
  ln -s /nowhere/at/all {run.dir}/dangling
  chmod 400 {run.dir}/weights.bin
  touch -d '2001-02-03 04:05:06.789' {run.dir}/old
  echo '{"loss": {params.x}}' > {run.dir}/result.json
args: none
harvest: result.json
sweep: { grid: { x: [1, 2] } }
`;

function folders(cwd: string): string[] {
  return experimentFolders(cwd, "exp");
}

function archivesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => /tar/.test(name));
}

Deno.test("archive: one file, known to status and list, and back byte for byte", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const to = join(box.root, "to");
  writeExperiment(cwd, "exp", EXPERIMENT);
  await box.ok(["submit", "exp", "--wait"], { cwd });
  const before = listing(cwd, folders(cwd));
  const { runs } = await statusOf(box, cwd, "exp");
  const { file, inodes } = JSON.parse(
    (await box.ok(["archive", "exp", "--to", to, "--json"], { cwd })).out,
  );
  equal(inodes, before.length);
  deepEqual(listing(cwd, folders(cwd)), []);
  deepEqual(archivesIn(to).map((name) => join(to, name)), [file]);
  const told = await statusOf(box, cwd, "exp");
  deepEqual(told.runs, runs);
  equal(told.archived.file, file);
  match((await box.ok(["list", "--size"], { cwd })).out, /exp +2 completed \(archived\) +1 /);
  const [report] = JSON.parse((await box.ok(["harvest", "exp", "--json"], { cwd })).out);
  deepEqual(report.records.map((one: typeof report) => one.metrics.loss.last), [1, 2]);
  for (const args of [["submit", "exp"], ["logs", "exp/0"], ["submit", "exp", "--dry-run"]]) {
    const { code, err } = await box.run(args, { cwd });
    equal(code, 5, err);
    match(err, /^error: Cannot .*it is archived\nhint: .*archive --restore exp\n$/m);
  }
  deepEqual(JSON.parse((await box.ok(["prune", "--yes", "--json"], { cwd })).out).waste, []);
  await box.ok(["pump"], { cwd });
  await box.ok(["archive", "--restore", "exp"], { cwd });
  deepEqual(listing(cwd, folders(cwd)), before);
  deepEqual((await statusOf(box, cwd, "exp")).runs, runs);
  match((await box.ok(["submit", "exp"], { cwd })).out, /nothing to submit/);
});

Deno.test("archive: refused while something runs, is pinned, or lies behind a link", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(cwd, "exp", "command: sleep 60\nargs: none\n");
  const refused = async (expected: RegExp, code = 5) => {
    const ended = await box.run(["archive", "exp"], { cwd });
    match(ended.err, expected);
    equal(ended.code, code);
  };
  await refused(/it was never submitted/, 4);
  await box.ok(["submit", "exp"], { cwd });
  await refused(/1 of 1 runs have not ended \(run 0 is (pending|running)\)/);
  await box.ok(["cancel", "exp"], { cwd });
  for (let tries = 0; (await statusOf(box, cwd, "exp")).counts.cancelled !== 1; tries++) {
    ok(tries < 100);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await box.ok(["pin", "exp"], { cwd });
  await refused(/it is pinned\nhint: expflow unpin exp/);
  await box.ok(["unpin", "exp"], { cwd });
  const logs = join(cwd, "experiments", "logs", "exp");
  Deno.renameSync(logs, join(box.root, "logs"));
  Deno.symlinkSync(join(box.root, "logs"), logs);
  await refused(/logs\/exp is behind a symbolic link/);
  match((await box.run(["archive", "--restore", "exp"], { cwd })).err, /it is not archived/);
  match((await box.run(["archive", "nosuch"], { cwd })).err, /Cannot find the experiment/);
});

Deno.test("archive: a broken or missing archive, and what is in the way, are said; nothing is touched", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(cwd, "exp", EXPERIMENT);
  await box.ok(["submit", "exp", "--wait"], { cwd });
  const before = listing(cwd, folders(cwd));
  const { file } = JSON.parse((await box.ok(["archive", "exp", "--json"], { cwd })).out);
  const whole = Deno.readFileSync(file);
  const restore = async (expected: RegExp, code: number) => {
    const ended = await box.run(["archive", "--restore", "exp"], { cwd });
    match(ended.err, expected);
    equal(ended.code, code, ended.err);
  };
  for (const [name, bytes] of Object.entries(damaged(whole))) {
    Deno.writeFileSync(file, bytes);
    const { code, err } = await box.run(["archive", "--restore", "exp"], { cwd });
    equal(code, 7, `${name}: ${err}`);
    match(err, /^error: Cannot (trust|restore) .*\nhint: /, name);
    deepEqual(listing(cwd, folders(cwd)), []);
  }
  Deno.removeSync(file);
  await restore(/its archive .* is not there/, 4);
  Deno.writeFileSync(file, whole);
  const mine = join(cwd, "experiments", "runs", "exp", "notes");
  Deno.mkdirSync(join(mine, ".."), { recursive: true });
  Deno.writeTextFileSync(mine, "mine");
  await restore(/runs\/exp is there, and is not what was archived/, 5);
  equal(Deno.readTextFileSync(mine), "mine");
  Deno.removeSync(join(mine, ".."), { recursive: true });
  await box.ok(["archive", "--restore", "exp"], { cwd });
  deepEqual(listing(cwd, folders(cwd)), before);
});

function damaged(whole: Uint8Array): Record<string, Uint8Array> {
  const flipped = (at: number) => {
    const bytes = whole.slice();
    bytes[at]! ^= 0x40;
    return bytes;
  };
  return {
    empty: new Uint8Array(),
    "cut in half": whole.subarray(0, whole.length >> 1),
    "one byte short": whole.subarray(0, whole.length - 1),
    "a bit in the middle": flipped(whole.length >> 1),
    "a bit near the end": flipped(whole.length - 50),
  };
}

const mayMount = Deno.uid() === 0;
if (!mayMount) console.warn("NOT RUN: archiving to a full disk, as mounting one needs root");

Deno.test({
  name: "archive: a full disk is said, nothing is lost, and no half archive is left",
  ignore: !mayMount,
  async fn() {
    await using box = new Sandbox();
    const cwd = await box.project();
    writeExperiment(cwd, "exp", EXPERIMENT);
    await box.ok(["submit", "exp", "--wait"], { cwd });
    const before = listing(cwd, folders(cwd));
    const disk = join(box.root, "disk");
    Deno.mkdirSync(disk);
    const args = ["-t", "tmpfs", "-o", "size=400k", "tmpfs", disk];
    equal((await new Deno.Command("mount", { args }).output()).code, 0);
    try {
      const { code, err } = await box.run(["archive", "exp", "--to", disk], { cwd });
      equal(code, 7, err);
      match(err, /^error: Cannot .*\nhint: the disk is full: free space there and run it again\n$/);
      deepEqual([...Deno.readDirSync(disk)], []);
      deepEqual(listing(cwd, folders(cwd)), before);
      equal((await statusOf(box, cwd, "exp")).archived, undefined);
      equal(
        (await new Deno.Command("mount", { args: ["-o", "remount,size=4m", disk] }).output()).code,
        0,
      );
      await box.ok(["archive", "exp", "--to", disk], { cwd });
      await box.ok(["archive", "--restore", "exp"], { cwd });
      deepEqual(listing(cwd, folders(cwd)), before);
    } finally {
      await new Deno.Command("umount", { args: ["-l", disk] }).output();
    }
  },
});
