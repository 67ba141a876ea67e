import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { syncOf } from "../../lib/config/sync_block.ts";
import { scan } from "../../lib/sync/source.ts";
import { writeFiles } from "./projects.ts";

type Block = Parameters<typeof syncOf>[0];

function scanned(project: string, block: object, now = Date.now()) {
  const { one } = syncOf({ one: { to: "/x", ...block } } as Block);
  const { files, young, left } = scan(project, one!, now);
  const names = (list: { path: string }[]) => list.map(({ path }) => path).sort();
  return { files: names(files), young: names(young), left: names(left) };
}

Deno.test("scan() takes what from:, include: and exclude: say", async (t) => {
  const parent = Deno.realPathSync(Deno.makeTempDirSync());
  const project = join(parent, "project");
  const node = join(parent, "local disk");
  const runs = "experiments/runs/e";
  writeFiles(project, {
    [`${runs}/0/metrics.jsonl`]: "",
    [`${runs}/0/ckpt/a.pt`]: "",
    [`${runs}/0/wandb/run/a.pt`]: "",
    "experiments/results/e.jsonl": "",
    "train.py": "",
    ".expflow/x": "",
    ".hpc_config.yaml": "",
  });
  writeFiles(node, { "out/1": "" });
  Deno.symlinkSync(node, join(project, "experiments/link"));
  Deno.symlinkSync("../results", join(project, "experiments/runs/results"));
  const metrics = `${runs}/0/metrics.jsonl`;
  const pt = `${runs}/0/ckpt/a.pt`;
  const wandb = `${runs}/0/wandb/run/a.pt`;
  const result = "experiments/results/e.jsonl";
  const cases: [string, object, string[]][] = [
    ["nothing said", {}, [result, pt, metrics, wandb]],
    ["a name", { exclude: "*.pt" }, [result, metrics]],
    ["a folder", { exclude: "wandb/" }, [result, pt, metrics]],
    ["a path", { exclude: "experiments/runs/*/0/ckpt" }, [result, metrics, wandb]],
    ["only a name", { include: ["*.jsonl"] }, [result, metrics]],
    ["only a folder", { include: ["ckpt/"] }, [pt]],
    ["only some of it", { include: ["*.pt"], exclude: ["wandb"] }, [pt]],
    ["a folder of the project", { from: "experiments/results/" }, [result]],
    ["the project", { from: ".", include: "*.py" }, ["train.py"]],
    ["a folder outside", { from: `${node}/` }, ["local disk/out/1"]],
    ["several", { from: ["experiments/results", node] }, [result, "local disk/out/1"]],
  ];
  for (const [name, block, expected] of cases) {
    await t.step(name, () => deepEqual(scanned(project, block).files, expected.sort()));
  }
  await t.step("a link that leads out of the project is not followed", () => {
    const { files, left } = scanned(project, { from: "experiments/link" });
    deepEqual([files, left], [[], ["experiments/link"]]);
  });
  await t.step("a link to another folder is not followed", () => {
    deepEqual(scanned(project, { from: "experiments/runs" }).left, ["experiments/runs/results"]);
  });
  await t.step("what changed a moment ago waits, unless it grows by lines", () => {
    const at = Deno.statSync(join(project, pt)).mtime!.getTime();
    const seen = (now: number) => scanned(project, { from: "experiments/runs" }, now);
    deepEqual(seen(at + 9_000), {
      files: [metrics],
      young: [pt, wandb].sort(),
      left: ["experiments/runs/results"],
    });
    equal(seen(at + 11_000).files.length, 3);
    equal(seen(at - 60_000).files.length, 1, "the clock of the file server is ahead");
    equal(seen(at - 90_000_000).files.length, 3, "a time that somebody set");
  });
  Deno.removeSync(parent, { recursive: true });
});
