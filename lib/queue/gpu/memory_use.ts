import { processTree } from "../../system/processes.ts";
import type { Runner } from "../../system/runner.ts";
import { parseProcesses, processesCommand, type ProcessUse } from "./nvidia_smi.ts";

/** The most GPU memory that was seen of a run: a lower bound of what it used. */
export interface Peak {
  /** In MiB, on the one GPU where it was most. */
  memory: number;
  /** How often it was seen. */
  samples: number;
}

/** What each process uses of each GPU now; `undefined` where nvidia-smi does not tell. */
export async function sampleGpus(runner: Runner): Promise<ProcessUse[] | undefined> {
  const { code, timedOut, stdout } = await runner.run(processesCommand);
  return code === 0 && !timedOut ? parseProcesses(stdout) : undefined;
}

/** The processes of each run, by the process that began it. */
export function processesOfRuns(runs: ReadonlyMap<string, number>): Map<string, number[]> {
  return new Map(Array.from(runs, ([run, pid]) => [run, processTree(pid)]));
}

/** Peaks after one more sample. A run that was not seen in it, or not measured, keeps what it has. */
export function peaksWith(
  peaks: ReadonlyMap<string, Peak>,
  uses: readonly ProcessUse[],
  runs: ReadonlyMap<string, readonly number[]>,
): Map<string, Peak> {
  const next = new Map(peaks);
  for (const [run, pids] of runs) {
    const memory = usedBy(uses, new Set(pids));
    if (memory === undefined) continue;
    const before = next.get(run) ?? { memory: 0, samples: 0 };
    next.set(run, { memory: Math.max(before.memory, memory), samples: before.samples + 1 });
  }
  return next;
}

/** What processes use together of the GPU of which they use most; `undefined` unless all is known. */
function usedBy(uses: readonly ProcessUse[], pids: ReadonlySet<number>): number | undefined {
  const own = uses.filter(({ pid }) => pids.has(pid));
  if (own.length === 0 || own.some(({ memory }) => memory === undefined)) return undefined;
  const perGpu = new Map<string, number>();
  for (const { uuid, memory } of own) perGpu.set(uuid, (perGpu.get(uuid) ?? 0) + memory!);
  return Math.max(...perGpu.values());
}
