import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../lib/core/errors.ts";
import { deviceHours } from "../../lib/results/device_hours.ts";
import { plotBars } from "../../lib/results/plots/bars.ts";
import { barsOf } from "../../lib/results/plots/bars_data.ts";
import { inkOn } from "../../lib/results/plots/colors.ts";
import { plotGpuHours } from "../../lib/results/plots/gpu_hours.ts";
import { plotHeatmap } from "../../lib/results/plots/heatmap.ts";
import { heatmapOf } from "../../lib/results/plots/heatmap_data.ts";
import { hoursBy } from "../../lib/results/plots/hours_data.ts";
import { labelWidth } from "../../lib/results/plots/labels.ts";
import { lineStyles } from "../../lib/results/plots/line_styles.ts";
import { plotImportance } from "../../lib/results/plots/importance.ts";
import { plotParallel } from "../../lib/results/plots/parallel.ts";
import { parallelOf } from "../../lib/results/plots/parallel_data.ts";
import { plotPareto } from "../../lib/results/plots/pareto.ts";
import { markFront } from "../../lib/results/plots/pareto_front.ts";
import { plotScatter } from "../../lib/results/plots/scatter.ts";
import { scatterOf } from "../../lib/results/plots/scatter_data.ts";
import { logBins } from "../../lib/results/plots/scatter_panel.ts";
import { unitAxis } from "../../lib/results/plots/unit_axis.ts";
import type { ResultRecord } from "../../lib/results/records.ts";
import { record } from "./support.ts";
import { assertWellFormed, select, wordsOf } from "./svg_support.ts";

/** 2 models × 3 learning rates × 3 seeds; acc rises with lr, one run diverged, one failed. */
function sweep(): ResultRecord[] {
  return ["r18", "r50"].flatMap((model, m) =>
    [0.1, 0.01, 0.001].flatMap((lr, l) =>
      [0, 1, 2].map((seed) =>
        record({ model, lr, seed }, {
          acc: 0.5 + m / 10 - l / 100 + seed / 1000,
          loss: 1 + m - l / 10,
        }, { run: 9 * m + 3 * l + seed })
      )
    )
  ).map((one, at) =>
    at === 0
      ? { ...one, metrics: { ...one.metrics, acc: { last: "NaN", source: "x" } } }
      : at === 17
      ? { ...one, state: "failed", metrics: {} }
      : one
  );
}

Deno.test("barsOf() takes means over runs and counts the others", () => {
  const { bars, labels, colors, caption } = barsOf(sweep(), {
    metric: "acc",
    x: ["lr"],
    color: "model",
  });
  assert.deepEqual(labels, ["0.001", "0.01", "0.1"], "numbers rise");
  assert.deepEqual(colors, ["r18", "r50"]);
  assert.equal(bars.length, 6);
  const first = bars.find(({ label, color }) => label === "0.1" && color === "r18")!;
  assert.deepEqual(first.values, [0.501, 0.502]);
  assert.ok(Math.abs(first.mean - 0.5015) < 1e-12);
  // 0.5015 ± 12.7062 · 0.0005: the 97.5% quantile of t with 1 degree of freedom
  assert.ok(Math.abs(first.low! - 0.4951469) < 1e-6 && Math.abs(first.high! - 0.5078531) < 1e-6);
  assert.match(
    caption.join(" · "),
    /n = 2 to 3 runs.*left out: 1 not completed, 1 NaN or infinite/,
  );
});

Deno.test("barsOf() says what a bar mixes, and refuses what is not there", async (t) => {
  await t.step(
    "mixed",
    () =>
      assert.match(barsOf(sweep(), { metric: "acc", x: ["model"] }).caption.join(), /different lr/),
  );
  await t.step(
    "unknown metric",
    () =>
      assert.throws(
        () => barsOf(sweep(), { metric: "acb" }),
        (error: UsageError) =>
          error instanceof UsageError && /did you mean "acc"/.test(error.hint ?? ""),
      ),
  );
  await t.step("nothing completed", () =>
    assert.throws(
      () => barsOf(sweep().map((one) => ({ ...one, state: "running" })), { metric: "acc" }),
      /no completed run has a finite value/,
    ));
});

