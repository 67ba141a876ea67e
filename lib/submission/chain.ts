import type { PlannedChunk } from "../store/plan.ts";
import type { StageEvidence } from "./fold.ts";

/** What is known of one job of a chain. */
export interface Link {
  job?: string;
  report?: StageEvidence["report"];
}

/** The chunks of a plan, each with those that come after it in its chain. */
export function chainsIn(chunks: readonly PlannedChunk[]): PlannedChunk[][] {
  const chains: PlannedChunk[][] = [];
  for (const chunk of chunks) {
    if (chunk.link !== undefined && chunk.link > 1) chains.at(-1)!.push(chunk);
    else chains.push([chunk]);
  }
  return chains;
}

/**
 * The job of a chain that says where its run stands: the one that runs, else the next one that
 * waits, else one that nobody can be asked about, else the last one that the scheduler knows, else one
 * that nobody has any more.
 */
export function tellingLink<L extends Link>(links: readonly L[]): L {
  const isIn = (...states: string[]) => ({ report }: Link) =>
    report !== undefined && "state" in report && states.includes(report.state);
  return links.find(isIn("RUNNING", "SUSPENDED")) ??
    links.find(isIn("PENDING", "REQUEUED", "COMPLETING")) ??
    links.find(({ report }) => report && "unknown" in report && !report.denials) ??
    links.findLast(({ report }) => report && !("unknown" in report)) ??
    links.findLast(({ report }) => report !== undefined) ?? links[0]!;
}
