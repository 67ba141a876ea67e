import type { GpuCount } from "../../core/gres.ts";
import { didYouMean } from "../../core/suggest.ts";
import { type Draft, type Rule, withResource } from "./draft.ts";

/** What jobs of a cluster can ask GPUs by, as its nodes say. */
export interface SeenGpus {
  /** Types as `--gres` takes them. */
  types: string[];
  /** Features of nodes with GPUs, as `--constraint` takes them. */
  features: string[];
}

/** The types and features of nodes that have GPUs. */
export function seenGpus(
  nodes: readonly { gpus: readonly GpuCount[]; features: readonly string[] }[],
): SeenGpus {
  const having = nodes.filter(({ gpus }) => gpus.some(({ count }) => count > 0));
  const sorted = (words: readonly string[]) => [...new Set(words)].sort();
  return {
    types: sorted(having.flatMap(({ gpus }) => gpus.flatMap(({ type }) => type ?? []))),
    features: sorted(having.flatMap(({ features }) => features)),
  };
}

/**
 * The type that somebody means by a word: itself in any case, else the only one that has it as a
 * part (`a100` → `nvidia_a100-sxm4-80gb`). `undefined` where there is none, or more than one.
 */
export function meantType(given: string, types: readonly string[]): string | undefined {
  const word = given.toLowerCase();
  const same = types.find((type) => type === given) ??
    types.find((type) => type.toLowerCase() === word);
  if (same !== undefined) return same;
  const parts = types.filter((type) => type.toLowerCase().split(/[_.:-]/).includes(word));
  return parts.length === 1 ? parts[0] : undefined;
}

const RULE = "the GPUs that sinfo lists";

/** Asks for a type as this cluster calls it, where no profile knows its types. */
export function seenGpusRule(seen: SeenGpus): Rule {
  return (draft, { profile: { gpu = {} } }) => {
    const { gpus, gpu_type: given } = draft.resources;
    if (!gpus || given === undefined) return draft;
    if (gpu.types !== undefined || (gpu.type ?? "request") !== "request") return draft;
    if (gpu.request === "none") return draft;
    const type = meantType(given, seen.types);
    if (type !== undefined) return withResource(draft, "gpu_type", type, RULE);
    const feature = meantType(given, seen.features);
    return feature === undefined ? warned(draft, given, seen) : byFeature(draft, feature);
  };
}

function byFeature(draft: Draft, feature: string): Draft {
  const { constraint } = draft.resources;
  const both = constraint === undefined ? feature : `${constraint}&${feature}`;
  const untyped = withResource(draft, "gpu_type", undefined, RULE);
  return constraint?.split("&").includes(feature)
    ? untyped
    : withResource(untyped, "constraint", both, RULE);
}

function warned(draft: Draft, given: string, { types }: SeenGpus): Draft {
  const listed = types.length === 0 ? "sinfo lists no types of GPUs" : didYouMean(given, types);
  const warning = `no node of this cluster has GPUs of type ${given}: ${listed}`;
  return { ...draft, warnings: [...draft.warnings, warning] };
}
