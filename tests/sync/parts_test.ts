import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { type BackOff, backOff } from "../../lib/sync/back_off.ts";
import { endOfLines } from "../../lib/sync/lines.ts";
import { formatManifest, parseManifest } from "../../lib/sync/manifest.ts";
import { hashSource, NotSent, readBlocks } from "../../lib/sync/reading.ts";
import { SentFiles } from "../../lib/sync/sent.ts";
import type { Source } from "../../lib/sync/transport.ts";
import { FolderTransport } from "../../lib/sync/transports/folder.ts";

Deno.test("backOff() waits 60 s × 2^n and up to a quarter more, an hour at most", () => {
  const waits = (random: number) => {
    let last: BackOff | undefined;
    return Array.from({ length: 9 }, () => {
      last = backOff(last, 1000, () => random);
      return (last.until - 1000) / 1000;
    });
  };
  deepEqual(waits(0), [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
  deepEqual(waits(1), [75, 150, 300, 600, 1200, 2400, 4500, 4500, 4500]);
});

const sum = fc.string({
  unit: fc.constantFrom(..."0123456789abcdef"),
  minLength: 64,
  maxLength: 64,
});
const path = fc.string({ unit: "binary", minLength: 1 })
  .filter((text) => !text.includes("\0") && text.isWellFormed() && !/\u2028|\u2029/.test(text));

Deno.test("parseManifest() gives back what formatManifest() wrote, among other lines", () => {
  fc.assert(fc.property(fc.dictionary(path, sum), (files) => {
    const given = new Map(Object.entries(files));
    const read = parseManifest(`Welcome to archive!\n${formatManifest(given)}`);
    deepEqual(new Map([...read].sort()), new Map([...given].sort()));
  }));
});

Deno.test("sha256sum reads the manifest, whatever is in a name", async () => {
  const root = Deno.makeTempDirSync();
  const names = ["a b", "back\\slash", "line\nbreak", "return\rhere", "-x", "模", "\\n", " *x"];
  for (const name of names) Deno.writeTextFileSync(join(root, name), name);
  const hashed = await new Deno.Command("sha256sum", { args: ["--", ...names], cwd: root })
    .output();
  const printed = parseManifest(new TextDecoder().decode(hashed.stdout));
  deepEqual([...printed.keys()], names);
  Deno.writeTextFileSync(join(root, "sums"), formatManifest(printed));
  const args = ["-c", "--strict", "sums"];
  equal((await new Deno.Command("sha256sum", { args, cwd: root }).output()).code, 0);
  Deno.removeSync(root, { recursive: true });
});

Deno.test("endOfLines() is behind the last line break of the first bytes", () => {
  const file = Deno.makeTempFileSync();
  const long = "x".repeat(200_000);
  const cases: [string, number][] = [
    ["", 0],
    ["a", 0],
    ["a\n", 2],
    ["a\nb", 2],
    [`a\n${long}`, 2],
    [`${long}\n${long}`, 200_001],
    [long, 0],
  ];
  for (const [text, expected] of cases) {
    Deno.writeTextFileSync(file, text);
    equal(endOfLines(file, text.length), expected);
  }
  Deno.removeSync(file);
});

function sourceOf(at: string, path = "file"): Source {
  const { size, mtime, ino } = Deno.statSync(at);
  const stamp = { bytes: size, upTo: size, changed: mtime!.getTime(), inode: ino! };
  return { path, at, mode: 0o644, grows: false, ...stamp };
}

Deno.test("readBlocks() refuses a file that is not as it was", async (t) => {
  const at = Deno.makeTempFileSync();
  const changes: [string, (path: string) => void][] = [
    ["longer", (path) => Deno.writeTextFileSync(path, "x", { append: true })],
    ["shorter", (path) => Deno.truncateSync(path, 1_500_000)],
    ["touched", (path) => Deno.utimeSync(path, 1, 1)],
    ["another file of that name", (path) => {
      Deno.copyFileSync(path, `${path}.new`);
      Deno.renameSync(`${path}.new`, path);
    }],
    ["gone", (path) => Deno.removeSync(path)],
  ];
  for (const [name, change] of changes) {
    const fresh = () => Deno.writeTextFileSync(at, "y".repeat(3_000_000));
    const refused = (error: unknown) => error instanceof NotSent && error.problem.changing === true;
    await t.step(`${name} before`, async () => {
      fresh();
      const source = sourceOf(at);
      change(at);
      await rejects(hashSource(source), refused);
    });
    if (name === "gone" || name.startsWith("another")) continue; // the opened one stays as it was
    await t.step(`${name} meanwhile`, async () => {
      fresh();
      let blocks = 0;
      await rejects(readBlocks(sourceOf(at), () => void (blocks++ === 0 && change(at))), refused);
    });
  }
});

Deno.test("a part that a killed process left is taken up, and corrected where it differs", async (t) => {
  const root = Deno.makeTempDirSync();
  const at = join(root, "source");
  const text = Array.from({ length: 400_000 }, (_, line) => `${line}\n`).join("");
  Deno.writeTextFileSync(at, text);
  const source = sourceOf(at);
  const incoming = join(root, "there/.expflow-sync/n.incoming");
  const name = await partName(root, source);
  const parts: [string, string][] = [
    ["its beginning", text.slice(0, 1_300_000)],
    ["nothing", ""],
    ["something else", "z".repeat(2_000_000)],
    ["more than all of it", `${text}more`],
    ["all of it", text],
    ["all but the end", `${text.slice(0, -1)}x`],
  ];
  for (const [what, left] of parts) {
    await t.step(what, async () => {
      Deno.mkdirSync(incoming, { recursive: true });
      Deno.writeTextFileSync(join(incoming, name), left);
      const transport = new FolderTransport(join(root, "there"), "n");
      await transport.prepare();
      const { ino } = Deno.statSync(join(incoming, name));
      await transport.send([source], (outcome) => ok("sha256" in outcome));
      equal(Deno.readTextFileSync(join(root, "there/file")), text);
      equal(Deno.statSync(join(root, "there/file")).ino, ino, "it was not taken up");
    });
  }
  Deno.removeSync(root, { recursive: true });
});

/** The name a part gets: that of one whose sending is ended in the middle. */
async function partName(root: string, source: Source): Promise<string> {
  const end = new AbortController();
  const transport = new FolderTransport(join(root, "there"), "n", end.signal);
  await transport.prepare();
  const sending = transport.send([source], () => {});
  queueMicrotask(() => end.abort(new Error("ended")));
  await rejects(sending, /ended/);
  const [name] = [...Deno.readDirSync(join(root, "there/.expflow-sync/n.incoming"))];
  return name!.name;
}

Deno.test("SentFiles survives a torn last line, and belongs to one destination", () => {
  const folder = Deno.makeTempDirSync();
  const source = (at: number): Source => ({
    ...{ path: `p${at}`, at: "", bytes: at, changed: 5, inode: 6, mode: 0, upTo: at, grows: false },
  });
  const first = new SentFiles(folder, "here");
  for (let at = 0; at < 500; at++) first.add(source(at), "s");
  first.close();
  Deno.truncateSync(join(folder, "sent.jsonl"), Deno.statSync(join(folder, "sent.jsonl")).size - 3);
  const second = new SentFiles(folder, "here");
  deepEqual([second.all.size, second.holds(source(498)), second.holds(source(499))], [
    499,
    true,
    false,
  ]);
  second.add(source(499), "s");
  second.close();
  const third = new SentFiles(folder, "here");
  deepEqual([third.all.size, third.holds(source(499))], [500, true]);
  equal(third.holds({ ...source(499), inode: 7 }), false);
  equal(new SentFiles(folder, "there").all.size, 0);
  Deno.removeSync(folder, { recursive: true });
});
