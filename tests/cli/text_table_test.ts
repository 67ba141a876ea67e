import { deepEqual, equal } from "node:assert/strict";
import { textTable } from "../../lib/cli/text_table.ts";

Deno.test("textTable() keeps a row on one line, and moves no cursor", () => {
  const rows = [["0", "a\nb"], ["1", "\x1b[31mred"], ["2", "\x9b2J"]];
  deepEqual(textTable(["run", "text"], rows, 80).trimEnd().split("\n"), [
    "run  text",
    "  0  a\\u{a}b",
    "  1  \\u{1b}[31mred",
    "  2  \\u{9b}2J",
  ]);
});

Deno.test("textTable() takes as many rows as there are", () => {
  const rows = Array.from({ length: 200_000 }, (_, run) => [String(run)]);
  equal(textTable(["run"], rows, 80).split("\n").length, 200_002);
});
