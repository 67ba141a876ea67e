import { deepEqual, equal, match } from "node:assert/strict";
import { Layout } from "../../lib/store/layout.ts";
import type { PlannedChunk } from "../../lib/store/plan.ts";
import { changedRecords, recordedFacts } from "../../lib/submission/recorded_facts.ts";

function plan(submission: string, runs: number[], attempts = runs.map(() => 1)) {
  const chunk = { stage: "train", runs, attempts } as PlannedChunk;
  return { experiment: "exp", submission, chunks: [chunk] };
}

function record(layout: Layout, run: number, text: string): void {
  Deno.mkdirSync(layout.run("exp", run), { recursive: true });
  Deno.writeTextFileSync(`${layout.run("exp", run)}/attempt.train.1.json`, text);
}

Deno.test("what jobs recorded of their GPUs is compared from submission to submission", () => {
  const root = Deno.makeTempDirSync();
  try {
    const layout = new Layout(root);
    const facts = (submission: string, gpu_driver: string, cuda?: string) =>
      JSON.stringify({ submission, gpu_driver, cuda, host: "n1" });
    record(layout, 0, facts("001", "535.1", "12.2"));
    record(layout, 1, facts("002", "570.2", "12.8"));
    record(layout, 2, facts("002", "535.1", "12.8"));
    record(layout, 3, '{"submission":"003","gpu_driver":"5'); // cut
    record(layout, 4, facts("001", "1.0")); // of another submission
    record(layout, 5, '["003"]');
    const plans = [plan("001", [0]), plan("002", [1, 2]), plan("003", [3, 4, 5, 6])];
    const recorded = recordedFacts(layout, plans);
    deepEqual(recorded.map(({ facts }) => facts), [
      { "GPU driver of train": "535.1", "CUDA of train": "12.2" },
      { "GPU driver of train": "535.1, 570.2", "CUDA of train": "12.8" },
      {},
    ]);
    const changes = changedRecords(recorded);
    deepEqual(changes.map(({ was, now, submission }) => [was, now, submission]), [
      ["535.1", "535.1, 570.2", "001"],
      ["12.2", "12.8", "001"],
    ]);
    match(changes[0]!.fact, /^GPU driver of train, as the jobs of 002 recorded it$/);
    match(changes[1]!.effect, /other libraries and kernels/);
    deepEqual(changedRecords(recorded.slice(0, 1)), []);
    deepEqual(changedRecords([]), []);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

Deno.test("a few runs of many are looked at", () => {
  const root = Deno.makeTempDirSync();
  try {
    const layout = new Layout(root);
    const runs = Array.from({ length: 10_000 }, (_, i) => i);
    record(layout, 0, JSON.stringify({ submission: "001", cuda: "12.2" }));
    record(layout, 9_999, JSON.stringify({ submission: "001", cuda: "12.8" }));
    record(layout, 5, JSON.stringify({ submission: "001", cuda: "13" }));
    const [found] = recordedFacts(layout, [plan("001", runs)]);
    equal(found?.facts["CUDA of train"], "12.2, 12.8");
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});
