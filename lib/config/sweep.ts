import type { RunPoint } from "../core/experiment.ts";
import { fingerprint } from "../core/fingerprint.ts";
import type { Params } from "../core/params.ts";
import type { Sweep } from "../core/sweep.ts";
import { DRAW_KINDS } from "./sweep_draws.ts";
import { planSweep, type Product } from "./sweep_plan.ts";
import { type OnExcluded, walk } from "./sweep_walk.ts";

/** Number of combinations of a sweep, those that conditions leave out among them. */
export function countSweep(sweep: Sweep = {}, params: Params = {}): number {
  const products = planSweep(sweep, params);
  return products.reduce((sum, { factors }) => sum + combinations(factors), 0);
}

function combinations(factors: Product["factors"]): number {
  return factors.reduce((count, { size }) => count * size, 1);
}

/**
 * The points of a sweep, one after the other and never all in memory: sub-sweeps (`concat`, `groups`)
 * outermost, then points of `list`, draws, `zip`, and the keys of `grid` as they are defined, the
 * last one varying faster; seeds innermost. Without a sweep there is one point. No two points are
 * the same.
 *
 * @param onExcluded told of each combination that is no point, and why.
 * @throws {ConfigError} at once when the sweep is wrong; later, when a condition is given values that
 * it cannot compare.
 *
 * @example
 * ```ts
 * import { expandSweep } from "@expflow/cli";
 *
 * const sweep = {
 *   grid: { optimizer: ["sgd", "adam"], momentum: [0.9, 0.99], lr: "log(1e-3,1e-1,3)" },
 *   when: { momentum: "optimizer == 'sgd'" },
 *   where: "optimizer == 'sgd' or lr < 0.1",
 *   seeds: 2,
 * };
 * const points = [...expandSweep(sweep, { epochs: 10 })];
 * const last = JSON.stringify(points.at(-1));
 * if (points.length !== 16) throw new Error(`${points.length} points`);
 * if (last !== '{"params":{"epochs":10,"optimizer":"adam","lr":0.01,"seed":1},"seed":1}') {
 *   throw new Error(last);
 * }
 * ```
 */
export function expandSweep(
  sweep: Sweep | undefined,
  params: Params,
  onExcluded: OnExcluded = () => {},
): Generator<RunPoint> {
  return points(planSweep(sweep ?? {}, params), params, onExcluded);
}

function* points(
  products: readonly Product[],
  params: Params,
  onExcluded: OnExcluded,
): Generator<RunPoint> {
  const mayRepeat = products.length > 1 || products.some(repeats);
  const seen = new Set<string>();
  for (const product of products) {
    for (const point of walk(product, params, onExcluded)) {
      if (mayRepeat) {
        const before = seen.size;
        if (seen.add(fingerprint(point.params)).size === before) {
          onExcluded({ by: "same", text: "" });
          continue;
        }
      }
      yield point;
    }
  }
}

/** Draws may hit a value twice, and points of a list become the same when a parameter is not set. */
function repeats({ factors, when }: Product): boolean {
  return factors.some(({ part }) =>
    (DRAW_KINDS as readonly string[]).includes(part) || (part === "list" && when.size > 0)
  );
}
