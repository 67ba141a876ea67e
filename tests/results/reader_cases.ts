import assert from "node:assert/strict";
import { harvestFolder } from "../../lib/results/harvest.ts";
import { spec, withFolder } from "./support.ts";

/** What a reader makes of one file. */
export interface Case {
  name: string;
  content: string | Uint8Array;
  /** Metric → last value. */
  last: Record<string, unknown>;
  problems: (string | RegExp)[];
}

/** Harvests a folder with only this file, once for each case. */
export async function check(t: Deno.TestContext, file: string, cases: Case[]): Promise<void> {
  for (const { name, content, last, problems } of cases) {
    await t.step(name, () =>
      withFolder({ [file]: content }, (folder) => {
        const found = harvestFolder(folder, {}, spec());
        const lasts = Object.entries(found.metrics).map(([metric, value]) => [metric, value.last]);
        assert.deepEqual(Object.fromEntries(lasts), last);
        assert.equal(found.problems.length, problems.length, found.problems.join("\n"));
        problems.forEach((problem, at) =>
          typeof problem === "string"
            ? assert.equal(found.problems[at], problem)
            : assert.match(found.problems[at]!, problem)
        );
        assert.deepEqual(found.sources, [file]);
      }));
  }
}
