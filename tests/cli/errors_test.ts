import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox, writeExperiment } from "./harness.ts";

interface Case {
  name: string;
  /** Text of `experiment_configs/bad.yaml`. */
  file?: string;
  args: string[];
  code: number;
}

const CASES: Case[] = [
  {
    name: "an unknown template",
    args: ["new", "exp001", "--template", "basline"],
    code: 3,
  },
  { name: "a cycle", file: "extends: a\n", args: ["submit", "bad"], code: 3 },
  { name: "bad YAML", file: "command: [x\nparams: 1\n", args: ["submit", "bad"], code: 3 },
  { name: "an unknown key", file: "comand: x\nparams: {}\n", args: ["submit", "bad"], code: 3 },
  {
    name: "a value of a wrong type",
    file: "command: x\nresources:\n  nodes: four\n",
    args: ["submit", "bad"],
    code: 3,
  },
  {
    name: "srun, which the local scheduler has not",
    file: "command: x\nlauncher: srun\n",
    args: ["submit", "bad"],
    code: 6,
  },
  {
    name: "an unknown launcher",
    file: "command: x\nlauncher: torchrn\n",
    args: ["submit", "bad"],
    code: 3,
  },
  { name: "an id with a slash", args: ["new", "a/b"], code: 2 },
  { name: "an id with ..", args: ["new", ".."], code: 2 },
  { name: "an id that exists", file: "command: x\n", args: ["new", "bad"], code: 5 },
  {
    name: "an experiment without a command",
    file: "params: { lr: 1 }\n",
    args: ["submit", "bad"],
    code: 3,
  },
  { name: "an unknown experiment", args: ["submit", "nosuch"], code: 4 },
  { name: "an unknown run", file: "command: x\n", args: ["status", "bad/7"], code: 4 },
  { name: "an unknown command", args: ["sumbit", "x"], code: 2 },
  { name: "an unknown option", args: ["submit", "x", "--wiat"], code: 2 },
  { name: "an unknown format", args: ["export", "results.xls"], code: 2 },
  { name: "an export of nothing", args: ["export", "results.csv"], code: 4 },
  { name: "a harvest of nothing", file: "command: x\n", args: ["harvest", "bad"], code: 4 },
  { name: "init outside", args: ["init", "../x"], code: 2 },
  {
    name: "a stage that is none",
    file: "command: x\n",
    args: ["submit", "bad", "--stage", "trian"],
    code: 2,
  },
  {
    name: "a scheduler that is none",
    file: "command: x\n",
    args: ["submit", "bad", "--to", "queu"],
    code: 2,
  },
  {
    name: "a priority above all",
    file: "command: x\nresources: { priority: 2000 }\n",
    args: ["queue", "add", "bad"],
    code: 3,
  },
  { name: "an item of an empty queue", args: ["queue", "show", "exp001/3"], code: 4 },
  { name: "nothing to put into the queue", args: ["queue", "add"], code: 2 },
  { name: "dashes with nothing behind", args: ["queue", "add", "--"], code: 2 },
  { name: "a sweep without a command", args: ["queue", "sweep", "lr=0.1"], code: 2 },
  {
    name: "an experiment and a command",
    file: "command: x\n",
    args: ["queue", "add", "bad", "--", "true"],
    code: 2,
  },
  {
    name: "what an experiment says itself",
    file: "command: x\n",
    args: ["queue", "add", "bad", "--gpus", "1"],
    code: 2,
  },
  { name: "a boost to nothing", args: ["queue", "boost", "exp001"], code: 2 },
  { name: "a verb that the queue has not", args: ["queue", "boots", "exp001"], code: 2 },
];

const GOLDEN = join(import.meta.dirname!, "errors.golden.json");

