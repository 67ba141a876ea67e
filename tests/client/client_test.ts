import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { sortCheckpoints } from "../../lib/core/checkpoints.ts";
import { registerArtifacts } from "../../lib/results/artifacts.ts";
import { harvestFolder, readCurve } from "../../lib/results/harvest.ts";
import { RunFolder } from "../../lib/results/run_folder.ts";
import { spec, withFolder } from "../results/support.ts";
import { EACH, EVERY, rowsOf, Session } from "./session.ts";

for (const client of EVERY) {
  Deno.test(`${client.name}: what a run logs and keeps is harvested`, () =>
    withFolder({ "params.json": '{"lr":0.5,"optim":{"name":"sgd"}}', "a.txt": "a" }, async (at) => {
      const run = join(at, "run");
      await using session = new Session(client, at, {
        EXPFLOW_PARAMS: join(at, "params.json"),
        EXPFLOW_CHECKPOINTS: join(run, "ckpt"),
      });
      const given = { lr: 0.5, optim: { name: "sgd" }, epochs: 3 };
      deepEqual(await session.ask("params", { lr: 0.1, epochs: 3 }), given);
      equal(await session.ask("latest"), null);
      for (const step of [1, 2, 3]) {
        await session.ask("log", step, { loss: 1 / step, val: { "acc/top1": step }, done: false });
        await session.ask("save", { epoch: step, step: step * 100 }, `${step}`);
      }
      equal(await session.ask("latest"), join(run, "ckpt", "epoch=3-step=300.ckpt"));
      equal(await session.ask("path", { name: "best.pt" }), join(run, "ckpt", "best.pt"));
      equal(
        await session.ask("artifact", "a.txt", "texts/b.txt"),
        join(run, "artifacts/texts/b.txt"),
      );
      equal(await session.ask("artifact", "run/ckpt"), join(run, "artifacts", "ckpt"));
      equal(await session.ask("stop"), false);
      equal(await session.end(), "");
      deepEqual(session.printed, []);
      const { metrics, problems, sources } = harvestFolder(run, {}, spec());
      deepEqual([problems, sources], [[], ["metrics.jsonl"]]);
      deepEqual(Object.keys(metrics).sort(), ["done", "loss", "val.acc/top1"]);
      deepEqual(metrics.loss, {
        last: 1 / 3,
        best: 1 / 3,
        bestStep: 3,
        direction: "min",
        source: "metrics.jsonl",
      });
      const { artifacts } = registerArtifacts(new RunFolder(run), ["metrics.jsonl"], []);
      deepEqual(artifacts.map(({ path, checkpoint }) => [path, checkpoint ?? false]), [
        ...[1, 2, 3].map((step) => [`artifacts/ckpt/epoch=${step}-step=${step}00.ckpt`, true]),
        ["artifacts/texts/b.txt", false],
        ...[1, 2, 3].map((step) => [`ckpt/epoch=${step}-step=${step}00.ckpt`, true]),
      ]);
    }));

  Deno.test(`${client.name}: nothing is raised into the training`, async (t) => {
    await t.step(
      "values that are no metrics are left out, and said",
      () =>
        withFolder({}, async (at) => {
          await using session = new Session(client, at);
          await session.ask("odd");
          await session.ask("odd");
          const err = await session.end();
          const rows = rowsOf(join(at, "run", "metrics.jsonl"));
          deepEqual(rows.slice(0, 1), [{ step: 1, a: 0.5, b: 2, e: 1 }]);
          ok(rows.some(({ step, i }) => step === 2 && i === true), JSON.stringify(rows));
          for (const name of ["c", "d", "f", "g"]) {
            const said = err.split("\n").filter((line) =>
              line.includes(`metric ${client.language === "python" ? `'${name}'` : name} is left`)
            );
            equal(said.length, 1, err);
          }
        }),
    );
    await t.step("a folder that is not there", () =>
      withFolder({}, async (at) => {
        await using session = new Session(client, at, {
          EXPFLOW_RUN_DIR: "/proc/nowhere",
          EXPFLOW_PARAMS: "/proc/nowhere/params.json",
        });
        deepEqual(await session.ask("params", { lr: 1 }), { lr: 1 });
        for (const step of [1, 2]) await session.ask("log", step, { loss: 1 });
        await session.ask("save", { step: 1 }, "x");
        equal(await session.ask("artifact", "nothing"), null);
        equal(await session.ask("artifact", "driver", "../out"), null);
        equal(await session.ask("latest"), null);
        equal(await session.ask("stop"), false);
        const err = await session.end();
        equal(err.match(/cannot write \/proc\/nowhere\/metrics.jsonl, rows wait/g)?.length, 1, err);
        match(err, /cannot save \/proc\/nowhere\/checkpoints\/step=1.ckpt/);
        match(err, /rows are lost/);
      }));
    await t.step(
      "outside a run it prints, and writes checkpoints here",
      () =>
        withFolder({}, async (at) => {
          await using session = new Session(client, at, { EXPFLOW_RUN_DIR: "" });
          deepEqual(await session.ask("params", {}), {});
          await session.ask("log", 3, { loss: 0.5 });
          await session.ask("save", { epoch: 1 }, "x");
          equal(await session.ask("latest"), null);
          equal(await session.ask("artifact", "driver"), null);
          equal(await session.ask("stop"), false);
          equal(await session.end(), "");
          deepEqual(session.printed, ["step=3  loss=0.5"]);
          ok(existsSync(join(at, "checkpoints", "epoch=1.ckpt")));
          ok(!existsSync(join(at, "run", "metrics.jsonl")));
        }),
    );
    await t.step("but what the program does wrong is", () =>
      withFolder({}, async (at) => {
        await using session = new Session(client, at);
        const answer = await session.try("save", { step: 1 }, "x", "fault");
        match(JSON.stringify(answer), /raised.*of the program/);
        deepEqual([...Deno.readDirSync(join(at, "run", "checkpoints"))], []);
        await session.end();
      }));
  });
}

