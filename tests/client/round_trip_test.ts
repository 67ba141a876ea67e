import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { jsonlReader } from "../../lib/results/readers/jsonl.ts";
import { RunFolder } from "../../lib/results/run_folder.ts";
import { withFolder } from "../results/support.ts";
import { EACH, Session } from "./session.ts";

type Value = number | string | boolean | null | { [name: string]: Value };
type Row = Record<string, Value>;

const { row } = fc.letrec<{ row: Row; value: Value }>((tie) => ({
  row: fc.dictionary(
    fc.string({ unit: "binary" }).filter((name) => name !== "step"),
    tie("value"),
    {
      minKeys: 1,
      maxKeys: 6,
    },
  ),
  value: fc.oneof(
    { maxDepth: 3 },
    fc.double().filter((value) => !Object.is(value, -0)),
    fc.constantFrom(NaN, Infinity, -Infinity),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.string({ unit: "binary" }),
    fc.boolean(),
    fc.constant(null),
    tie("row"),
  ),
}));

/** As the reader gives it: what is not finite is its name. */
function read(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, read(inner)]));
}

/** What is not finite, for JSON: Python and the driver for Deno make numbers of it again. */
function written(rows: Row[]): unknown {
  return JSON.parse(
    JSON.stringify(
      rows,
      (_, value) => typeof value === "number" && !Number.isFinite(value) ? `#${value}` : value,
    ),
  );
}

for (const client of EACH) {
  Deno.test(`${client.name}: any names and values come back from the reader`, () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 60 }),
        (rows) =>
          withFolder({}, async (at) => {
            await using session = new Session(client, at);
            const given = written(rows) as Row[];
            for (const [step, values] of given.entries()) await session.ask("log", step, values);
            equal(await session.end(), "");
            const path = join(at, "run", "metrics.jsonl");
            const found: unknown[] = [];
            const file = { path, name: "metrics.jsonl", patterns: {}, folder: new RunFolder(at) };
            const problems = jsonlReader.read(file, { row: (values) => found.push(values) });
            deepEqual(problems, []);
            deepEqual(
              found.map((values) => Object.fromEntries(Object.entries(values as Row).sort())),
              rows.map((values, step) =>
                Object.fromEntries(
                  Object.entries({ ...read(values) as Row, step }).sort(),
                )
              ),
            );
          }),
      ),
      { numRuns: 12, endOnFailure: true },
    ));
}
