import { join } from "node:path";
import type { Sought } from "../core/denials.ts";
import { readIfThere, writeWhole } from "../system/files.ts";
import { chunkKey } from "./journal.ts";

type Chunk = { stage: string; chunk: number };

/**
 * Notes that runs of a chunk were looked for, under a name nobody else uses. It appears whole and is
 * never changed. @returns it, with its place.
 */
export function writeSought(state: string, chunk: Chunk, sought: Omit<Sought, "record">): Sought {
  const { kind, epoch, runs, denials } = sought;
  const unique = crypto.randomUUID().slice(0, 8);
  const record = join("submit", `${chunkKey(chunk)}.${kind}.${epoch}.${unique}`);
  writeWhole(join(state, record), `${JSON.stringify({ runs, denials })}\n`);
  return { ...sought, record };
}

/** Reads what {@linkcode writeSought} wrote, by the names in the journal; a broken one is no evidence. */
export function readSought(state: string, names: readonly string[]): Sought[] {
  return names.flatMap((name): Sought[] => {
    const [, kind, epoch] = /\.(denied|seen)\.(\d+)\.[0-9a-f]{8}$/.exec(name) ?? [];
    const record = join("submit", name);
    try {
      const { runs, denials } = JSON.parse(readIfThere(join(state, record)) ?? "");
      return [{ kind: kind as Sought["kind"], epoch: Number(epoch), runs, denials, record }];
    } catch (error) {
      if (error instanceof SyntaxError) return [];
      throw error;
    }
  });
}
