import type { Clock } from "../../system/clock.ts";
import type { Runner } from "../../system/runner.ts";
import { commonModel } from "../gpu/devices.ts";
import { mpsBases } from "../gpu/mps_root.ts";
import { type SharedGpus, shareGpus, unshareGpus } from "../gpu/share.ts";
import type { LearnedNeed } from "./learned_need.ts";
import type { AgentSettings } from "./settings.ts";

/** What one worker of a node gets. */
export interface WorkerPlace {
  cpus: number;
  /** As CUDA_VISIBLE_DEVICES takes them. */
  gpus: string[];
  /** Of all of them, where it is known. */
  gpuModel?: string;
  /** Variables of its tasks. */
  variables: Record<string, string>;
}

/** The places for workers on a node, and how they share its GPUs, in words. */
export interface Places {
  places: WorkerPlace[];
  sharing: string;
  /** Ends what was started for them, when the workers have ended. */
  close(): Promise<void>;
}

/** Divides a node among workers: the first share of every GPU, then the second. */
export async function openPlaces(
  settings: AgentSettings,
  env: Readonly<Record<string, string | undefined>>,
  { cpus, learned }: { cpus: number; learned: LearnedNeed },
  { runner, clock }: { runner: Runner; clock: Clock },
): Promise<Places> {
  if (settings.gpus === 0) return withoutGpus(settings.workers, cpus);
  const ports = { runner, clock, env, bases: mpsBases(env) };
  const shared = await shareGpus({
    asked: settings.workersPerGpu,
    through: settings.sharing,
    ...settings.gpuMem > 0 ? { perRun: settings.gpuMem } : { learned },
  }, ports);
  const share = cpusEach(cpus, shared.slots.length);
  return {
    places: shared.slots.map(({ names, variables, gpus }) => {
      const gpuModel = commonModel(gpus);
      const model = gpuModel === undefined ? {} : { gpuModel };
      return { cpus: share, gpus: names, variables, ...model };
    }),
    sharing: sharingWords(shared, settings.workersPerGpu),
    close: async () => void await unshareGpus(shared, ports),
  };
}

function withoutGpus(workers: number, cpus: number): Places {
  const place = { cpus: cpusEach(cpus, workers), gpus: [], variables: {} };
  return {
    places: Array.from({ length: workers }, () => place),
    sharing: "no GPUs were asked for",
    close: () => Promise.resolve(),
  };
}

function cpusEach(cpus: number, workers: number): number {
  return Math.max(1, Math.floor(cpus / Math.max(1, workers)));
}

const WAYS = {
  own: "through MPS",
  site: "through the site's MPS",
  turns: "one computing after the other",
  alone: "one worker a GPU",
};

function sharingWords({ found, way, packed }: SharedGpus, asked: number): string {
  if (!found.gpus || found.gpus.length === 0) return `no GPUs: ${found.source}`;
  const reason = way.why ?? (packed.workers < asked ? packed.why : undefined);
  const why = reason === undefined ? "" : ` (${reason})`;
  return `${found.gpus.length} GPUs, ${packed.workers} workers each, ${WAYS[way.by]}${why}`;
}
