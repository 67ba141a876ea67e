import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../lib/core/errors.ts";
import { curveBand } from "../../lib/results/plots/curve_bands.ts";
import { lineStyles, MOST_LINES } from "../../lib/results/plots/line_styles.ts";
import { type CurveGroup, plotCurves } from "../../lib/results/plots/curves.ts";
import type { Curve } from "../../lib/results/series.ts";
import { assertWellFormed, select, wordsOf } from "./svg_support.ts";

function curve(values: number[], metric = "val_loss"): Curve {
  const points = values.map((value, at) => ({ step: at + 1, value }));
  return { metric, stepKey: "epoch", points, nonFinite: 0 };
}

const GROUPS: CurveGroup[] = ["softmax", "mlp"].flatMap((model) =>
  [0.1, 1].map((lr) => ({
    params: { model, lr, epochs: 3 },
    curves: [curve([3, 2, 1 / lr]), curve([4, 3, 2])],
  }))
);

Deno.test("plotCurves() draws a line and a band for each group", async () => {
  const svg = await plotCurves(GROUPS, { title: "Digits", yLabel: "loss (nats)" });
  assertWellFormed(svg);
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="680"/);
  assert.doesNotMatch(svg, /<style|class=|url\(|href|var\(|<script/);
  const lines = select(svg, '[aria-label="line"]');
  assert.deepEqual(
    lines.map((line) => [line.getAttribute("stroke"), line.getAttribute("stroke-dasharray")]),
    [["#0072B2", null], ["#D55E00", null], ["#0072B2", "6 3"], ["#D55E00", "6 3"]],
  );
  assert.equal(select(svg, '[aria-label="area"]').length, 4);
  const words = select(svg, "text").map((text) => text.textContent);
  for (const word of ["Digits", "epoch", "loss (nats)", "model=mlp, lr=0.1"]) {
    assert.ok(words.includes(word), word);
  }
  assert.ok(
    words.includes("line: mean, n = 2 runs; band: 95% confidence interval of the mean (t)"),
  );
  const [background] = select(svg, "rect");
  assert.equal(background?.getAttribute("fill"), "#fff");
});

Deno.test("plotCurves() puts values where they belong", async () => {
  const svg = await plotCurves([{ params: {}, curves: [curve([0, 5, 10])] }], {
    width: 400,
    height: 300,
  });
  const [path] = select(svg, '[aria-label="line"] path');
  const [a, b, c] = path!.getAttribute("d")!.slice(1).split("L").map((point) =>
    point.split(",").map(Number) as [number, number]
  );
  assert.ok(a![1] > b![1] && b![1] > c![1], "higher values are higher up");
  assert.ok(Math.abs((a![1] + c![1]) / 2 - b![1]) < 1e-6, "the axis is linear");
  assert.ok(Math.abs((a![0] + c![0]) / 2 - b![0]) < 1e-6);
  assert.equal(select(svg, '[aria-label="legend"]').length, 0);
  const words = select(svg, "text").map((text) => text.textContent);
  assert.ok(words.includes("val_loss") && words.includes("epoch"));
});

Deno.test("plotCurves() with a logarithmic axis labels powers of ten", async () => {
  const svg = await plotCurves([{ params: {}, curves: [curve([100, 1, 0.01, 0])] }], { log: true });
  const ticks = select(svg, '[aria-label="y-axis tick label"] text').map((text) =>
    text.textContent
  );
  assert.deepEqual(ticks.filter((tick) => tick !== ""), ["0.01", "0.1", "1", "10", "100"]);
});

Deno.test("plotCurves() counts what a logarithmic axis cannot show", async () => {
  const groups = [{ params: {}, curves: [curve([1, 0.5, 0]), curve([3, 9.5, 0])] }];
  const caption = wordsOf(await plotCurves(groups, { log: true })).join(" ");
  assert.match(caption, /left out: 1 means that are not positive/);
  assert.match(caption, /the band is cut at 2 steps where it reaches 0/);
});

Deno.test("plotCurves() tells which runs are not there", async () => {
  const diverged = { ...curve([1, 2]), nonFinite: 7 };
  const leftOut = { notCompleted: 3, missing: 2, nonFinite: 0 };
  const caption = wordsOf(await plotCurves([{ params: {}, curves: [diverged] }], { leftOut }));
  assert.match(caption.join(" "), /left out: 3 not completed, 2 without val_loss/);
  assert.match(caption.join(" "), /left out: 7 points that are NaN or infinite/);
});

Deno.test("plotCurves() escapes every label", async () => {
  const hostile = "<b>&\"'\x00\x1b]]>";
  const groups = [1, 2].map((value) => ({
    params: { [hostile]: `${hostile}${value}` },
    curves: [curve([1, 2], hostile)],
  }));
  const svg = await plotCurves(groups, { title: hostile });
  assertWellFormed(svg);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(svg, /[\x00-\x08\x0b-\x1f]/);
  assert.match(svg, /&lt;b&gt;&amp;&quot;/);
});

Deno.test("plotCurves() refuses what it cannot show", async (t) => {
  await t.step(
    "nothing to draw",
    () => assert.rejects(plotCurves([{ params: {}, curves: [curve([])] }]), UsageError),
  );
  await t.step("no groups", () => assert.rejects(plotCurves([]), UsageError));
  await t.step("too many lines", () => {
    const groups = Array.from({ length: MOST_LINES + 1 }, (_, a) => ({
      params: { a },
      curves: [curve([1, 2])],
    }));
    return assert.rejects(plotCurves(groups), /22 groups, at most 21/);
  });
});

Deno.test("lineStyles() gives each group a look of its own", async (t) => {
  const look = (groups: Parameters<typeof lineStyles>[0]) =>
    new Set(lineStyles(groups).map(({ color, dash }) => `${color} ${dash}`)).size;
  await t.step(
    "one parameter",
    () => assert.equal(look(Array.from({ length: MOST_LINES }, (_, a) => ({ a }))), MOST_LINES),
  );
  await t.step(
    "two parameters, crossed",
    () =>
      assert.equal(
        look([1, 2, 3].flatMap((a) => [1, 2, 3, 4, 5, 6, 7].map((b) => ({ a, b })))),
        21,
      ),
  );
  await t.step(
    "two parameters, too many to cross",
    () => assert.equal(look([1, 2, 3, 4].flatMap((a) => [1, 2, 3, 4].map((b) => ({ a, b })))), 16),
  );
  await t.step(
    "the same point in two experiments",
    () => assert.equal(look([{ a: 1 }, { a: 1 }]), 2),
  );
});

Deno.test("curveBand() agrees with numbers worked out by hand", async (t) => {
  const curves = [curve([1, 10]), curve([2, 20]), curve([6])];
  await t.step("lowest to highest", () =>
    assert.deepEqual(curveBand(curves, "minmax"), [
      { step: 1, mean: 3, low: 1, high: 6, n: 3 },
      { step: 2, mean: 15, low: 10, high: 20, n: 2 },
    ]));
  await t.step("confidence interval of the mean", () => {
    // 3 ± 4.302653 · √(7 / 3): the 97.5% quantile of t with 2 degrees of freedom
    const [first] = curveBand(curves, "ci");
    assert.ok(Math.abs(first!.low - -3.572413) < 1e-5 && Math.abs(first!.high - 9.572413) < 1e-5);
    const [alone] = curveBand([curve([5])], "ci");
    assert.deepEqual([alone!.low, alone!.high], [5, 5]);
  });
  await t.step("steps that only one has are between its neighbours in the other", () => {
    const sparse = { ...curve([]), points: [{ step: 1, value: 0 }, { step: 3, value: 4 }] };
    assert.equal(curveBand([sparse, curve([0, 0, 0])], "ci")[1]!.mean, 1);
  });
  await t.step("standard deviation", () => {
    // deviations of 1, 2, 6 from 3: 4 + 1 + 9 = 14; 14 / 2 = 7
    const [first] = curveBand(curves, "std");
    assert.ok(Math.abs(first!.high - (3 + Math.sqrt(7))) < 1e-12);
    assert.ok(Math.abs(first!.low - (3 - Math.sqrt(7))) < 1e-12);
  });
  await t.step("the mean lies in the band, steps rise", () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 8 });
    fc.assert(fc.property(fc.array(values, { maxLength: 5 }), (all) => {
      const band = curveBand(all.map((one) => curve(one)), "minmax");
      assert.deepEqual(band.map(({ step }) => step), band.map((_, at) => at + 1));
      for (const { low, mean, high } of band) assert.ok(low - 1e-6 <= mean && mean <= high + 1e-6);
    }));
  });
});
