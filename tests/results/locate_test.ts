import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { HarvestFile } from "../../lib/core/experiment.ts";
import { registerArtifacts } from "../../lib/results/artifacts.ts";
import { harvestFolder, readCurves } from "../../lib/results/harvest.ts";
import { disagreements } from "../../lib/results/reported.ts";
import { RunFolder } from "../../lib/results/run_folder.ts";
import { fixture } from "./fixture.ts";
import { spec, withFolder } from "./support.ts";

Deno.test("a declared path may be a folder, or a pattern", async (t) => {
  await withFolder({}, async (folder) => {
    cpSync(fixture("tensorboard"), folder, { recursive: true });
    Deno.mkdirSync(join(folder, "fold1"));
    Deno.mkdirSync(join(folder, "fold2"));
    Deno.writeTextFileSync(join(folder, "fold1", "m.json"), '{"acc1": 1}');
    Deno.writeTextFileSync(join(folder, "fold2", "m.json"), '{"acc2": 2}');
    const cases: [Partial<HarvestFile>, string[], number][] = [
      [{ path: ".", format: "tensorboard" }, ["train/epoch_loss", "validation/epoch_loss"], 0],
      [{ path: "logs", format: "tensorboard" }, ["train/epoch_loss", "validation/epoch_loss"], 0],
      [{ path: "logs/train/", format: "tensorboard" }, ["epoch_loss"], 0],
      [{ path: "logs/*/events*", format: "tensorboard", metrics: ["train/epoch_loss"] }, [
        "train/epoch_loss",
      ], 1],
      [{ path: "fold*/m.json" }, ["acc1", "acc2"], 0],
      [{ path: "none*/m.json", required: true }, [], 1],
      [{ path: "fold1", format: "tensorboard", required: true }, [], 1],
      [{ path: ".", format: "mlflow", required: true }, [], 1],
      [{ path: "../x", format: "tensorboard", required: true }, [], 1],
    ];
    for (const [file, metrics, problems] of cases) {
      await t.step(JSON.stringify(file), () => {
        const found = harvestFolder(folder, {}, spec([file]));
        assert.deepEqual(Object.keys(found.metrics), metrics);
        assert.equal(found.problems.length, problems, found.problems.join("\n"));
        assert.equal(found.missing.length, file.required ? 1 : 0);
      });
    }
  });
});

Deno.test("no reader leaves the run's folder: exp1 never reads exp10", async (t) => {
  for (const library of ["tensorboardX", "wandb", "mlflow-skinny", "hydra-core", "lightning"]) {
    await t.step(library, () =>
      withFolder({}, (parent) => {
        cpSync(fixture(library), join(parent, "exp10"), { recursive: true });
        Deno.mkdirSync(join(parent, "exp1"));
        for (const { name } of Deno.readDirSync(join(parent, "exp10"))) {
          Deno.symlinkSync(join("..", "exp10", name), join(parent, "exp1", name));
        }
        const { metrics, reported } = harvestFolder(join(parent, "exp1"), {}, spec());
        assert.deepEqual([metrics, reported], [{}, {}]);
      }));
  }
  await t.step("a project reached through a link is read", () =>
    withFolder({}, (parent) => {
      Deno.mkdirSync(join(parent, "real"));
      Deno.writeTextFileSync(join(parent, "real", "result.json"), '{"acc": 1}');
      Deno.symlinkSync("real", join(parent, "link"));
      const { metrics, problems } = harvestFolder(join(parent, "link"), {}, spec());
      assert.deepEqual([metrics.acc?.last, problems], [1, []]);
    }));
  await t.step(
    "hparams.yaml beside, as a link outwards",
    () =>
      withFolder({ "secret.yaml": "password: x\n" }, (parent) => {
        const version = join(parent, "run", "version_0");
        Deno.mkdirSync(version, { recursive: true });
        Deno.writeTextFileSync(join(version, "metrics.csv"), "step,loss\n1,2\n");
        Deno.symlinkSync("../../secret.yaml", join(version, "hparams.yaml"));
        const { metrics, reported, problems } = harvestFolder(join(parent, "run"), {}, spec());
        assert.deepEqual([Object.keys(metrics), reported], [["loss"], {}]);
        assert.match(problems[0]!, /^version_0\/hparams\.yaml: is a link that leaves/);
      }),
  );
});

// As transformers documents TrainerState: the library itself needs torch, which is not had here.
Deno.test("trainerReader reads the log history of the last state", async () => {
  const state = (loss: number) =>
    JSON.stringify({
      best_metric: 0.4,
      global_step: 20,
      log_history: [
        { epoch: 1, learning_rate: 5e-5, loss: 2 * loss, step: 10 },
        { epoch: 2, loss, step: 20 },
        { epoch: 2, eval_loss: 0.4, step: 20 },
      ],
    });
  await withFolder({ "all_results.json": '{"epoch": 2.0, "eval_loss": 0.4}' }, (folder) => {
    for (const [step, loss] of [[9, 3], [10, 1]] as const) {
      Deno.mkdirSync(join(folder, `checkpoint-${step}`));
      Deno.writeTextFileSync(join(folder, `checkpoint-${step}`, "trainer_state.json"), state(loss));
    }
    const found = harvestFolder(folder, {}, spec());
    assert.deepEqual(found.formats, ["json", "trainer"]);
    assert.deepEqual(found.problems, []);
    assert.equal(found.metrics.loss!.last, 1);
    assert.equal(found.metrics.loss!.source, "checkpoint-10/trainer_state.json");
    assert.equal(found.metrics.eval_loss!.bestStep, 20);
    Deno.writeTextFileSync(join(folder, "trainer_state.json"), state(0.5));
    assert.equal(harvestFolder(folder, {}, spec()).metrics.loss!.last, 0.5);
    const metrics = readCurves(folder, {}, spec()).map(({ metric }) => metric);
    assert.deepEqual(metrics, ["learning_rate", "loss", "eval_loss"]);
  });
});

Deno.test("registerArtifacts() hashes what is small or declared", async () => {
  await withFolder({ "a.txt": "a", "params.json": "{}", "read.json": "{}" }, (folder) => {
    Deno.writeFileSync(join(folder, "model.pt"), new Uint8Array(1024 * 1024 + 1));
    const open = new RunFolder(folder);
    const { artifacts, problems } = registerArtifacts(open, ["read.json"], ["none/*"]);
    assert.deepEqual(
      artifacts.map((
        { path, bytes, checkpoint, sha256 },
      ) => [path, bytes, checkpoint ?? false, sha256?.length ?? 0]),
      [["a.txt", 1, false, 64], ["model.pt", 1048577, true, 0]],
    );
    assert.deepEqual(problems, [
      "none/*: is under harvest.artifacts, but the run has no such file",
    ]);
    const declared = registerArtifacts(open, [], ["*.pt"]).artifacts.at(-2);
    assert.equal(
      declared!.sha256,
      "2cb74edba754a81d121c9db6833704a8e7d417e5b13d1a19f4a52f007d644264",
    );
  });
});

Deno.test("disagreements() compares what both sides name", () => {
  const given = { lr: 0.1, amp: true, name: "a", layers: [1], other: 1, none: null };
  const same = { lr: "0.1", amp: "True", name: "a", layers: "[1]", none: "None", more: 5 };
  assert.deepEqual(disagreements(given, same), []);
  assert.deepEqual(disagreements(given, { lr: Math.fround(0.1), other: "1.0" }), []);
  assert.deepEqual(disagreements(given, { lr: 0.2, name: "b" }), [
    "lr: the run was given 0.1, the program's files say 0.2",
    "name: the run was given a, the program's files say b",
  ]);
});
