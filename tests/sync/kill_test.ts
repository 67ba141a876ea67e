import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox } from "../cli/harness.ts";
import { canTrace } from "../cli/strace.ts";
import { type Files, filesIn, killed, syncing, writeFiles } from "./projects.ts";

const MOMENTS = Number(Deno.env.get("EXPFLOW_KILL_POINTS") ?? 12) || 100;
const SMALL = 400;
const LARGE = 3;
const ALL = SMALL + LARGE;

/** Files of which each is told from every part of another. */
function someFiles(): Files {
  const small = Array.from({ length: SMALL }, (_, at) => [
    `experiments/runs/e/${at % 20}/file${at}.json`,
    JSON.stringify({ at, text: `${at} `.repeat(at) }),
  ]);
  const large = Array.from({ length: LARGE }, (_, at) => [
    `experiments/results/large${at}.bin`,
    Array.from({ length: 300_000 }, (_, line) => `${at}/${line}\n`).join(""),
  ]);
  return Object.fromEntries([...small, ...large]);
}

/** The inodes of what is at a destination: another one means that it was written again. */
function inodesOf(there: string): Map<string, number> {
  return new Map(
    Object.keys(filesIn(there)).map((path) => [path, Deno.statSync(join(there, path)).ino!]),
  );
}

/** What every moment must hold: only whole files, and none that was there is written again. */
function checkThere(there: string, files: Files, before: ReadonlyMap<string, number>) {
  for (const [path, text] of Object.entries(filesIn(there))) {
    ok(text === files[path], `${path} is visible with ${text.length} of ${files[path]?.length}`);
  }
  const now = inodesOf(there);
  for (const [path, inode] of before) equal(now.get(path), inode, `${path} was sent twice`);
  return now;
}

/** Kills a process at a moment, unless it ends before. */
async function killedAt(
  child: Deno.ChildProcess,
  moment: () => boolean,
): Promise<Deno.CommandStatus> {
  const output = child.output();
  let ended = false;
  output.finally(() => ended = true);
  while (!ended && !moment()) await new Promise((resolve) => setTimeout(resolve, 1));
  killed(child);
  return await output;
}

/** How many files are visible. */
function countIn(folder: string): number {
  return [...Deno.readDirSync(folder)].reduce((sum, { name, isDirectory }) => {
    if (name === ".expflow-sync") return sum;
    return sum + (isDirectory ? countIn(join(folder, name)) : 1);
  }, 0);
}

/** Everything is there, and in the manifest with the checksum that it has. */
function checkComplete(there: string, files: Files): void {
  deepEqual(Object.keys(filesIn(there)).sort(), Object.keys(files).sort());
  const sums = Deno.readTextFileSync(join(there, ".expflow-sync/backup.sha256"));
  equal(sums.trimEnd().split("\n").length, Object.keys(files).length);
  const args = ["-c", "--quiet", ".expflow-sync/backup.sha256"];
  ok(new Deno.Command("sha256sum", { args, cwd: there }).outputSync().success);
}

Deno.test("SIGKILL at random moments: nothing torn, nothing lost, nothing sent twice", async (t) => {
  await using box = new Sandbox();
  const there = join(box.root, "there");
  Deno.mkdirSync(there);
  const cwd = await syncing(box, there);
  const files = someFiles();
  writeFiles(cwd, files);
  await box.ok(["sync", "run"], { cwd });
  let kills = 0;
  for (let round = 0; round < MOMENTS; round++) {
    await t.step(`moment ${round}`, async () => {
      Deno.removeSync(there, { recursive: true });
      Deno.mkdirSync(there);
      if (round % 3 === 0) Deno.removeSync(join(cwd, ".expflow/sync"), { recursive: true });
      let before = new Map<string, number>();
      for (let kill = 0; kill < 3; kill++) {
        const child = box.spawn(["sync", "run"], { cwd });
        const most = before.size + (ALL - before.size) * Math.random();
        const { signal } = await killedAt(child, () => countIn(there) >= most);
        if (signal === "SIGKILL") kills++;
        before = checkThere(there, files, before);
      }
      await box.ok(["sync", "run"], { cwd });
      checkThere(there, files, before);
      checkComplete(there, files);
      deepEqual(Object.keys(filesIn(there, true)).filter((name) => /incoming/.test(name)), []);
    });
  }
  console.log(`killed ${kills} of ${3 * MOMENTS} passes`);
  ok(kills > MOMENTS / 2, `only ${kills} were killed`);
});

Deno.test({
  name: "SIGKILL at the calls that make a file visible or safe",
  ignore: !canTrace,
  async fn(t) {
    await using box = new Sandbox();
    const there = join(box.root, "there");
    const cwd = await syncing(box, there);
    const files = someFiles();
    writeFiles(cwd, files);
    const log = join(box.root, "strace");
    for (const [call, when] of [["rename", 1], ["rename", 9], ["fsync", 5], ["utimensat", 3]]) {
      await t.step(`${call} ${when}`, async () => {
        Deno.mkdirSync(there);
        const before = ["strace", "-f", "-o", log, `-etrace=${call}`];
        before.push(`-einject=${call}:signal=SIGKILL:when=${when}`);
        await box.spawn(["sync", "run"], { cwd, before }).output();
        ok(Deno.readTextFileSync(log).includes("killed by SIGKILL"), `${call} was not called`);
        const seen = checkThere(there, files, new Map());
        await box.ok(["sync", "run"], { cwd });
        checkThere(there, files, seen);
        checkComplete(there, files);
        Deno.removeSync(there, { recursive: true });
      });
    }
  },
});