Deno.test("heatmapOf() leaves fields without a value empty, never zero", () => {
  const records = sweep().filter(({ params }) => params.model === "r18" || params.lr !== 0.1);
  const { cells, xs, ys, caption } = heatmapOf(records, { metric: "acc", x: "lr", y: "model" });
  assert.deepEqual([xs, ys], [["0.001", "0.01", "0.1"], ["r18", "r50"]]);
  const empty = cells.filter(({ mean }) => mean === undefined);
  assert.deepEqual(empty, [{ x: "0.1", y: "r50", n: 0 }]);
  assert.match(caption.join(), /–: no value \(1 of 6 fields\)/);
});

Deno.test("markFront() finds what none dominates", async (t) => {
  const point = (x: number, y: number) => ({ params: {}, x, y, n: 1 });
  const cases = [
    ["min, max", ["min", "max"], [[1, 1], [2, 3], [3, 2], [2, 2]], [true, true, false, false]],
    ["min, min", ["min", "min"], [[1, 3], [2, 2], [3, 3]], [true, true, false]],
    ["max, max, equal points", ["max", "max"], [[1, 1], [1, 1], [0, 1]], [true, true, false]],
  ] as const;
  for (const [name, directions, points, front] of cases) {
    await t.step(name, () =>
      assert.deepEqual(
        markFront(points.map(([x, y]) => point(x, y)), directions).map((one) => one.front),
        front,
      ));
  }
  await t.step("agrees with the definition", () => {
    const points = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })),
    );
    fc.assert(fc.property(points, (all) => {
      const marked = markFront(all.map(([x, y]) => point(x, y)), ["min", "max"]);
      for (const { x, y, front } of marked) {
        const beaten = all.some(([a, b]) => a <= x && b >= y && (a < x || b > y));
        assert.equal(front, !beaten);
      }
    }));
  });
});

Deno.test("parallelOf() breaks the line of a run without a value", () => {
  const records = sweep();
  delete records[1]!.params.lr;
  const { axes, points, caption } = parallelOf(records, { metric: "acc" });
  assert.deepEqual(axes.map(({ name }) => name), ["model", "lr", "acc"]);
  assert.equal(axes[1]!.scale, "log");
  assert.equal(points.length, 16 * 3 - 1);
  assert.match(caption.join(), /gaps: 1 values/);
});

Deno.test("unitAxis() places values", async (t) => {
  const places = (values: Parameters<typeof unitAxis>[1]) => {
    const axis = unitAxis("a", values);
    return values.map((value) => axis.at(value));
  };
  await t.step("in proportion", () => assert.deepEqual(places([0, 5, 10]), [0, 0.5, 1]));
  await t.step("by logarithm", () => {
    const [low, middle, high] = places([0.001, 0.1, 10]) as number[];
    assert.deepEqual([low, high], [0, 1]);
    assert.ok(Math.abs(middle! - 0.5) < 1e-12);
  });
  await t.step(
    "choices, evenly",
    () => assert.deepEqual(places(["a", "b", true, undefined]), [0, 0.5, 1, undefined]),
  );
  await t.step("a single value", () => assert.deepEqual(places([3, 3]), [0.5, 0.5]));
});

Deno.test("scatterOf() draws many runs by lot, and says so", () => {
  const records = Array.from(
    { length: 5000 },
    (_, run) => record({ lr: run + 1 }, { acc: -run }, { run }),
  );
  const { points, axes, caption } = scatterOf(records, { fields: ["lr", "acc"] });
  assert.equal(points.length, 2000);
  assert.deepEqual(axes.map(({ type }) => type), ["log", "linear"]);
  assert.match(caption.join(), /2000 of 5000 runs, drawn by lot/);
});

