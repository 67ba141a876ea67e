import assert from "node:assert/strict";
import { harvestFolder, readCurve } from "../../lib/results/harvest.ts";
import { spec, withFolder } from "./support.ts";

Deno.test("harvestFolder() looks for the default files, result.json first", async (t) => {
  await t.step("all three, each metric from the first that has it", () =>
    withFolder({
      "metrics.csv": "epoch,lr\n1,0.1\n",
      "metrics.jsonl": '{"epoch": 1, "acc": 0.95}\n{"epoch": 2, "acc": 0.9, "loss": 0.2}\n',
      "result.json": '{"acc": 0.9, "loss": 0.1}',
    }, (folder) => {
      assert.deepEqual(harvestFolder(folder, {}, spec()), {
        metrics: {
          acc: { last: 0.9, best: 0.95, bestStep: 1, direction: "max", source: "result.json" },
          loss: { last: 0.1, direction: "min", source: "result.json" },
          lr: { last: 0.1, best: 0.1, bestStep: 1, direction: "max", source: "metrics.csv" },
        },
        reported: {},
        sources: ["result.json", "metrics.jsonl", "metrics.csv"],
        formats: ["json", "jsonl", "csv"],
        files: ["result.json", "metrics.jsonl", "metrics.csv"],
        missing: [],
        problems: ["loss: 0.1 in result.json, 0.2 in metrics.jsonl; the first counts"],
      });
    }));
  await t.step("none", () =>
    withFolder({}, (folder) => {
      const { metrics, problems } = harvestFolder(folder, {}, spec());
      assert.deepEqual(metrics, {});
      assert.deepEqual(problems, [
        "no metrics: none of result.json, all_results.json, metrics.jsonl, metrics.csv, " +
        "metrics.tsv, trainer_state.json, version_*/metrics.csv, mlruns/*/*/meta.yaml, " +
        "wandb/offline-run-*/*.wandb, wandb-summary.json, events.out.tfevents.*, " +
        ".hydra/config.yaml is in the run's folder",
      ]);
    }));
  await t.step("no folder at all", () => {
    assert.equal(harvestFolder("/nonexistent/run", {}, spec()).problems.length, 1);
  });
});

Deno.test("harvestFolder() reads what is declared", async (t) => {
  const files = { "a.json": '{"acc": 0.9, "loss": 1}', "result.json": '{"never": 1}' };
  await t.step(
    "only that, and only the metrics that are named",
    () =>
      withFolder(files, (folder) => {
        const found = harvestFolder(folder, {}, spec([{ path: "a.json", metrics: ["acc", "f1"] }]));
        assert.deepEqual(Object.keys(found.metrics), ["acc"]);
        assert.deepEqual(found.problems, ["a.json: holds no f1"]);
      }),
  );
  await t.step(
    "a missing file is a problem when it is required",
    () =>
      withFolder(files, (folder) => {
        const declared = [{ path: "b.json", required: true }, { path: "c.json", required: false }];
        const { missing, problems } = harvestFolder(folder, {}, spec(declared));
        assert.deepEqual(missing, ["b.json"]);
        assert.deepEqual(problems, ["b.json: is required, but the run has no such file"]);
      }),
  );
  await t.step("a log that is not there", () =>
    withFolder({}, (folder) => {
      const file = { path: "stderr", format: "regex" as const, patterns: { a: "(a)" } };
      const logs = { stderr: `${folder}/none.err` };
      const { missing } = harvestFolder(folder, { logs }, spec([{ ...file, required: true }]));
      assert.deepEqual(missing, ["stderr"]);
    }));
  await t.step(
    "problems are one line each, whatever a file holds",
    () =>
      withFolder({ "m.csv": '"a\nb","a\nb"\n1,2\n' }, (folder) => {
        const { problems } = harvestFolder(folder, {}, spec([{ path: "m.csv", format: "csv" }]));
        assert.deepEqual(problems, ["m.csv: column a\\u{a}b is there twice; the first counts"]);
      }),
  );
});

