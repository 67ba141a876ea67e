import { pointRuns } from "../imports/points.ts";
import type { ForeignState } from "../imports/foreign.ts";
import type { ResultRecord } from "../results/records.ts";
import { type ImportedRun, readImported, readImportSource } from "../store/imported.ts";
import type { Layout } from "../store/layout.ts";
import type { ImportedRuns } from "../submission/imported_runs.ts";

/** A run as the file of an import holds it. */
export type KeptRun = ImportedRun<ResultRecord, ForeignState>;

/** Every run of an imported experiment; none for any other. */
export function keptRuns(layout: Layout, id: string): KeptRun[] {
  return readImported<ResultRecord, ForeignState>(layout, id);
}

/** The records of runs that another tool ran. */
export function importedRecords(layout: Layout, id: string): ResultRecord[] {
  return keptRuns(layout, id).flatMap(({ record }) => record ?? []);
}

/** How the runs of an imported experiment stood in the other tool. */
export interface ImportedCounts {
  /** The tool, as `dr_exp`. */
  from: string;
  /** Its folder, absolute. */
  folder: string;
  /** `queued` and states of runs. */
  counts: Partial<Record<string, number>>;
}

/** How many runs there were in each state there; `undefined` for what was not imported. */
export function importedCounts(layout: Layout, id: string): ImportedCounts | undefined {
  const source = readImportSource(layout, id);
  return source && { from: source.from, folder: source.folder, counts: source.counts };
}

const ORDER: readonly ForeignState[] = ["completed", "failed", "queued", "unknown"];

/** How many runs are in each state, the usual states first. */
export function countForeign(runs: readonly { state: ForeignState }[]): ImportedCounts["counts"] {
  const counts: ImportedCounts["counts"] = {};
  for (const state of [...ORDER, ...runs.map(({ state }) => state)]) {
    if (counts[state] !== undefined) continue;
    const count = runs.filter((run) => run.state === state).length;
    if (count > 0) counts[state] = count;
  }
  return counts;
}

/** What a submission must know of runs that were imported; `undefined` where none were. */
export function importedSelection(layout: Layout, id: string): ImportedRuns | undefined {
  if (!readImportSource(layout, id)) return undefined;
  const runs = keptRuns(layout, id);
  const points = Array.from(
    pointRuns(runs),
    ([point, { run, state }]) =>
      [point, { run, state: state === "queued" ? "planned" as const : state }] as const,
  );
  return { points: new Map(points), indices: new Set(runs.map(({ run }) => run)) };
}
