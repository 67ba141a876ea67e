import type { RunState } from "../core/states.ts";
import { readKept, writeKept } from "./kept_file.ts";
import { VERSION } from "../core/version.ts";
import type { Layout } from "./layout.ts";

/** What the last `list` found of an experiment, and what must be as it was for it to hold. */
export interface KeptListing {
  /** Of the experiment's file; absent where it decided nothing. */
  stamp?: string;
  /** Names of its submissions, all of whose runs are completed. */
  submissions: string[];
  description: string;
  tags: string[];
  counts: Partial<Record<RunState, number>>;
}

/** What was kept of all experiments, while `basis` is the same; nothing where it cannot be read. */
export function readListed(layout: Pick<Layout, "own">, basis: string): Map<string, KeptListing> {
  const kept = readKept(layout, FILE);
  return new Map(kept?.by === KEPT_BY && kept.basis === basis ? kept.experiments : []);
}

/** Keeps it for the next `list`, where that can be written. */
export function keepListed(
  layout: Pick<Layout, "own">,
  basis: string,
  experiments: ReadonlyMap<string, KeptListing>,
): void {
  writeKept(layout, FILE, { by: KEPT_BY, basis, experiments: [...experiments] });
}

/** Every key of what is kept; the compiler wants it complete. */
const SHAPE: { [Key in keyof Required<KeptListing>]: 1 } = {
  stamp: 1,
  submissions: 1,
  description: 1,
  tags: 1,
  counts: 1,
};
/** What was kept holds for this version only, and for listings of this shape. */
const KEPT_BY = JSON.stringify([VERSION, SHAPE]);
const FILE = "listed.json";
