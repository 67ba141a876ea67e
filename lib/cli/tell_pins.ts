import type { Pins } from "../store/pins.ts";

/** The documented shape of `pin --json` and `unpin --json`. */
export function pinsAsJson(id: string, { all, runs }: Pins): unknown {
  return { id, all, runs: [...runs].sort((a, b) => a - b) };
}

/** What of an experiment is pinned now, as a line. */
export function tellPins(id: string, { all, runs }: Pins): string {
  if (all) return `${id}: pinned; clean-up leaves it alone\n`;
  if (runs.size === 0) return `${id}: not pinned\n`;
  const listed = [...runs].sort((a, b) => a - b).join(", ");
  return `${id}: pinned: ${runs.size === 1 ? "run" : "runs"} ${listed}\n`;
}
