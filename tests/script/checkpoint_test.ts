import { deepEqual, equal, throws } from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { checkpointRank, sortCheckpoints } from "../../lib/core/checkpoints.ts";
import { checkpointFunctions, checkpointGlob } from "../../lib/script/checkpoint.ts";
import { checkpointsOf } from "../../lib/store/checkpoints.ts";
import { Layout } from "../../lib/store/layout.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import { BASH } from "./harness.ts";

Deno.test("checkpointRank() reads epoch and step", async (t) => {
  const names: [string, epoch: number, step: number][] = [
    ["epoch=12-step=3000.ckpt", 12, 3000],
    ["epoch=9-val_loss=0.25.ckpt", 9, -1],
    ["ckpt_epoch_9.safetensors", 9, -1],
    ["Epoch009.pt", 9, -1],
    ["checkpoint-500", -1, 500],
    ["global_step1000", -1, 1000],
    ["model_12.pth", -1, 12],
    ["model_12_acc0.93.pth", -1, 12],
    ["best_0.93.pth", -1, -1],
    ["last.ckpt", -1, -1],
    ["epoch=1234567890123456.ckpt", -1, -1],
  ];
  for (const [name, epoch, step] of names) {
    await t.step(name, () => deepEqual(checkpointRank(name), { epoch, step }));
  }
});

Deno.test("sortCheckpoints() takes the newest, and nothing half-written", async (t) => {
  const cases: [string, string[], string | undefined][] = [
    [
      "the highest epoch, not the last one written",
      ["epoch=10.ckpt", "epoch=9.ckpt"],
      "epoch=10.ckpt",
    ],
    ["a number before a name without one", ["model_1.pth", "last.pth"], "model_1.pth"],
    ["else by time", ["b.pt", "a.pt"], "a.pt"],
    [
      "temporary ones are none",
      ["epoch=1.ckpt", "epoch=2.ckpt.tmp", ".epoch=3.ckpt"],
      "epoch=1.ckpt",
    ],
    ["other files are none", ["epoch=3.json"], undefined],
  ];
  for (const [name, names, newest] of cases) {
    await t.step(name, () => {
      const files = names.map((name, changed) => ({
        path: `/c/${name}`,
        name,
        folder: false,
        empty: false,
        changed,
      }));
      equal(sortCheckpoints(files, false)[0]?.name, newest);
    });
  }
});

Deno.test("checkpointGlob() refuses a folder that all runs share", () => {
  throws(() => checkpointGlob({ path: "/data/ckpt/" }), /all runs would share it/);
  equal(checkpointGlob({ path: "/d/{run.index}/m?.pt" }), `/d/"$EXPFLOW_RUN"/m?.pt`);
});

const word = fc.constantFrom(
  "epoch",
  "Epoch=",
  "step_",
  "iter",
  "model",
  "checkpoint-",
  "a b",
  "-",
  "0.9",
  "last",
  "_",
  "'",
);
const digits = fc.constantFrom("0", "1", "007", "12", "3000", "1234567890123456");
const suffix = fc.constantFrom(
  ".pt",
  ".PTH",
  ".ckpt",
  ".safetensors",
  ".tmp",
  ".ckpt.tmp",
  "~",
  "",
  ".json",
);
const name = fc.tuple(
  fc.constantFrom("", "", "", ".", "tmp-"),
  fc.array(fc.oneof(word, digits), { minLength: 1, maxLength: 5 }),
  suffix,
)
  .map(([start, parts, end]) => start + parts.join("") + end)
  .filter((name) => name !== "." && name !== "..");
const entry = fc.record({
  name,
  kind: fc.constantFrom("file", "file", "empty file", "folder", "empty folder"),
  changed: fc.integer({ min: 1_000_000_000, max: 1_000_000_002 }),
});
const folder = fc.uniqueArray(entry, { selector: ({ name }) => name.toLowerCase(), maxLength: 8 });
const PATHS = ["", "*", "m*/*.pt", "*e*", "?*_*"];

Deno.test("bash and TypeScript find the same checkpoint in the same folder", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(folder, { minLength: 30, maxLength: 30 }), async (folders) => {
      const root = Deno.makeTempDirSync();
      try {
        const layout = new Layout(join(root, "c*p 't'"));
        folders.forEach((entries, run) => makeFolder(layout.run("exp", run), entries));
        for (const path of PATHS) {
          const found = folders.map((_, run) =>
            checkpointsOf(layout, "exp", run, { path })[0]?.path ?? ""
          );
          deepEqual(await newestInBash(layout.runs("exp"), folders.length, path), found, path);
        }
      } finally {
        Deno.removeSync(root, { recursive: true });
      }
    }),
    { numRuns: 8 },
  );
});

interface Entry {
  name: string;
  kind: string;
  changed: number;
}

function makeFolder(path: string, entries: Entry[]): void {
  Deno.mkdirSync(path, { recursive: true });
  for (const { name, kind, changed } of entries) {
    const at = join(path, name);
    if (kind.endsWith("folder")) Deno.mkdirSync(at);
    if (kind === "folder") Deno.writeTextFileSync(join(at, "model_3.pt"), "x");
    if (kind.endsWith("file")) Deno.writeTextFileSync(at, kind === "file" ? "x" : "");
    Deno.utimeSync(at, changed, changed);
  }
}

async function newestInBash(runs: string, count: number, path: string): Promise<string[]> {
  const script = `set -euo pipefail
${checkpointFunctions({ path })}
for ((run = 0; run < ${count}; run++)); do
  EXPFLOW_RUN_DIR=$1/$run
  expflow_newest
  printf '\\0'
done`;
  const { code, stdout, stderr } = await denoRunner.run({
    argv: [BASH, "-c", script, "bash", runs],
    timeoutMs: 60_000,
  });
  equal(code, 0, stderr);
  return stdout.split("\0").slice(0, -1).map((found) => found.replace(/\/$/, ""));
}
