import assert from "node:assert/strict";
import type { Direction } from "../../lib/results/records.ts";
import { rankCells, unrankedNotes } from "../../lib/results/ranking.ts";

/** `B` the best, `s` the second, `.` neither; a value in brackets is of a group that diverged. */
function places(values: (number | [number] | undefined)[], direction: Direction): string {
  const cells = values.map((value) =>
    Array.isArray(value) ? { value: value[0], sound: false } : { value, sound: true }
  );
  return rankCells(cells, direction)
    .map(({ best, second }) => best ? "B" : second ? "s" : ".").join("");
}

Deno.test("rankCells() goes by direction", async (t) => {
  const cases: [string, (number | [number] | undefined)[], Direction, string][] = [
    ["max", [0.5, 0.9, 0.7], "max", ".Bs"],
    ["min", [-0.5, 0.9, 0.7], "min", "B.s"],
    ["ties share a place", [2, 2, 1], "max", "BBs"],
    ["two seconds", [3, 1, 1], "max", "Bss"],
    ["no second of two", [1, 2], "max", ".B"],
    ["nothing to choose", [1], "max", "."],
    ["all the same", [1, 1, 1], "max", "..."],
    ["one beside a missing one", [undefined, 1], "max", ".B"],
    ["what diverged has no place", [1, [9], 2], "max", "s.B"],
    ["unless all did", [[1], [2]], "max", ".B"],
    ["no numbers", [undefined, undefined], "max", ".."],
    ["none", [], "max", ""],
  ];
  for (const [name, values, direction, expected] of cases) {
    await t.step(name, () => assert.equal(places(values, direction), expected));
  }
});

Deno.test("unrankedNotes() says why a better mean has no mark", () => {
  const sound = { value: 1, sound: true };
  const diverged = { value: 9, sound: false };
  const note = "not ranked: 2 means with a run that is not finite";
  assert.deepEqual(unrankedNotes([[sound, diverged], [diverged, sound, { sound: false }]]), [note]);
  assert.deepEqual(unrankedNotes([[diverged, diverged], [sound, sound], []]), []);
});
