import type { Gpu, GpusFound } from "./devices.ts";

/** How several processes use a GPU at the same time. */
export interface SharingWay {
  /**
   * `own`: through daemons that we start; `site`: through the one that the site's switch started;
   * `turns`: the driver lets one after the other compute; `alone`: one process a GPU.
   */
  by: "own" | "site" | "turns" | "alone";
  /** Why it is not what was wanted. */
  why?: string;
}

/**
 * How GPUs can be shared. `site` is wanted where the site's profile has a switch for MPS (a comment
 * or a line) and the job was submitted with it.
 */
export function sharingWay(found: GpusFound, wanted: "own" | "site" | "turns"): SharingWay {
  const { gpus, source } = found;
  if (!gpus) return { by: "alone", why: `which GPUs there are is not known: ${source}` };
  const refusal = wanted === "turns" ? undefined : whyNoMps(found);
  if (wanted !== "turns" && refusal === undefined) return { by: wanted };
  const exclusive = gpus.find(({ mode }) => mode !== undefined && mode !== "Default");
  if (!exclusive) return { by: "turns", ...refusal === undefined ? {} : { why: refusal } };
  const mode = `compute mode ${exclusive.mode} lets one process use a GPU`;
  return { by: "alone", why: refusal === undefined ? mode : `${refusal}; ${mode}` };
}

/** Why MPS cannot share these GPUs, or `undefined`. That its programs are there is not asked here. */
export function whyNoMps({ gpus = [], vendor }: GpusFound): string | undefined {
  if (gpus.length === 0) return "there is no GPU";
  if (vendor !== "nvidia") {
    return vendor === undefined
      ? "MPS is NVIDIA's, and whose GPUs these are is not known"
      : "MPS is NVIDIA's, and these are AMD's";
  }
  const mode = gpus.map((gpu) => gpu.mode).find((one) =>
    one === "Prohibited" || one === "Exclusive_Thread"
  );
  if (mode) return `MPS does not work in compute mode ${mode}`;
  if (gpus.some(({ instance }) => instance === undefined)) {
    return "whether a GPU is a MIG instance, which needs an MPS daemon of its own, is not known";
  }
  return undefined;
}

/** GPUs that one MPS daemon can serve each: all whole ones together, a MIG instance by itself. */
export function mpsDomains(gpus: readonly Gpu[]): Gpu[][] {
  const whole = gpus.filter(({ instance }) => !instance);
  const instances = gpus.filter(({ instance }) => instance).map((gpu) => [gpu]);
  return whole.length === 0 ? instances : [whole, ...instances];
}

/**
 * What `CUDA_VISIBLE_DEVICES` of a daemon for these GPUs is, and by what each is named to its
 * clients: by UUID where all are known, else by its place in the daemon's list, as NVIDIA says.
 */
export function mpsNames(gpus: readonly Gpu[]): { daemon: string; clients: string[] } {
  const uuids = gpus.flatMap(({ uuid }) => uuid ?? []);
  if (uuids.length === gpus.length) return { daemon: uuids.join(","), clients: uuids };
  return {
    daemon: gpus.map(({ name }) => name).join(","),
    clients: gpus.map((_, place) => String(place)),
  };
}