for (const client of EACH) {
  const TORN: [name: string, before: string, kept: number][] = [
    ["no file", "", 0],
    ["a whole last line", '{"step":1,"loss":1}\n', 1],
    ["a line without its end", '{"step":1,"loss":1}', 1],
    ["half a line", '{"step":1,"loss":1}\n{"step":2,"lo', 1],
    ["half a line and nothing else", '{"st', 0],
    ["NULs of a crash", `{"step":1,"loss":1}\n${"\0".repeat(5000)}`, 1],
    ["a long half line", `{"step":1,"loss":1}\n{"text":"${"é".repeat(200_000)}`, 1],
  ];
  Deno.test(`${client.name}: an attempt goes on in the file of the one before`, async (t) => {
    for (const [name, before, kept] of TORN) {
      await t.step(name, () =>
        withFolder({}, async (at) => {
          const path = join(at, "run", "metrics.jsonl");
          Deno.mkdirSync(join(at, "run"));
          if (name !== "no file") Deno.writeTextFileSync(path, before);
          await using session = new Session(client, at);
          await session.ask("log", 2, { loss: 2 });
          equal(await session.end(), "");
          deepEqual(rowsOf(path), [
            ...kept ? [{ step: 1, loss: 1 }] : [],
            { step: 2, loss: 2 },
          ]);
          deepEqual(harvestFolder(join(at, "run"), {}, spec()).problems, []);
        }));
    }
    await t.step(
      "a step that is logged again counts once, the last",
      () =>
        withFolder({}, async (at) => {
          for (const [step, loss] of [[1, 9], [2, 8], [2, 7], [3, 6]]) {
            await using session = new Session(client, at);
            await session.ask("log", step, { loss });
            await session.end();
          }
          deepEqual(readCurve(join(at, "run"), {}, spec(), "loss")?.points, [
            { step: 1, value: 9 },
            { step: 2, value: 7 },
            { step: 3, value: 6 },
          ]);
        }),
    );
  });

  Deno.test(`${client.name}: killed while it writes, no row is torn and the next goes on`, () =>
    withFolder({}, async (at) => {
      const path = join(at, "run", "metrics.jsonl");
      const text = "x".repeat(300_000);
      for (const attempt of [1, 2, 3, 4]) {
        await using session = new Session(client, at, { EXPFLOW_ATTEMPT: `${attempt}` });
        await session.ask("log", { began: attempt });
        for (let step = 0; step < 40; step++) await session.tell("log", step, { text });
        await new Promise((resolve) => setTimeout(resolve, 5 * attempt));
        await session.kill();
      }
      await using session = new Session(client, at);
      await session.ask("log", { began: 5 });
      await session.end();
      const rows = rowsOf(path);
      deepEqual(rows.flatMap(({ began }) => began ?? []), [1, 2, 3, 4, 5]);
      ok(rows.every((row) => row.text === undefined || row.text === text));
    }));

  Deno.test(`${client.name}: ranks have files of their own; two writers do not mix lines`, () =>
    withFolder({}, async (at) => {
      const ranks: [Record<string, string>, string][] = [
        [{ RANK: "0", SLURM_PROCID: "0" }, "metrics.jsonl"],
        [{ RANK: "3", LOCAL_RANK: "1" }, "metrics.rank3.jsonl"],
        [{ SLURM_PROCID: "2" }, "metrics.rank2.jsonl"],
        [{ OMPI_COMM_WORLD_RANK: "4", SLURM_PROCID: "0" }, "metrics.rank4.jsonl"],
        [{ SLURM_PROCID: "0", LOCAL_RANK: "1" }, "metrics.rank1.jsonl"],
        [{ RANK: "none" }, "metrics.jsonl"],
      ];
      const count = 300;
      await Promise.all(ranks.map(async ([env], writer) => {
        await using session = new Session(client, at, env);
        for (let step = 0; step < count; step++) await session.ask("log", step, { writer });
        equal(await session.end(), "");
      }));
      const files = new Set(ranks.map(([, file]) => file));
      for (const file of files) {
        const writers = ranks.flatMap(([, name], writer) => name === file ? [writer] : []);
        const rows = rowsOf(join(at, "run", file));
        for (const writer of writers) {
          const own = rows.filter((row) => row.writer === writer).map(({ step }) => step);
          deepEqual(own, Array.from({ length: count }, (_, step) => step), file);
        }
        equal(rows.length, count * writers.length);
      }
      deepEqual(harvestFolder(join(at, "run"), {}, spec()).sources, ["metrics.jsonl"]);
    }));

  Deno.test(`${client.name}: the newest checkpoint is the one that resume finds`, () =>
    withFolder({}, async (at) => {
      const folder = join(at, "run", "checkpoints");
      Deno.mkdirSync(folder, { recursive: true });
      await using session = new Session(client, at);
      const names = ["step=9.ckpt", "step=10.ckpt", "epoch=1.pt", "epoch=1-step=5.ckpt"];
      names.push(
        "Epoch_2.pth",
        "tmp-epoch=9.ckpt",
        ".epoch=9.ckpt",
        "epoch=9.ckpt.tmp",
        "notes.txt",
      );
      names.push("epoch=3-val_loss=0.5.safetensors", "epoch=12-step=3000.ckpt");
      const seen = [];
      for (const [at, name] of names.entries()) {
        const path = join(folder, name);
        Deno.writeTextFileSync(path, "x");
        Deno.utimeSync(path, 1000 - at, 1000 - at);
        seen.push({ path, name, folder: false, empty: false, changed: 1000 - at });
        equal(await session.ask("latest"), sortCheckpoints(seen, false)[0]!.path, name);
      }
      await session.ask("save", { epoch: 13 }, "x", "folder");
      equal(await session.ask("latest"), join(folder, "epoch=13.ckpt"));
      await session.ask("save", { epoch: 13 }, "y", "folder");
      equal(Deno.readTextFileSync(join(folder, "epoch=13.ckpt", "weights")), "y");
      Deno.writeTextFileSync(join(folder, ".tmp~train~1~99~epoch=14.ckpt"), "half");
      await session.end();
      await using next = new Session(client, at, {
        EXPFLOW_ATTEMPT: "2",
        EXPFLOW_CHECKPOINT: join(folder, "model_99.pth"),
      });
      await next.ask("save", { epoch: 14 }, "x");
      equal(await next.ask("latest"), join(folder, "epoch=14.ckpt"));
      ok(!existsSync(join(folder, ".tmp~train~1~99~epoch=14.ckpt")), "left by a killed attempt");
      await next.end();
    }));

  Deno.test(`${client.name}: should_stop() hears the warning that was set, and TERM`, async (t) => {
    for (
      const [signal, env] of [
        ["SIGUSR1", {}],
        ["SIGUSR2", { EXPFLOW_WARNING: "USR2" }],
        ["SIGTERM", {}],
      ] as const
    ) {
      await t.step(signal, () =>
        withFolder({}, async (at) => {
          await using session = new Session(client, at, env);
          equal(await session.ask("stop"), false);
          Deno.kill(session.pid, signal);
          for (let tries = 0; await session.ask("stop") === false; tries++) {
            ok(tries < 500, "not heard");
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
          equal(await session.end(), "");
        }));
    }
  });
}