Deno.test("each mistake gets one clear line, a hint and its exit code, and leaves nothing behind", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  Deno.writeTextFileSync(join(cwd, "experiment_templates", "a.yaml"), "extends: b\n");
  Deno.writeTextFileSync(join(cwd, "experiment_templates", "b.yaml"), "extends: a\n");
  const seen: Record<string, string> = {};
  const golden = Deno.args.includes("--update") ? {} : JSON.parse(Deno.readTextFileSync(GOLDEN));
  for (const { name, file, args, code } of CASES) {
    await t.step(name, async () => {
      if (file !== undefined) writeExperiment(cwd, "bad", file);
      const ended = await box.run(args, { cwd });
      seen[name] = ended.err.replaceAll(cwd, "PROJECT").replaceAll(box.scratch, "SCRATCH");
      equal(ended.code, code, ended.err);
      equal(ended.out, "");
      if (!Deno.args.includes("--update")) equal(seen[name], golden[name]);
      deepEqual(
        [...Deno.readDirSync(join(cwd, "generated_scripts"))].flatMap((
          { name },
        ) => [...Deno.readDirSync(join(cwd, "generated_scripts", name))]),
        [],
      );
      if (file !== undefined) Deno.removeSync(join(cwd, "experiment_configs", "bad.yaml"));
    });
  }
  if (Deno.args.includes("--update")) {
    Deno.writeTextFileSync(GOLDEN, `${JSON.stringify(seen, null, 2)}\n`);
  }
});

Deno.test("a project written by a newer version is refused, not guessed at", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const config = join(cwd, ".hpc_config.yaml");
  Deno.writeTextFileSync(config, Deno.readTextFileSync(config).replace("version: 1", "version: 9"));
  const { code, err } = await box.run(["status"], { cwd });
  equal(code, 3);
  match(err, /^error: .*newer expflow.*\nhint: .*\n$/);
});

Deno.test("results that are missing, half-written or no JSON are said, not guessed", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const cases: [string, string, RegExp][] = [
    ["missing", "true", /result\.json/],
    ["half", `printf '{"a": 1' > {run.dir}/result.json`, /result\.json/],
    ["none", `echo hello > {run.dir}/result.json`, /result\.json/],
  ];
  for (const [id, command, expected] of cases) {
    await t.step(id, async () => {
      writeExperiment(
        cwd,
        id,
        `command: ${JSON.stringify(command)}\nargs: none\nharvest: result.json\n`,
      );
      await box.ok(["submit", id, "--wait"], { cwd });
      const { err } = await box.ok(["harvest", id], { cwd });
      match(err, expected);
      const [note, ...warnings] = err.trimEnd().split("\n");
      match(note!, /^(read: json \(1 run\)|nothing was read)/);
      equal(warnings.every((line) => line.startsWith("warning: ")), true, err);
    });
  }
});

const mayMount = Deno.uid() === 0;
if (!mayMount) console.warn("NOT RUN: full and read-only disks, as mounting them needs root");

Deno.test({
  name: "a read-only project and a full disk are said, and nothing is half-made",
  ignore: !mayMount,
  fn: onFullAndReadOnlyDisks,
});

async function onFullAndReadOnlyDisks(t: Deno.TestContext): Promise<void> {
  await using box = new Sandbox();
  const disk = join(box.root, "disk");
  Deno.mkdirSync(disk);
  const mount = async (...args: string[]) =>
    equal((await new Deno.Command("mount", { args }).output()).code, 0, `mount ${args}`);
  await mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", disk);
  try {
    await box.ok(["init", "full", "--dir", disk]);
    const cwd = join(disk, "full");
    await box.ok(["new", "exp001"], { cwd });
    await t.step("full", async () => {
      const filler = join(disk, "filler");
      const file = Deno.openSync(filler, { write: true, create: true });
      const block = new Uint8Array(4096);
      try {
        while (file.writeSync(block) > 0);
      } catch (error) {
        match(String(error), /space/);
      } finally {
        file.close();
      }
      const { code, err } = await box.run(["submit", "exp001"], { cwd });
      equal(code, 7, err);
      match(err, /^error: Cannot .*\nhint: the disk is full: free space there and run it again\n$/);
      Deno.removeSync(filler);
      deepEqual(
        [...Deno.readDirSync(join(cwd, "generated_scripts", "exp001"))].map(({ name }) => name),
        [],
      );
      await box.ok(["submit", "exp001", "--wait"], { cwd });
      await box.ok(["local", "stop"], { cwd });
    });
    await t.step("read-only", async () => {
      await mount("-o", "remount,ro", disk);
      const { code, err } = await box.run(["new", "exp002"], { cwd });
      equal(code, 7, err);
      match(err, /^error: Cannot .*\nhint: the file system is mounted read-only\n$/);
      equal((await box.run(["status"], { cwd })).code, 0);
    });
  } finally {
    await new Deno.Command("umount", { args: ["-l", disk] }).output();
  }
}
