import { paramsFingerprint } from "../core/fingerprint.ts";
import type { Params } from "../core/params.ts";
import type { RunState } from "../core/states.ts";

/** A run that another tool has, or had. */
export interface ImportedPoint {
  /** Its index. */
  run: number;
  /** As it was there; `planned` where it had not begun. */
  state: RunState;
}

/** What is known of the runs of an experiment that were imported. */
export interface ImportedRuns {
  /** By the fingerprint of their parameters: with which command they ran is not known. */
  points: ReadonlyMap<string, ImportedPoint>;
  /** All of their indices: no other run gets one of these. */
  indices: ReadonlySet<number>;
}

/** The imported run with these parameters. */
export function importedPoint(
  imported: ImportedRuns | undefined,
  params: Params,
): ImportedPoint | undefined {
  return imported?.points.get(paramsFingerprint(params));
}
