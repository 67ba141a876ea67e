import { quantileSorted } from "simple-statistics";
import { formatDuration } from "../core/durations.ts";
import { formatMemory } from "../core/memory.ts";
import type { JobUsage } from "../schedulers/slurm/usage.ts";

/** A value that would have been enough, with what says so. */
export interface Suggestion {
  /** The word of `resources`. */
  resource: "mem" | "time" | "cpus_per_task";
  /** As it may stand in an experiment; absent where nothing can be said. */
  value?: string;
  /** Runs it is from. */
  runs: number;
  /** What was measured, the quantile and the margin; or why nothing can be said. */
  evidence: string;
}

const QUANTILE = 0.95;
const MEMORY_MARGIN = 1.2;
const TIME_MARGIN = 1.25;
const CPU_MARGIN = 1.1;

/** What runs like these should ask for. Runs that a limit ended say only that it was too low. */
export function suggestSizes(used: readonly JobUsage[], tasks = 1): Suggestion[] {
  return [memoryOf(used), timeOf(used), cpusOf(used, tasks)];
}

function memoryOf(used: readonly JobUsage[]): Suggestion {
  const resource = "mem";
  const short = used.filter(({ state }) => state === "OUT_OF_MEMORY");
  if (short.length > 0) {
    const most = Math.max(...short.map(({ memory = 0 }) => memory));
    return {
      resource,
      runs: short.length,
      ...most > 0 ? { value: rounded(most * 2) } : {},
      evidence: `${short.length} ran out of ${
        mib(most)
      }: how much they need is not known; twice that`,
    };
  }
  const sizes = used.filter(({ state }) => state === "COMPLETED")
    .flatMap(({ memoryUsed }) => memoryUsed ?? []);
  if (sizes.length === 0) return nothing(resource, "MaxRSS of completed runs");
  const size = quantile(sizes);
  return {
    resource,
    runs: sizes.length,
    value: rounded(size * MEMORY_MARGIN),
    evidence: told(sizes.length, `MaxRSS on a node of ${mib(size)}`, MEMORY_MARGIN),
  };
}

function timeOf(used: readonly JobUsage[]): Suggestion {
  const resource = "time";
  const late = used.filter(({ state }) => state === "TIMEOUT");
  const times = used.filter(({ state }) => state === "COMPLETED").map(({ elapsed }) => elapsed);
  if (late.length > 0) {
    const most = Math.max(...late.map(({ elapsed }) => elapsed));
    return {
      resource,
      runs: late.length,
      evidence: `${late.length} were ended by their limit after ${formatDuration(most)}: ` +
        "more is needed, how much is not known",
    };
  }
  if (times.length === 0) return nothing(resource, "time of completed runs");
  const time = quantile(times);
  const minutes = Math.max(1, Math.ceil(time * TIME_MARGIN / 60));
  return {
    resource,
    runs: times.length,
    value: formatDuration(minutes * 60),
    evidence: told(times.length, `time of ${formatDuration(time)}`, TIME_MARGIN),
  };
}

function cpusOf(used: readonly JobUsage[], tasks: number): Suggestion {
  const resource = "cpus_per_task";
  const busy = used.flatMap(({ state, cpuSeconds, elapsed }) =>
    state === "COMPLETED" && cpuSeconds !== undefined && elapsed > 0 ? [cpuSeconds / elapsed] : []
  );
  if (busy.length === 0) return nothing(resource, "CPU time of completed runs");
  const cpus = quantile(busy);
  return {
    resource,
    runs: busy.length,
    value: String(Math.max(1, Math.ceil(cpus * CPU_MARGIN / tasks))),
    evidence: told(busy.length, `use of ${cpus.toFixed(2)} CPUs`, CPU_MARGIN),
  };
}

function nothing(resource: Suggestion["resource"], what: string): Suggestion {
  return { resource, runs: 0, evidence: `unknown: accounting has no ${what}` };
}

function told(runs: number, what: string, margin: number): string {
  return `${QUANTILE * 100} % quantile over ${runs} runs: ${what}, × ${margin}`;
}

function quantile(values: readonly number[]): number {
  return quantileSorted([...values].sort((a, b) => a - b), QUANTILE);
}

/** Whole GiB from 4 GiB on, else whole 100 MiB: nobody needs it finer. */
function rounded(size: number): string {
  const step = size > 4096 ? 1024 : 100;
  return formatMemory(Math.ceil(size / step) * step);
}

function mib(size: number): string {
  return `${Math.round(size)} MiB`;
}

/** 0 to 1: what was used of what was given; absent where it was not recorded. */
export interface Efficiency {
  /** CPU time of CPUs × elapsed time. */
  cpu?: number;
  /** Most on a node, of what it was given there. */
  memory?: number;
  /** Elapsed time of the limit. */
  time?: number;
  /** As the site gathers it. */
  gpu?: number;
}

/** How much of what one job was given it used. */
export function efficiencyOf(usage: JobUsage): Efficiency {
  const { elapsed, limit, cpus, cpuSeconds, memory, memoryUsed, gpuUse } = usage;
  const share = (part: number | undefined, all: number | undefined) =>
    part === undefined || !all ? undefined : part / all;
  return Object.fromEntries(
    Object.entries({
      cpu: share(cpuSeconds, cpus * elapsed),
      memory: share(memoryUsed, memory),
      time: share(elapsed, limit),
      gpu: gpuUse,
    }).filter(([, value]) => value !== undefined),
  );
}