Deno.test("deviceHours() counts what jobs asked for", async (t) => {
  const run = (more: Partial<ResultRecord>) => record({}, {}, { elapsed: 3600, ...more });
  const cases: [string, ResultRecord, "gpu" | "cpu", number | undefined][] = [
    ["GPUs of each node", run({ resources: { train: { gpus: 4, nodes: 2 } } }), "gpu", 8],
    ["none", run({ resources: { train: {} } }), "gpu", 0],
    [
      "options of sbatch",
      run({ resources: { train: { sbatch: ["--gres=gpu:2"] } } }),
      "gpu",
      undefined,
    ],
    [
      "stages",
      run({
        resources: { train: { gpus: 2 }, eval: { gpus: 1 }, sum: {} },
        stageElapsed: { train: 1800, eval: 3600 },
      }),
      "gpu",
      2,
    ],
    [
      "stages without times",
      run({ resources: { a: { gpus: 1 }, b: { gpus: 1 } } }),
      "gpu",
      undefined,
    ],
    ["no end", run({ elapsed: undefined, resources: { a: { gpus: 1 } } }), "gpu", undefined],
    [
      "CPUs",
      run({ resources: { a: { cpus_per_task: 4, ntasks_per_node: 2, nodes: 3 } } }),
      "cpu",
      24,
    ],
    ["CPUs that nobody named", run({ resources: { a: {} } }), "cpu", undefined],
    [
      "whole nodes",
      run({ resources: { a: { cpus_per_task: 1, exclusive: true } } }),
      "cpu",
      undefined,
    ],
  ];
  for (const [name, one, device, hours] of cases) {
    await t.step(name, () => assert.equal(deviceHours(one, device), hours));
  }
  await t.step("hoursBy() adds them up and tells the rest", () => {
    const records = [
      run({ resources: { a: { gpus: 2 } } }),
      run({ resources: { a: { gpus: 1 } }, state: "failed" }),
      run({ resources: { a: {} } }),
      run({}),
    ];
    const { parts, total, caption } = hoursBy(records, {});
    assert.equal(total, 3);
    assert.deepEqual(parts.map(({ label, hours }) => [label, hours]), [["completed", 2], [
      "failed",
      1,
    ]]);
    assert.match(caption.join(), /1 took none,left out: 1 whose/);
    assert.throws(() => hoursBy([run({})], {}), /of 1 run, 1 did not record what they took/);
  });
});

Deno.test("inkOn() is readable", () => {
  assert.deepEqual(["#440154", "#fde725", "rgb(33, 145, 140)"].map(inkOn), [
    "#fff",
    "#000",
    "#000",
  ]);
});

const WITH_HOURS = sweep().map((one) => ({
  ...one,
  elapsed: 3600,
  resources: { train: { gpus: 1 } },
}));

const KINDS: [string, (width: number) => Promise<string>, string, number][] = [
  [
    "bars",
    (width) => plotBars(sweep(), { metric: "acc", x: ["lr"], color: "model", width }),
    '[aria-label="bar"] rect',
    6,
  ],
  [
    "heatmap",
    (width) => plotHeatmap(sweep(), { metric: "acc", x: "lr", y: "model", width }),
    '[aria-label="cell"] rect',
    6,
  ],
  [
    "parallel",
    (width) => plotParallel(sweep(), { metric: "acc", width }),
    '[aria-label="line"] path',
    16,
  ],
  [
    "scatter, one panel",
    (width) => plotScatter(sweep(), { fields: ["lr", "acc"], width }),
    '[aria-label="dot"] circle',
    16,
  ],
  [
    "scatter, a matrix",
    (width) => plotScatter(sweep(), { fields: ["lr", "acc", "loss"], color: "model", width }),
    '[aria-label="dot"] circle',
    48,
  ],
  [
    "importance",
    (width) => plotImportance(sweep(), { metric: "acc", width }),
    '[aria-label="bar"] rect',
    2,
  ],
  [
    "pareto",
    (width) => plotPareto(sweep(), { x: "loss", y: "acc", width }),
    '[aria-label="dot"] circle',
    6,
  ],
  [
    "gpu-hours",
    (width) => plotGpuHours(WITH_HOURS, { x: "model", color: "state", width }),
    '[aria-label="bar"] rect',
    3,
  ],
];

