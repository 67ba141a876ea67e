import assert from "node:assert/strict";
import { harvestFolder, readCurve } from "../../lib/results/harvest.ts";
import type { Harvest } from "../../lib/results/harvest.ts";
import { fixture } from "./fixture.ts";
import { spec } from "./support.ts";

const LOSS = [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5].map((value, step) => ({ step, value }));
const ACCURACY = [0, 0.1, 0.2, 0.3, 0.4].map((value, step) => ({ step, value }));

/** The same where steps count from 1. */
function fromOne(points: typeof LOSS): typeof LOSS {
  return points.map(({ step, value }) => ({ step: step + 1, value }));
}

interface Written {
  library: string;
  formats: string[];
  /** Metric → last value. */
  last: Record<string, number>;
  /** Metrics that are there, whatever their values are. */
  also?: RegExp;
  curves: Record<string, { step: number; value: number }[]>;
  reported: Harvest["reported"];
  problems: RegExp[];
}

const WRITTEN: Written[] = [
  {
    library: "tensorboardX",
    formats: ["tensorboard"],
    last: {
      loss: 0.2,
      "val/acc": 0.4,
      "both/train/both": 0.5,
      "both/val/both": 0.25,
      "hp/acc": 0.4,
    },
    curves: { loss: LOSS, "val/acc": ACCURACY },
    reported: { lr: 0.1, optim: "adam", amp: true },
    problems: [],
  },
  {
    library: "tensorboard",
    formats: ["tensorboard"],
    last: { "train/epoch_loss": 0.2, "validation/epoch_loss": 1.2 },
    curves: { "train/epoch_loss": LOSS },
    reported: {},
    problems: [],
  },
  {
    library: "wandb",
    formats: ["wandb"],
    last: { loss: 0.2, "val.acc": 0.4, best_acc: 0.4 },
    curves: { loss: LOSS, "val.acc": ACCURACY },
    reported: { lr: 0.1, "optim.name": "adam", amp: true },
    problems: [],
  },
  {
    library: "mlflow-skinny",
    formats: ["mlflow"],
    last: { loss: 0.2, "val/acc": 0.4 },
    curves: { loss: LOSS, "val/acc": ACCURACY },
    reported: { lr: "0.1", "optim.name": "adam", amp: "True" },
    problems: [/is (a child|deleted)/, /is (a child|deleted)/],
  },
  {
    library: "hydra-core",
    formats: ["hydra"],
    last: {},
    curves: {},
    reported: { lr: 0.1, "optim.name": "adam", amp: true, layers: [64, 32], extra: "x" },
    problems: [],
  },
  {
    library: "torch",
    formats: ["tensorboard"],
    last: { loss: 0.2, "val/acc": 0.4, "hp/acc": 0.4 },
    curves: { loss: LOSS, "val/acc": ACCURACY },
    reported: { lr: 0.1, optim: "adam", amp: 1 }, // torch writes a boolean as a number
    problems: [],
  },
  {
    library: "transformers",
    formats: ["json", "trainer"],
    last: { loss: 0.2, eval_accuracy: 0.4, eval_loss: 1 / 6, train_loss: 137 / 300 },
    also: /^(epoch|grad_norm|learning_rate|total_flos|(train|eval)_(runtime|.*_per_second))$/,
    curves: { loss: fromOne(LOSS), eval_accuracy: fromOne(ACCURACY) },
    reported: {},
    problems: [],
  },
  {
    library: "lightning",
    formats: ["lightning"],
    last: { loss: 0.2, val_acc: 0.4 },
    curves: { loss: LOSS, val_acc: ACCURACY },
    reported: { lr: 0.1, "optim.name": "adam", amp: true },
    problems: [],
  },
];

for (const { library, formats, last, also, curves, reported, problems } of WRITTEN) {
  Deno.test(`harvestFolder() reads what ${library} wrote`, async (t) => {
    const folder = fixture(library);
    const found = harvestFolder(folder, {}, spec());
    await t.step("it finds the format by itself", () => assert.deepEqual(found.formats, formats));
    await t.step("last values", () => {
      const names = Object.keys(found.metrics).filter((name) => !also?.test(name));
      assert.deepEqual(names.sort(), Object.keys(last).sort());
      for (const [name, value] of Object.entries(last)) {
        assert.equal(Math.fround(found.metrics[name]!.last as number), Math.fround(value), name);
      }
    });
    await t.step("the parameters it names", () => assert.deepEqual(found.reported, reported));
    await t.step("what it left out", () => {
      assert.equal(found.problems.length, problems.length, found.problems.join("\n"));
      problems.forEach((problem, at) => assert.match(found.problems[at]!, problem));
    });
    for (const [metric, points] of Object.entries(curves)) {
      await t.step(`the curve of ${metric}`, () => {
        const curve = readCurve(folder, {}, spec(), metric)!;
        const round = points.map(({ step, value }) => ({ step, value: Math.fround(value) }));
        const read = curve.points.map(({ step, value }) => ({ step, value: Math.fround(value) }));
        assert.deepEqual(read, round);
      });
    }
  });
}

Deno.test("best values of a library's files have their step", () => {
  const { metrics } = harvestFolder(fixture("wandb"), {}, spec([], { loss: "max" }));
  assert.deepEqual([metrics.loss!.best, metrics.loss!.bestStep], [1, 0]);
  assert.deepEqual([metrics["val.acc"]!.best, metrics["val.acc"]!.bestStep], [0.4, 4]);
});