Deno.test("harvestFolder() stays in the run's folder", async (t) => {
  const cases: [string, RegExp][] = [
    ["../outside.json", /^\.\.\/outside\.json: holds \.\./],
    ["sub/../../outside.json", /holds \.\./],
    ["/etc/hostname", /is absolute/],
    ["link.json", /is a link that leaves/],
    ["linked/outside.json", /is a link that leaves/],
    ["sibling.json", /is a link that leaves/],
    ["sub", /is not a plain file/],
    ["pipe", /is not a plain file/],
    ["", /is no path/],
  ];
  await withFolder({ "outside.json": '{"secret": 1}' }, async (parent) => {
    const folder = `${parent}/run`;
    Deno.mkdirSync(`${folder}/sub`, { recursive: true });
    Deno.mkdirSync(`${parent}/run-other`);
    Deno.writeTextFileSync(`${parent}/run-other/a.json`, '{"secret": 2}');
    Deno.writeTextFileSync(`${folder}/sub/inside.json`, '{"acc": 1}');
    Deno.symlinkSync("../outside.json", `${folder}/link.json`);
    Deno.symlinkSync("..", `${folder}/linked`);
    Deno.symlinkSync("../run-other/a.json", `${folder}/sibling.json`);
    Deno.symlinkSync("sub/inside.json", `${folder}/inside-link.json`);
    const made = new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).outputSync();
    assert.equal(made.code, 0);
    for (const [path, problem] of cases) {
      await t.step(`refuses ${JSON.stringify(path)}`, () => {
        const found = harvestFolder(folder, {}, spec([{ path, required: true }]));
        assert.deepEqual(found.metrics, {});
        assert.deepEqual(found.missing, [path]);
        assert.match(found.problems[0]!, problem);
      });
    }
    await t.step("a link that stays inside is read", () => {
      const found = harvestFolder(folder, {}, spec([{ path: "inside-link.json" }]));
      assert.deepEqual([found.metrics.acc?.last, found.problems], [1, []]);
    });
    await t.step("a default file that is a link outwards is refused", () => {
      Deno.symlinkSync("../outside.json", `${folder}/result.json`);
      const found = harvestFolder(folder, {}, spec());
      assert.deepEqual(found.metrics, {});
      assert.match(found.problems[0]!, /^result\.json: is a link that leaves/);
    });
  });
});

Deno.test("readCurve() gives steps in order", async (t) => {
  const read = (content: string, metric: string) => {
    let found: ReturnType<typeof readCurve>;
    return withFolder({ "metrics.jsonl": content }, (folder) => {
      found = readCurve(folder, {}, spec(), metric);
    }).then(() => found);
  };
  await t.step(
    "a restart overwrites the steps it repeats; NaN is left out and counted",
    async () => {
      const lines = [[1, 3], [2, 2], [3, NaN], [2, 1.5], [3, 1], [4, NaN]].map(([epoch, loss]) =>
        `{"epoch": ${epoch}, "train": {"loss": ${loss}}}\n`
      );
      assert.deepEqual(await read(lines.join(""), "train.loss"), {
        metric: "train.loss",
        stepKey: "epoch",
        points: [{ step: 1, value: 3 }, { step: 2, value: 1.5 }, { step: 3, value: 1 }],
        nonFinite: 1,
      });
    },
  );
  await t.step("without steps, rows that have the metric are counted", async () => {
    assert.deepEqual(await read('{"a": 5}\n{"b": 0}\n{"a": 6}\n', "a"), {
      metric: "a",
      stepKey: "row",
      points: [{ step: 1, value: 5 }, { step: 2, value: 6 }],
      nonFinite: 0,
    });
  });
  await t.step("a metric that is not there", async () => {
    assert.equal(await read('{"a": 5}\n', "b"), undefined);
  });
  await t.step(
    "a result that is no series",
    () =>
      withFolder({ "result.json": '{"a": 1}' }, (folder) => {
        assert.equal(readCurve(folder, {}, spec(), "a"), undefined);
      }),
  );
});
