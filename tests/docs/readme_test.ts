import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { ROOT, Sandbox, writeExperiment } from "../cli/harness.ts";
import { bash } from "./bash.ts";
import { blocksOf } from "./markdown.ts";

const README = Deno.readTextFileSync(join(ROOT, "README.md"));

/** Fenced blocks of one language, in order. */
function blocks(language: string): string[] {
  return blocksOf(README).filter(({ info }) => info === language).map(({ text }) => text);
}

Deno.test("the README's first command runs, and its second is the one that runs this test", async () => {
  const [first, second, ...more] = blocks("sh")[0]!.trimEnd().split("\n");
  equal(second, "npx -y deno@2.9.6 task test");
  equal(more.length, 0);
  await using box = new Sandbox();
  const { code, out, err } = await bash(box, ROOT, `TMPDIR=${box.root} ${first}`);
  equal(code, 0, err);
  match(out, /val_accuracy/);
  const csv = out.match(/^(.*results\.csv)$/m)?.[1];
  equal(Deno.readTextFileSync(csv!).trimEnd().split("\n").length, 19);
});

Deno.test("every other command of the README runs, in order", async () => {
  await using box = new Sandbox();
  const commands = blocks("sh").slice(1).join("\n");
  const { code, out, err } = await bash(box, box.root, commands);
  equal(code, 0, `${out}\n${err}`);
  match(out, /exp001: 2 completed/);
  const project = join(box.scratch, "my_project");
  ok(Deno.statSync(join(project, "results.csv")).isFile);
  const [yaml, ...others] = blocks("yaml");
  equal(others.length, 0);
  writeExperiment(project, "readme", yaml!);
  match((await box.ok(["submit", "readme", "--dry-run"], { cwd: project })).out, /12 runs/);
  const [program] = blocks("ts");
  const script = join(project, "analysis.ts");
  const mod = `file://${join(ROOT, "mod.ts")}`;
  Deno.writeTextFileSync(script, program!.replace("jsr:@expflow/cli", mod));
  await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", join(ROOT, "deno.json"), script],
    cwd: project,
    env: box.env,
  }).output().then(({ code, stderr }) => equal(code, 0, new TextDecoder().decode(stderr)));
});

Deno.test("files that the README names exist", () => {
  for (const [, path] of README.matchAll(/\]\(([^):]+)\)/g)) {
    ok(Deno.statSync(join(ROOT, path!)), path);
  }
});
