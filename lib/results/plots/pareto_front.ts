import type { ParamValue } from "../../core/params.ts";
import { replicates } from "../aggregate.ts";
import type { Direction } from "../records.ts";
import { meanOf } from "../statistics/describe.ts";
import type { Measured } from "./left_out.ts";

/** One set of parameters, its means over seeds. */
export interface ParetoPoint {
  params: Record<string, ParamValue>;
  x: number;
  y: number;
  /** Runs that have both metrics. */
  n: number;
  /** Whether none other is better in one metric and not worse in the other. */
  front: boolean;
}

/** Means of both metrics over runs that differ by their seed only. */
export function pointsOf(runs: readonly Measured[], seedKey: string): Omit<ParetoPoint, "front">[] {
  const values = new Map(runs.map((run) => [run.record, run.values]));
  return replicates(runs.map(({ record }) => record), seedKey).map(({ params, members }) => {
    const [x, y] = [0, 1].map((axis) => meanOf(members.map((one) => values.get(one)![axis]!)));
    return { params, x: x!, y: y!, n: members.length };
  });
}

/** Marks the points that no other dominates. */
export function markFront(
  points: readonly Omit<ParetoPoint, "front">[],
  directions: readonly [Direction, Direction],
): ParetoPoint[] {
  const [signX, signY] = directions.map((direction) => direction === "min" ? 1 : -1);
  const order = points.map((_, at) => at).sort((a, b) =>
    signX! * (points[a]!.x - points[b]!.x) || signY! * (points[a]!.y - points[b]!.y)
  );
  const front = new Set<number>();
  let best: Omit<ParetoPoint, "front"> | undefined;
  for (const at of order) {
    const point = points[at]!;
    const better = best === undefined || signY! * (point.y - best.y) < 0;
    if (!better && !(point.x === best!.x && point.y === best!.y)) continue;
    front.add(at);
    best = point;
  }
  return points.map((point, at) => ({ ...point, front: front.has(at) }));
}
