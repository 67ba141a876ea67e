import { deepEqual, equal, throws } from "node:assert/strict";
import { join } from "node:path";
import { StorageError } from "../../lib/core/errors.ts";
import { SearchJournal, type SearchTerms, type Started } from "../../lib/search/journal.ts";
import { bestSoFar } from "../../lib/search/best.ts";
import { checkTerms, foldSearch, openTrials } from "../../lib/search/trials.ts";

const terms: SearchTerms = {
  metric: "loss",
  direction: "min",
  use: "last",
  sampler: "random",
  seed: 0,
  space: { lr: "uniform(0,1)" },
  fixed: "0123456789abcdef",
};
const started = (trial: number): Started => ({
  event: "started",
  trial,
  rung: 0,
  params: { lr: trial },
});

Deno.test("a journal that was cut anywhere is one that lacks its last line at most", () => {
  const folder = Deno.makeTempDirSync();
  const journal = new SearchJournal(folder);
  journal.begin(terms);
  journal.append(started(0));
  const whole = Deno.readFileSync(journal.path);
  journal.append(started(1));
  const all = Deno.readFileSync(journal.path);
  for (let length = whole.length; length < all.length; length++) {
    Deno.writeFileSync(journal.path, all.subarray(0, length));
    equal(journal.read().length, 2, `read after ${length} bytes`);
    journal.mend();
    deepEqual(Deno.readFileSync(journal.path), whole, `mended after ${length} bytes`);
    journal.append(started(1));
    deepEqual(Deno.readFileSync(journal.path), all);
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a line that is broken is said, with its place", async (t) => {
  const folder = Deno.makeTempDirSync();
  const path = join(folder, "journal.jsonl");
  const told = JSON.stringify({ event: "told", trial: 3, rung: 0, run: 0, value: 1 });
  const table: [string, string, RegExp][] = [
    ["cut off", '{"event":"begun"', /:2: it is no line of JSON$/],
    ["null", "null", /:2: it is no event of a search$/],
    ["of another kind", '{"event":"ended"}', /:2: it is no event of a search$/],
    ["a trial that nobody began", told, /:2: it tells of a trial that did not begin$/],
  ];
  for (const [name, line, problem] of table) {
    await t.step(name, () => {
      Deno.writeTextFileSync(path, `${JSON.stringify(started(0))}\n${line}\n{}\n`);
      throws(() => new SearchJournal(folder).read(), (error: Error) => {
        return error instanceof StorageError && problem.test(error.message);
      });
    });
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("checkTerms() names what is other than it was", () => {
  checkTerms("tune", terms, { ...terms });
  for (
    const [change, words] of [
      [{ metric: "acc" }, /its metric is not/],
      [{ space: { lr: "uniform(0,2)" } }, /its space is not/],
      [{ fixed: "other" }, /its command or its other parameters are not/],
      [{ asha: { param: "epochs", min: 1, max: 2, reduction: 2 } }, /its asha is not/],
    ] as const
  ) throws(() => checkTerms("tune", terms, { ...terms, ...change }), words);
});

Deno.test("foldSearch() knows which trials are open, and failure is no value", () => {
  const told = { event: "told", rung: 0 } as const;
  const state = foldSearch([
    { event: "begun", version: 1, terms },
    started(0),
    started(1),
    started(2),
    { ...told, trial: 1, run: 5, value: 0.5 },
    { ...told, trial: 0, run: 4, failed: "timeout" },
  ]);
  deepEqual(openTrials(state).map(({ trial }) => trial.number), [2]);
  deepEqual(bestSoFar(state.events, "min"), [{ trial: 1, rung: 0, run: 5, value: 0.5 }]);
});

Deno.test("bestSoFar() compares values of the highest rung only", () => {
  const told = (trial: number, rung: number, value: number) =>
    ({ event: "told", trial, rung, run: 10 * rung + trial, value }) as const;
  const events = [told(0, 0, 0.2), told(1, 0, 0.1), told(0, 1, 0.4), told(2, 0, 0)];
  deepEqual(bestSoFar(events, "min").map(({ value }) => value), [0.2, 0.1, 0.4, 0.4]);
  deepEqual(bestSoFar(events.slice(0, 2), "max").map(({ trial }) => trial), [0, 0]);
});
