import { equal } from "node:assert/strict";
import { join } from "node:path";
import { harvestFolder } from "../lib/results/harvest.ts";
import { denoRunner } from "../lib/system/deno_runner.ts";
import { type Measurement, median, timed } from "./measure.ts";

const EVENTS = 200_000;
const ROUNDS = 3;
const SCRIPT = join(import.meta.dirname!, "event_files.py");

/**
 * Scalars of one event file, against TensorBoard's own reader. Needs a Python with TensorBoard in
 * `EXPFLOW_BENCH_PYTHON`; both run in a process that has started already.
 */
export async function tensorboard(): Promise<Measurement[]> {
  const python = Deno.env.get("EXPFLOW_BENCH_PYTHON");
  if (python === undefined) {
    console.warn("NOT RUN: the TensorBoard reader; EXPFLOW_BENCH_PYTHON names no Python with it");
    return [];
  }
  const folder = Deno.makeTempDirSync({ prefix: "expflow-bench-" });
  try {
    const path = join(folder, "events.out.tfevents.1.bench");
    await ask(python, "write", path, String(EVENTS));
    const ours: number[] = [];
    const floor: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      floor.push(Number(await ask(python, "read", path)));
      ours.push(
        await timed(() => {
          const { metrics, problems } = harvestFolder(folder, {}, { files: [], direction: {} });
          equal(Object.keys(metrics).length, 4, problems.join());
          return Promise.resolve();
        }),
      );
    }
    return [{
      what: `TensorBoard: ${EVENTS} scalars`,
      ours: median(ours),
      floor: median(floor),
      floorIs: "its own EventAccumulator",
      limit: 0.2,
    }];
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function ask(python: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await denoRunner.run({
    argv: [python, SCRIPT, ...args],
    timeoutMs: 120_000,
  });
  equal(code, 0, stderr);
  return stdout;
}
