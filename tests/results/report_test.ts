import assert from "node:assert/strict";
import { changeText, diffSummary } from "../../lib/results/report/diff_summary.ts";
import { failuresHtml } from "../../lib/results/report/failures.ts";
import { figuresHtml, usualFigures } from "../../lib/results/report/figures.ts";
import { factList, folded, lineList, reportPage } from "../../lib/results/report/page.ts";
import { statisticsHtml } from "../../lib/results/report/statistics.ts";
import { scopeOf } from "../../lib/results/report/subset.ts";
import { record } from "./support.ts";

const HOSTILE = `<script>alert("1")</script>&'`;

Deno.test("every part of a report escapes what it is given", () => {
  const page = reportPage(HOSTILE, "", [{
    id: "a",
    title: HOSTILE,
    html: factList([[HOSTILE, HOSTILE]]) + lineList([HOSTILE]) + folded(HOSTILE, HOSTILE) +
      failuresHtml([{
        title: HOSTILE,
        certainty: "likely",
        runs: [1],
        common: [HOSTILE],
        evidence: [HOSTILE],
        remedy: HOSTILE,
      }]),
  }]);
  assert.doesNotMatch(page, /<script/);
  assert.equal(page.match(/&lt;script&gt;alert\(&quot;1&quot;\)/g)?.length, 13);
});

Deno.test("a report of hostile names has no script", async () => {
  const records = [1, 2, 3, 4].map((value) =>
    record({ [HOSTILE]: `${HOSTILE}${value % 2}`, b: value, seed: 0 }, { [HOSTILE]: value })
  );
  const scope = scopeOf(records)!;
  const html = statisticsHtml(scope, "t") + await figuresHtml(usualFigures(records, scope));
  assert.match(html, /<svg/);
  assert.doesNotMatch(html, /<script/);
});

Deno.test("diffSummary() counts lines by file", () => {
  const diff = [
    "diff --git a/train.py b/train.py",
    "index 1..2 100644",
    "--- a/train.py",
    "+++ b/train.py",
    "@@ -1,2 +1,3 @@",
    " import x",
    "-lr = 1",
    "+lr = 2",
    "+--- a dash",
    "diff --git a/logo.png b/logo.png",
    "GIT binary patch",
    'diff --git "a/a b.txt" "b/a b.txt"',
    "new file mode 100644",
    "--- /dev/null",
    "+++ b/a b.txt",
    "@@ -0,0 +1 @@",
    "+new",
  ].join("\n");
  assert.deepEqual(diffSummary(diff).map(changeText), [
    "train.py +2 −1",
    "logo.png (binary)",
    "a b.txt +1 −0",
  ]);
  assert.deepEqual(diffSummary(""), []);
});

Deno.test("scopeOf() keeps the best sets and the first, and says of how many", () => {
  const records = Array.from(
    { length: 200 },
    (_, lr) => [0, 1].map((seed) => record({ lr, seed }, { acc: lr + seed / 10, loss: 1 })),
  ).flat();
  const scope = scopeOf(records)!;
  assert.deepEqual(scope.sets, { all: 200, shown: 31 });
  assert.equal(scope.metric.name, "acc");
  assert.deepEqual(scope.baseline, { lr: 0 });
  assert.deepEqual(scope.ranked[0], { lr: 199 });
  assert.match(statisticsHtml(scope, "t"), /31 of 200 sets of parameters/);
  assert.throws(() => scopeOf(records, "acb"), /Cannot find "acb"/);
  assert.equal(scopeOf([record({}, {})]), undefined);
});

Deno.test("a report of 10,000 runs stays small", async () => {
  const records = Array.from(
    { length: 10_000 },
    (_, run) =>
      record({
        lr: run % 50,
        width: Math.floor(run / 50) % 50,
        depth: Math.floor(run / 2500),
        seed: run % 3,
      }, {
        acc: Math.sin(run),
      }, { run }),
  );
  const scope = scopeOf(records)!;
  const html = statisticsHtml(scope, "t") + await figuresHtml(usualFigures(records, scope));
  assert.ok(html.length < 2_000_000, `${html.length} letters`);
  const failures = Array.from({ length: 500 }, (_, run) => ({
    title: `failure ${run}`,
    certainty: "known",
    runs: Array.from({ length: 10_000 }, (_, at) => at),
    common: [],
    evidence: ["x".repeat(100_000)],
    remedy: "nothing",
  }));
  assert.ok(failuresHtml(failures).length < 50_000);
});

Deno.test("statistics of a report count what did not complete", () => {
  const records = [0, 1, 2, 3].map((run) =>
    record({ lr: run % 2, seed: run }, { acc: run }, { run })
  );
  records.push(record({ lr: 0, seed: 9 }, { acc: 9 }, { run: 9, state: "failed" }));
  const scope = scopeOf(records)!;
  assert.match(statisticsHtml(scope, "t"), /Runs that did not complete are in no number: 1</);
  assert.equal(scope.diverged, false);
});
