import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";
import { experimentFolders, listing } from "./trees.ts";

const CHECKPOINTS = `command: |
  for n in 1 2 3 4; do echo $n > {run.dir}/epoch_$n.pt; done
  echo 0 > {run.dir}/final.pt
  echo 1 > {run.dir}/model_best_2.pt
  ln -s epoch_1.pt {run.dir}/first
args: none
checkpoint: .
sweep: { grid: { x: [1, 2] } }
`;

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

async function waste(box: Sandbox, cwd: string, ...args: string[]): Promise<string[]> {
  const { out } = await box.ok(["prune", ...args, "--json"], { cwd });
  return JSON.parse(out).waste.map(({ path }: { path: string }) => path.replace(`${cwd}/`, ""))
    .sort();
}

Deno.test("prune: a dry run says what --yes removes: old checkpoints, replaced attempts, spent scripts", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const outside = join(box.root, "outside");
  Deno.mkdirSync(outside);
  Deno.writeTextFileSync(join(outside, "epoch_0.pt"), "precious");
  writeExperiment(cwd, "exp", CHECKPOINTS);
  await box.ok(["submit", "exp", "--wait"], { cwd });
  const run = join(cwd, "experiments", "runs", "exp", "0");
  Deno.symlinkSync(join(outside, "epoch_0.pt"), join(run, "epoch_0.pt"));
  const before = listing(cwd, experimentFolders(cwd, "exp"));
  const { out, err } = await box.ok(["prune"], { cwd });
  match(out, /^dry run: nothing was removed; --yes frees 8 B and 4 inodes$/m);
  match(err, /^next: expflow prune --yes$/m);
  deepEqual(listing(cwd, experimentFolders(cwd, "exp")), before);
  const dry = await waste(box, cwd);
  deepEqual(
    dry,
    [0, 1].flatMap((index) =>
      [2, 3].map((epoch) => `experiments/runs/exp/${index}/epoch_${epoch}.pt`)
    ),
  );
  deepEqual(await waste(box, cwd, "--keep", "2"), dry.filter((path) => path.includes("epoch_2")));
  await box.ok(["pin", "exp/1"], { cwd });
  deepEqual(await waste(box, cwd, "exp", "--yes"), dry.slice(0, 2));
  deepEqual(namesIn(run).filter((name) => /pt$|first/.test(name)), [
    "epoch_0.pt",
    "epoch_1.pt",
    "epoch_4.pt",
    "final.pt",
    "first",
    "model_best_2.pt",
  ]);
  equal(Deno.readTextFileSync(join(outside, "epoch_0.pt")), "precious");
  deepEqual(await waste(box, cwd), []);
  await box.ok(["unpin", "exp"], { cwd });
  deepEqual(await waste(box, cwd, "--yes"), dry.slice(2));
  await box.ok(["submit", "exp", "--force", "--wait"], { cwd });
  Deno.renameSync(join(cwd, "experiments", "runs", "exp", ".previous"), join(outside, "previous"));
  Deno.symlinkSync(join(outside, "previous"), join(cwd, "experiments", "runs", "exp", ".previous"));
  const again = await waste(box, cwd, "--yes");
  deepEqual(again, [...dry, "generated_scripts/exp/001/train.0.sbatch"]);
  equal(namesIn(join(outside, "previous")).length, 2);
  deepEqual(namesIn(join(cwd, "generated_scripts", "exp", "001")), [
    "manifest.sha256",
    "plan.json",
    "runs.jsonl",
  ]);
  const { runs } = await statusOf(box, cwd, "exp");
  deepEqual(runs.map(({ state }: { state: string }) => state), ["completed", "completed"]);
});

Deno.test("prune: what runs or waits is left alone, and the best by a harvested metric", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "live",
    "command: 'for n in 1 2 3; do echo $n > {run.dir}/epoch_$n.pt; done; sleep 60'\nargs: none\ncheckpoint: .\n",
  );
  await box.ok(["submit", "live"], { cwd });
  for (let tries = 0; (await statusOf(box, cwd, "live")).counts.running !== 1; tries++) {
    ok(tries < 100);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  deepEqual(await waste(box, cwd, "live", "--yes"), []);
  match((await box.ok(["prune", "live", "-a"], { cwd })).err, /kept: .*runs\/live\/0: running/);
  await box.ok(["cancel", "live"], { cwd });
  writeExperiment(
    cwd,
    "curve",
    `command: |
  for n in 1 2 3 4; do
    echo $n > {run.dir}/checkpoint_$n.pt
    echo "{\\"step\\": $n, \\"val_loss\\": $(( (n - 2) * (n - 2) ))}" >> {run.dir}/metrics.jsonl
  done
args: none
checkpoint: .
harvest: metrics.jsonl
`,
  );
  await box.ok(["submit", "curve", "--wait"], { cwd });
  await box.ok(["harvest", "curve"], { cwd });
  const folder = "experiments/runs/curve/0";
  deepEqual(await waste(box, cwd, "curve", "--yes"), [
    `${folder}/checkpoint_1.pt`,
    `${folder}/checkpoint_3.pt`,
  ]);
});
