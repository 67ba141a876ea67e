import type { PlannedChunk } from "../store/plan.ts";
import { taskCount } from "./packs.ts";

/**
 * Keeps the chunks of one stage together under `max` tasks at once: they queue up in lanes, each
 * with its share of `max`, and a chunk starts when the one before it in its lane has ended. There
 * are as many lanes as it takes to use all of `max`: one where chunks are large.
 */
export function throttled(
  chunks: readonly PlannedChunk[],
  max: number | undefined,
): PlannedChunk[] {
  if (max === undefined || chunks.length === 0) return [...chunks];
  const largest = Math.max(...chunks.map(taskCount));
  const lanes = Math.min(chunks.length, Math.ceil(max / largest));
  return chunks.map((chunk, at) => {
    const before = chunks[at - lanes];
    const share = Math.floor(max / lanes) + (at % lanes < max % lanes ? 1 : 0);
    return {
      ...chunk,
      ...chunk.array ? { throttle: share } : {},
      after: before === undefined ? chunk.after : [...chunk.after, follow(before)],
    };
  });
}

function follow({ stage, chunk }: PlannedChunk): PlannedChunk["after"][number] {
  return { stage, type: "afterany", taskwise: false, chunk };
}
