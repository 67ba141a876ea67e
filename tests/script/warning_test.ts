import { equal } from "node:assert/strict";
import { warningOf } from "../../lib/script/signals.ts";

/** Time limit (0 is none), what the user says → `--signal`. */
const WARNINGS: [string | undefined, string | undefined, string | undefined][] = [
  [undefined, undefined, "B:USR1@120"],
  ["10", undefined, "B:USR1@120"],
  ["3:30", undefined, "B:USR1@120"],
  ["3", undefined, "B:USR1@90"],
  ["2", undefined, "B:USR1@30"],
  ["1", undefined, undefined],
  ["0", undefined, "B:USR1@120"],
  ["1", "USR1@40", "B:USR1@40"],
  ["1", "TERM", "B:TERM"],
];

Deno.test("a warning that nobody asked for never comes while the script starts", async (t) => {
  for (const [time, signal, directive] of WARNINGS) {
    await t.step(`${time ?? "no limit"}, ${signal ?? "unless told"}`, () => {
      equal(warningOf({ time, signal }).directive, directive);
    });
  }
});
