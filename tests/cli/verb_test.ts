import { equal } from "node:assert/strict";
import { verbOf } from "../../lib/cli/verb.ts";

Deno.test("verbOf() takes the first word, not an id that is called as a verb", async (t) => {
  const table: [string[], string | undefined][] = [
    [["status"], "status"],
    [["-C", "list", "submit", "status"], "submit"],
    [["--project", "x", "--json", "list"], "list"],
    [["--project=x", "why", "status/1"], "why"],
    [["--version"], undefined],
    [["-C"], undefined],
  ];
  for (const [args, verb] of table) await t.step(args.join(" "), () => equal(verbOf(args), verb));
});
