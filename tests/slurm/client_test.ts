import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { namesIn } from "../../lib/system/files.ts";
import { rowsOf } from "../client/session.ts";
import { labIsUp, LabUser } from "./lab.ts";

/** Each of the ranks trains until it is told to stop. */
const TRAIN = `import os, sys, time
import expflow
rank = int(os.environ["RANK"])
for step in range(1, 601):
    stop = expflow.should_stop()
    expflow.log(step, rank=rank, stopped=stop)
    if stop:
        with expflow.save_checkpoint(step=step, name=None if rank == 0 else f"rank{rank}.pt") as path:
            open(path, "w").write(str(step))
        sys.exit(0)
    time.sleep(0.1)
sys.exit(4)
`;

Deno.test({
  name: "the client on three nodes: a file for each rank, the warning in all, and a harvest",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    await alice.ok(["client", "python", "--output", cwd]);
    Deno.writeTextFileSync(join(cwd, "train.py"), TRAIN);
    alice.write(
      cwd,
      "ranks",
      `command: python3 train.py
launcher: srun
args: none
resources: { nodes: 3, time: 5m, mem: 200M, signal: USR2@60 }
checkpoint: ckpt
`,
    );
    await alice.ok(["submit", "ranks"], cwd);
    const folder = join(cwd, "experiments", "runs", "ranks", "0");
    const files = ["metrics.jsonl", "metrics.rank1.jsonl", "metrics.rank2.jsonl"];
    const status = await alice.until(
      cwd,
      "ranks",
      ({ counts }) => counts.running === 1 && files.every((name) => namesIn(folder).includes(name)),
    );
    const job = status.runs[0].stages.train.job;
    equal((await alice.do(["scancel", "--batch", "--signal=USR2", job])).code, 0);
    await alice.until(cwd, "ranks", ({ counts }) => counts.completed === 1);
    for (const [rank, file] of files.entries()) {
      const rows = rowsOf(join(folder, file));
      ok(rows.every((row) => row.rank === rank), file);
      deepEqual(rows.map(({ step }) => step), rows.map((_, at) => at + 1));
      equal(rows.at(-1)!.stopped, true);
    }
    const [report] = JSON.parse((await alice.ok(["harvest", "ranks", "--json"], cwd)).out);
    const [record] = report.records;
    deepEqual([record.metrics.rank.last, record.problems], [0, []]);
    const paths: string[] = record.artifacts.map(({ path }: { path: string }) => path);
    deepEqual(paths.filter((path) => path.startsWith("ckpt/rank")), [
      "ckpt/rank1.pt",
      "ckpt/rank2.pt",
    ]);
  },
});
