import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { removeIfThere } from "../../lib/system/files.ts";
import { type Ended, ROOT, Sandbox, writeExperiment } from "./harness.ts";

const CACHES = ["opening.json", "listed.json"].map((name) => join(".expflow", name));
const LOOKS = [["status", "--json"], ["list", "--json"]];

/** One experiment that completed, one with a failed run, and one that was never submitted. */
async function lookedAt(box: Sandbox): Promise<string> {
  const cwd = await box.project();
  const settings = "args: none\nsnapshot: off\n";
  writeExperiment(cwd, "good", `command: 'true'\n${settings}`);
  writeExperiment(cwd, "bad", `command: 'false'\n${settings}`);
  writeExperiment(cwd, "new", `command: 'true'\ndescription: not submitted\n${settings}`);
  for (const id of ["good", "bad"]) await box.run(["submit", id, "--wait"], { cwd });
  await box.run(["local", "stop"], { cwd });
  // the time of a file is believed when it is older than a few seconds
  for (const path of filesIn(cwd).filter((path) => path.endsWith(".yaml"))) {
    Deno.utimeSync(path, 1_700_000_000, 1_700_000_000);
  }
  return cwd;
}

function forget(project: string): void {
  for (const name of CACHES) removeIfThere(join(project, name));
}

/** Answers without what depends on the time of the look. */
function said({ code, out, err }: Ended): unknown {
  equal(code, 0, err);
  equal(err, "");
  return JSON.parse(out).map(({ throughput: _, ...one }: Record<string, unknown>) => one);
}

Deno.test("two looks at once say the same, whatever is kept, and leave whole files", async (t) => {
  await using box = new Sandbox();
  const cwd = await lookedAt(box);
  const expected: unknown[] = [];
  for (const args of LOOKS) expected.push(said(await box.ok(args, { cwd })));
  const states: [string, () => void][] = [
    ["with both files", () => {}],
    ["without them", () => forget(cwd)],
    [
      "with broken ones",
      () => CACHES.forEach((name) => Deno.writeTextFileSync(join(cwd, name), "{")),
    ],
  ];
  for (const [name, arrange] of states) {
    await t.step(name, async () => {
      for (const [at, args] of LOOKS.entries()) {
        arrange();
        const ended = await Promise.all([box.run(args, { cwd }), box.run(args, { cwd })]);
        for (const one of ended) deepEqual(said(one), expected[at]);
      }
      for (const name of CACHES) JSON.parse(Deno.readTextFileSync(join(cwd, name)));
      const left = Array.from(Deno.readDirSync(join(cwd, ".expflow")), (entry) => entry.name);
      deepEqual(left.filter((file) => file.endsWith(".tmp")), []);
    });
  }
});

const isRoot = Deno.uid() === 0;
const NOBODY = 65534;
const canDrop = !isRoot || await hasSetpriv();
if (!canDrop) console.warn("NOT RUN: looks at a read-only project; as root they need setpriv");

async function hasSetpriv(): Promise<boolean> {
  try {
    return (await new Deno.Command("setpriv", { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

async function chmod(mode: string, path: string): Promise<void> {
  equal((await new Deno.Command("chmod", { args: ["-R", mode, path] }).output()).code, 0);
}

/** expflow for a user who can write nowhere: one file, and a Deno that everybody may run. */
async function forAnybody(folder: string): Promise<string[]> {
  const bundle = join(folder, "expflow.js");
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "-o", bundle, join(ROOT, "cli.ts")],
  }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
  const deno = join(folder, "deno");
  Deno.copyFileSync(Deno.execPath(), deno);
  const drop = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  return [...isRoot ? drop : [], deno, "run", "-A", bundle];
}

Deno.test({
  name: "who may not write in a project sees the same, and leaves nothing",
  ignore: !canDrop,
  fn: async (t) => {
    await using box = new Sandbox();
    const cwd = await lookedAt(box);
    const expected: unknown[] = [];
    for (const args of LOOKS) expected.push(said(await box.ok(args, { cwd })));
    const [program, ...words] = await forAnybody(box.root);
    await chmod("a+rX", box.root);
    await chmod("a-w", cwd);
    const tree = () => listing(cwd);
    const look = async (args: string[]): Promise<Ended> => {
      const { code, stdout, stderr } = await new Deno.Command(program!, {
        args: [...words, ...args],
        cwd,
        clearEnv: true,
        env: { ...box.env, DENO_DIR: "/nonexistent" },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
    };
    try {
      for (const name of ["with what was kept", "without it"]) {
        await t.step(name, async () => {
          if (name === "without it") {
            await chmod("u+w", cwd);
            forget(cwd);
            await chmod("a-w", cwd);
          }
          const before = tree();
          for (const [at, args] of LOOKS.entries()) {
            deepEqual(said(await look(args)), expected[at], args.join(" "));
          }
          deepEqual(tree(), before);
        });
      }
    } finally {
      await chmod("u+w", cwd);
    }
  },
});

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? filesIn(path) : [path];
  });
}

/** Names, sizes and times of all files below a folder. */
function listing(folder: string): string[] {
  return filesIn(folder).map((path) => {
    const { size, mtime } = Deno.lstatSync(path);
    return `${path} ${size} ${mtime?.getTime()}`;
  }).sort();
}