for (const [name, draw, mark, count] of KINDS) {
  Deno.test(`plot ${name}: marks, n, and nothing outside of the picture`, async () => {
    for (const width of [321, 680]) {
      const svg = await draw(width);
      assertWellFormed(svg);
      assert.match(svg, new RegExp(`^<svg [^>]*width="${width}"`));
      assert.doesNotMatch(svg, /<style|url\(|href|<script|NaN,|undefined/);
      assert.equal(select(svg, mark).length, count, mark);
      assert.match(wordsOf(svg).join(" "), /n ?=|of \d+ runs/);
    }
  });
}

Deno.test("plots escape names and values", async () => {
  const hostile = "<b>&\"'\x00\x1b]]>";
  const records = [1, 2, 3, 4].map((value) =>
    record({ [hostile]: `${hostile}${value % 2}`, [`${hostile}2`]: value }, {
      [hostile]: value,
      [`${hostile}3`]: -value,
    })
  );
  const metric = `metrics.${hostile}`;
  const pictures = [
    await plotBars(records, {
      metric,
      x: [`params.${hostile}`],
      color: `${hostile}2`,
      title: hostile,
    }),
    await plotHeatmap(records, { metric, x: `params.${hostile}`, y: `${hostile}2` }),
    await plotParallel(records, { metric }),
    await plotScatter(records, { fields: [`params.${hostile}`, metric], color: `${hostile}2` }),
    await plotPareto(records, { x: metric, y: `${hostile}3`, title: hostile }),
    await plotImportance(records, { metric }),
  ];
  for (const svg of pictures) {
    assertWellFormed(svg);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(svg, /[\x00-\x08\x0b-\x1f]/);
  }
});

const HOSTILE = ["", "a\tb\nc\x1b[31m", "\u202eevil", `${"x".repeat(200)}1`, `${"x".repeat(200)}2`];

Deno.test("labels are one line each, tell values apart and turn nothing", () => {
  const labels = lineStyles(HOSTILE.map((model) => ({ model }))).map(({ label }) => label);
  assert.equal(new Set(labels).size, HOSTILE.length, labels.join("|"));
  assert.equal(labels[0], 'model=""');
  assert.ok(labels.every((label) => !/[\p{Cc}\p{Cf}]/u.test(label)), labels.join("|"));
  assert.ok(labels.every((label) => label.length < 40), labels.join("|"));
});

Deno.test("a heat map has room for tilted labels, and its caption is below them", async () => {
  const records = HOSTILE.flatMap((model, run) =>
    [1, 2].map((lr) => record({ model, lr }, { acc: run + lr }, { run: 2 * run + lr }))
  );
  const options = { metric: "acc", x: "model", y: "lr" };
  const svg = await plotHeatmap(records, options);
  const widest = Math.max(...heatmapOf(records, options).xs.map((text) => labelWidth(text)));
  const below = Number(/viewBox="0 0 \d+ (\d+)"/.exec(svg)![1]) - 2 * 34;
  assert.ok(below > widest * Math.sin(Math.PI / 3), `${below} ${widest}`);
});

Deno.test("bars of one run each claim no interval, and null is a choice", () => {
  const records = [null, true].map((flag, run) => record({ flag }, { acc: run }, { run }));
  assert.deepEqual(barsOf(records, { metric: "acc" }).caption, [
    "bar: mean, n = 1 run; dot: a run",
  ]);
  const { caption, points } = parallelOf(records, { metric: "acc" });
  assert.deepEqual([caption, points.length], [["a line: one of n = 2 runs"], 4]);
});

Deno.test("logBins() counts every number once, in parts of the same ratio", () => {
  const positive = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
  fc.assert(fc.property(fc.array(positive, { minLength: 2 }), (values) => {
    fc.pre(new Set(values).size > 1);
    const bins = logBins(values);
    assert.equal(bins.reduce((sum, { count }) => sum + count, 0), values.length);
    const ratios = bins.map(({ from, to }) => to / from);
    assert.ok(Math.max(...ratios) / Math.min(...ratios) < 1 + 1e-6);
  }));
  const counts = logBins([1, 1.1, 1.2, 1000]).map(({ count }) => count);
  assert.deepEqual(counts, [3, ...Array(10).fill(0), 1]);
});
