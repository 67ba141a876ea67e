import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox } from "./harness.ts";

const SCRIPT = `#!/bin/bash
#SBATCH --time=00:01:00
echo "in $PWD, {seed}" > "$1"
`;

Deno.test("migrate script writes two files that submit runs, and refuses in one line", async (t) => {
  await using box = new Sandbox();
  const project = await box.project();
  const write = (name: string, text: string) => {
    const path = join(box.root, "code", name);
    Deno.mkdirSync(join(box.root, "code"), { recursive: true });
    Deno.writeTextFileSync(path, text);
    return path;
  };
  const path = write("train.slurm", SCRIPT);

  await t.step("--dry-run writes nothing", async () => {
    const args = ["migrate", "script", path, "seen.txt", "--dry-run"];
    const { out, err } = await box.ok(args, { cwd: project });
    match(out, /^# .*train\.yaml\n/);
    match(err, /2 \+ #SBATCH --time=00:01:00\n +resources\.time\n/);
    deepEqual([...Deno.readDirSync(join(project, "experiment_configs"))], []);
  });

  await t.step("what was written runs", async () => {
    const args = ["migrate", "script", path, "seen.txt", "--json"];
    const { out } = await box.ok(args, { cwd: project });
    const { id, lines } = JSON.parse(out);
    equal(id, "train");
    deepEqual(lines.map(({ line, fate }: { line: number; fate: string }) => [line, fate]), [
      [1, "key"],
      [2, "key"],
      [3, "kept"],
    ]);
    await box.ok(["submit", "train", "--wait"], { cwd: project });
    const code = join(box.root, "code");
    equal(Deno.readTextFileSync(join(code, "seen.txt")), `in ${code}, {seed}\n`);
  });

  await t.step("--output takes another folder, --id another name", async () => {
    const args = ["migrate", "script", path, "--id", "other", "--output", "there"];
    const { out } = await box.ok(args, { cwd: project });
    deepEqual(out.split("\n").slice(0, 2), [
      join(project, "there", "other.template.yaml"),
      join(project, "there", "other.yaml"),
    ]);
  });

  const refused: [string, string[], number, RegExp][] = [
    ["an experiment that exists", [path], 5, /Cannot migrate to train: .* exists\nhint: .*--id/],
    ["no such file", ["gone.slurm"], 4, /Cannot migrate .*gone\.slurm: there is no such file\n/],
    ["a folder", [project], 7, /it is a folder: name a file/],
    ["an empty file", [write("empty", "\n")], 3, /Cannot migrate .*: it is empty\n/],
    ["no text", [write("binary", "a\0b")], 3, /it is no text/],
    ["a bad id", [path, "--id", "a b"], 2, /Cannot use "a b" as an experiment id/],
    ["a file whose name is no id", [write("a b.sh", SCRIPT)], 2, /"a b" as an experiment id/],
    ["a bad array", [write("array", "#!/bin/bash\n#SBATCH -a x\ntrue\n")], 6, /"x" as an array/],
    ["a heterogeneous job", [write("het", "#!/bin/bash\n#SBATCH hetjob\ntrue\n")], 3, /heterog/],
    [
      "a script that does nothing",
      [write("none", "#!/bin/bash\n# nothing\n")],
      3,
      /runs no command/,
    ],
  ];
  for (const [name, args, code, message] of refused) {
    await t.step(`refuses ${name}`, async () => {
      const ended = await box.run(["migrate", "script", ...args], { cwd: project });
      equal(ended.code, code, ended.err);
      match(ended.err, message);
      match(ended.err, /^Cannot [^\n]+\n(hint: [^\n]+\n)?$|^error: [^\n]+\n(hint: [^\n]+\n)?$/);
      equal(ended.out, "");
    });
  }
});
