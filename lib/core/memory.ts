import { UsageError } from "./errors.ts";

const MIB: Record<string, number> = { k: 1 / 1024, m: 1, g: 1024, t: 1024 * 1024 };

/**
 * Reads a memory size as sbatch does (`4000` is MiB; suffix K, M, G, T; `GB` and `GiB` are taken
 * too) into whole MiB, rounded up.
 *
 * @throws {UsageError} on anything else.
 */
export function parseMemory(text: string | number): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt])?(?:i?b)?$/i.exec(String(text).trim());
  if (!match) {
    throw new UsageError(`Cannot read ${JSON.stringify(text)} as a memory size`, {
      hint: "write 16G, 4000M or 4000 (MiB)",
    });
  }
  return Math.ceil(Number(match[1]) * MIB[(match[2] ?? "m").toLowerCase()]!);
}

/** Writes MiB as sbatch takes it: `16G` where it is whole GiB, else `4000M`. */
export function formatMemory(mib: number): string {
  return mib >= 1024 && mib % 1024 === 0 ? `${mib / 1024}G` : `${mib}M`;
}
