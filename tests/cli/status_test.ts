import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { frame } from "../../lib/cli/screen.ts";
import { factorGrid, factorTable } from "../../lib/cli/tell_factors.ts";
import { textTable } from "../../lib/cli/text_table.ts";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";

Deno.test("status --by counts runs by parameters, and --grid draws two of them", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "exp",
    "command: test {params.lr} = 0.1\nargs: none\nsnapshot: off\n" +
      "sweep: { grid: { model: [a, b], lr: [0.1, 0.2] } }\n",
  );
  await box.run(["submit", "exp", "--wait"], { cwd });
  const table = await box.ok(["status", "exp", "--by", "lr"], { cwd });
  match(table.out, /lr +runs +completed +failed\n *0\.1 +2 +2\n *0\.2 +2 +2\n/);
  const grid = await box.ok(["status", "exp", "--by", "model,lr", "--grid"], { cwd });
  const rows = ["model  0.1    0.2", "a      █ 1/1  ·x0/1", "b      █ 1/1  ·x0/1"];
  ok(grid.out.includes(`${rows.join("\n")}\n`), grid.out);
  const { out } = await box.ok(["status", "exp", "--by", "model", "--json"], { cwd });
  const [{ by, throughput, eta, runs }] = JSON.parse(out);
  deepEqual(
    by,
    ["a", "b"].map((model) => ({
      values: { model },
      counts: { completed: 1, failed: 1 },
    })),
  );
  deepEqual([throughput.completed, eta, runs.length], [2, undefined, 4]);
  for (
    const [args, said] of [
      [["--by", "modle"], /Cannot group by "modle": no run has this parameter\nhint: did you mean/],
      [["--by", "lr", "--grid"], /Cannot draw a grid of 1 parameters/],
    ] as const
  ) {
    const { code, err } = await box.run(["status", "exp", ...args], { cwd });
    equal(code, 2);
    match(err, said);
  }
});

Deno.test("a project that was opened before says the same without what was kept", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(cwd, "exp", "command: 'true'\nargs: none\nsnapshot: off\n");
  await box.ok(["submit", "exp", "--wait"], { cwd });
  const kept = `${cwd}/.expflow/opening.json`;
  const expected = (await statusOf(box, cwd, "exp")).runs;
  const text = Deno.readTextFileSync(kept);
  const table: [string, () => void][] = [
    ["removed", () => Deno.removeSync(kept)],
    ["garbage", () => Deno.writeTextFileSync(kept, "\x00\xff{")],
    ["cut off", () => Deno.writeTextFileSync(kept, text.slice(0, 40))],
    ["of another version", () => rewrite(kept, text, (by) => by.replace(/^\["[^"]*"/, '["0"'))],
    [
      "of settings without a block",
      () => rewrite(kept, text, (by) => by.replace(/,"ai":.*/, "}]")),
    ],
    ["of a time before keys were told", () => rewrite(kept, text, () => undefined)],
    ["a folder", () => {
      Deno.removeSync(kept);
      Deno.mkdirSync(kept);
    }],
  ];
  for (const [name, break_] of table) {
    await t.step(name, async () => {
      break_();
      deepEqual((await statusOf(box, cwd, "exp")).runs, expected);
    });
  }
  await t.step("a changed project file is checked again", async () => {
    Deno.removeSync(kept, { recursive: true });
    await box.ok(["status"], { cwd });
    Deno.writeTextFileSync(`${cwd}/.hpc_config.yaml`, "scheduler: nonsense\n", { append: true });
    const { code, err } = await box.run(["status"], { cwd });
    equal(code, 3);
    match(err, /scheduler/);
  });
});

/** What an expflow with another `by` would have kept: its settings lack what this one takes for granted. */
function rewrite(path: string, text: string, by: (own: string) => string | undefined): void {
  const kept = JSON.parse(text);
  const other = by(kept.by);
  notEqual(other, kept.by);
  const { scheduler } = kept.opening.settings;
  const opening = { ...kept.opening, settings: { scheduler } };
  Deno.writeTextFileSync(path, JSON.stringify({ by: other, opening }));
}

Deno.test("frame() writes over what was there, and not below the screen", () => {
  equal(frame("a\nb\n", 5), "\x1b[Ha\x1b[K\r\nb\x1b[K\x1b[J");
  equal(frame("1\n2\n3\n4\n", 4), "\x1b[H1\x1b[K\r\n2\x1b[K\r\n… and 2 more lines\x1b[K\x1b[J");
});

Deno.test("tables of runs let no value steer the terminal, and count its cells", () => {
  const groups = ["\x1b[2J\n\u202e", "日本", "ab"].map((model) => ({
    values: [model, 1],
    counts: { completed: 1 },
  }));
  const style = { columns: 80, color: false };
  for (const draw of [factorTable, factorGrid]) {
    const text = draw(["model", "lr"], groups, style);
    equal(/[\p{Cf}\p{Cc}]/u.test(text.replaceAll("\n", "")), false);
    const [, escaped, wide, narrow] = text.split("\n").slice(draw === factorGrid ? 1 : 0);
    ok(escaped!.startsWith("\\u{1b}[2J\\u{a}\\u{202e}  "), escaped);
    const rest = (line: string, name: string) => line.slice(name.length).trimStart();
    equal(rest(wide!, "日本"), rest(narrow!, "ab"));
    equal(wide!.length + 2, narrow!.length, "two letters take four cells");
  }
  equal(textTable(["a"], [["日本日本"]], 6), "a\n日本…\n");
});
