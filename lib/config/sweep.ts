import { ConfigError } from "../core/errors.ts";
import type { RunPoint, Sweep } from "../core/experiment.ts";
import { flattenParams, isGroup, type Params, type ParamValue } from "../core/params.ts";
import { sweepProblem } from "./sweep_check.ts";

/** What one value of one dimension of a sweep sets; a seed is named too. */
interface Choice {
  set: [string, ParamValue][];
  seed?: number;
}

/** A sweep of nothing: one point. */
export const NO_SWEEP: Sweep = { grid: {}, list: [], seeds: [], seed_key: "seed" };

/** Number of points that {@linkcode expandSweep} gives. */
export function countSweep(sweep: Sweep = NO_SWEEP): number {
  return factorsOf(sweep).reduce((count, choices) => count * choices.length, 1);
}

/**
 * The points of a sweep, one after the other and never all in memory: points of `list` outermost,
 * then the keys of `grid` as they are defined, the last one varying faster, seeds innermost.
 * Without a sweep there is one point.
 *
 * @throws {ConfigError} at once when two points would be the same.
 *
 * @example
 * ```ts
 * import { expandSweep } from "@expflow/cli";
 *
 * const sweep = { grid: { lr: [0.1, 0.01] }, list: [], seeds: [1, 7], seed_key: "seed" };
 * const points = [...expandSweep(sweep, { epochs: 10 })];
 * const last = JSON.stringify(points[3]);
 * if (last !== '{"params":{"epochs":10,"lr":0.01,"seed":7},"seed":7}') throw new Error(last);
 * ```
 */
export function expandSweep(sweep: Sweep | undefined, params: Params): Generator<RunPoint> {
  const problem = sweep && sweepProblem(sweep, params);
  if (problem) throw new ConfigError(problem.message, { hint: problem.hint });
  return points(factorsOf(sweep ?? NO_SWEEP), params);
}

function factorsOf({ grid, list, seeds, seed_key }: Sweep): Choice[][] {
  const factors: Choice[][] = [
    list.map((point) => ({ set: flattenParams(point) })),
    ...Object.entries(grid).map(([key, values]) =>
      values.map((value): Choice => ({ set: [[key, value]] }))
    ),
    seeds.map((seed) => ({ set: [[seed_key, seed]], seed })),
  ];
  return factors.filter((choices) => choices.length > 0);
}

function* points(factors: Choice[][], params: Params): Generator<RunPoint> {
  const at = factors.map(() => 0);
  while (true) {
    const chosen = factors.map((choices, index) => choices[at[index]!]!);
    const set = chosen.flatMap((choice) => choice.set).sort(groupsFirst);
    const seed = chosen.at(-1)?.seed;
    const point = set.reduce((made, [key, value]) => setParam(made, key, value), params);
    yield seed === undefined ? { params: point } : { params: point, seed };
    let turning = factors.length - 1;
    while (turning >= 0 && ++at[turning]! === factors[turning]!.length) at[turning--] = 0;
    if (turning < 0) return;
  }
}

/** A plain `optim` before `optim.lr`, which then stays beside it. */
function groupsFirst([a]: [string, ParamValue], [b]: [string, ParamValue]): number {
  return a.split(".").length - b.split(".").length;
}

/**
 * A copy of `params` with one parameter set; a dotted key is a path through groups, or a key of its
 * own beside a plain value.
 */
export function setParam(params: Params, key: string, value: ParamValue): Params {
  const dot = key.indexOf(".");
  if (dot <= 0 || Object.hasOwn(params, key)) return { ...params, [key]: value };
  const [head, rest] = [key.slice(0, dot), key.slice(dot + 1)];
  const group = Object.hasOwn(params, head) ? params[head] : {};
  if (!isGroup(group)) return { ...params, [key]: value };
  return { ...params, [head]: setParam(group, rest, value) };
}
