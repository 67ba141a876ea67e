import { params as paramNames } from "../config/param_keys.ts";
import { paramsFingerprint } from "../core/fingerprint.ts";
import type { ForeignRun, ForeignState } from "./foreign.ts";

/** A run that was imported, with its place in the experiment. */
export interface PlacedRun {
  run: ForeignRun;
  /** Its index in the experiment. */
  index: number;
  /** Fingerprint of its parameters; absent where it can be no point of a sweep. */
  point?: string;
}

/** What an earlier import gave a run: it keeps both. */
export type Places = ReadonlyMap<string, Pick<PlacedRun, "index">>;

/**
 * Gives each run its index: those that an earlier import gave stay, new ones come behind, points of
 * the sweep before runs that have the parameters of another one.
 */
export function placeRuns(runs: readonly ForeignRun[], earlier: Places): PlacedRun[] {
  const points = new Map(runs.map((run) => [run.id, pointOf(run)]));
  const placed = new Map<string, number>();
  const owned = new Set<string>();
  let next = 0;
  for (const { index } of earlier.values()) next = Math.max(next, index + 1);
  const sorted = [...runs].sort(byAge);
  for (const { id } of sorted) {
    const known = earlier.get(id);
    const point = points.get(id);
    if (!known) continue;
    placed.set(id, known.index);
    if (point !== undefined) owned.add(point);
  }
  const fresh = sorted.filter(({ id }) => !placed.has(id));
  for (const { id } of fresh) {
    const point = points.get(id);
    if (point === undefined || owned.has(point)) continue;
    owned.add(point);
    placed.set(id, next++);
  }
  for (const { id } of fresh) if (!placed.has(id)) placed.set(id, next++);
  return sorted.map((run) => ({ run, index: placed.get(run.id)!, point: points.get(run.id) }))
    .sort((one, other) => one.index - other.index);
}

/** Why a run can be no point of a sweep; `undefined` when it can. */
export function noPoint({ params }: ForeignRun): string | undefined {
  if (!params) return "its parameters are not known";
  if (/"__proto__":/.test(JSON.stringify(params))) return '"__proto__" cannot name a parameter';
  const checked = paramNames.safeParse(params);
  if (checked.success) return undefined;
  const name = checked.error.issues[0]!.path.join(".");
  return `${JSON.stringify(name)} cannot name a parameter`;
}

function pointOf(run: ForeignRun): string | undefined {
  return run.params && noPoint(run) === undefined ? paramsFingerprint(run.params) : undefined;
}

function byAge(one: ForeignRun, other: ForeignRun): number {
  const [a, b] = [one.created ?? "", other.created ?? ""];
  if (a !== b) return a < b ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

/** Of runs with the same parameters, the one that says how their point stands. */
const RANK: readonly ForeignState[] = ["completed", "unknown", "queued"];

/** The run that stands for each point: a completed one before any other, a failed one last. */
export function pointRuns<Run extends { point?: string; state: ForeignState }>(
  runs: readonly Run[],
): Map<string, Run> {
  const rank = ({ state }: Run) => RANK.includes(state) ? RANK.indexOf(state) : RANK.length;
  const best = new Map<string, Run>();
  for (const run of runs) {
    if (run.point === undefined) continue;
    const before = best.get(run.point);
    if (!before || rank(run) < rank(before)) best.set(run.point, run);
  }
  return best;
}
