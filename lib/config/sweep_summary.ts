import type { RunPoint } from "../core/experiment.ts";
import { paramAt, type Params, type ParamValue } from "../core/params.ts";
import type { Sweep } from "../core/sweep.ts";
import { planSweep, sweptKeys } from "./sweep_plan.ts";
import type { Exclusion } from "./sweep_walk.ts";

/** A parameter of a sweep, and how many runs have which value. */
export interface FactorCount {
  /** Dotted key. */
  key: string;
  /** Number of different values; at most {@linkcode MOST_VALUES} are told apart. */
  distinct: number;
  /** Whether there are more values than were told apart. */
  more: boolean;
  /** Value → runs, in the order of the sweep. */
  values: { value: ParamValue; runs: number }[];
  /** Runs in which the sweep leaves it alone and it has no value. */
  unset: number;
  /** Smallest and largest, where every value is a number. */
  span?: [number, number];
}

/** Combinations that are no run, with the reason. */
export interface ExclusionCount extends Exclusion {
  /** Number of combinations. */
  count: number;
}

/** Values of one parameter that are counted one by one. */
export const MOST_VALUES = 1000;

/** Counts the points of a sweep as they stream by. */
export class SweepSummary {
  /** Dotted keys of the parameters that the sweep sets. */
  readonly keys: readonly string[];
  /** Number of points. */
  points = 0;
  /** Group → points; those of no group are under `undefined`. */
  readonly groups = new Map<string | undefined, number>();
  readonly #excluded = new Map<string, ExclusionCount>();
  readonly #factors: Factor[];

  constructor(sweep: Sweep = {}, params: Params = {}) {
    this.keys = sweptKeys(planSweep(sweep, params));
    this.#factors = this.keys.map((key) => new Factor(key));
  }

  /** Counts a point. */
  add({ params, group }: RunPoint): void {
    this.points++;
    this.groups.set(group, (this.groups.get(group) ?? 0) + 1);
    for (const factor of this.#factors) factor.add(params);
  }

  /** Counts a combination that is no point. */
  exclude({ by, text }: Exclusion): void {
    const name = `${by} ${text}`;
    const known = this.#excluded.get(name);
    if (known) known.count++;
    else this.#excluded.set(name, { by, text, count: 1 });
  }

  /** What was excluded, the first reason first. */
  get excluded(): ExclusionCount[] {
    return [...this.#excluded.values()];
  }

  /** The parameters of the sweep, in the order of its definition. */
  get factors(): FactorCount[] {
    return this.#factors.map((factor) => factor.count);
  }

  /** The part of a point's parameters that the sweep sets. */
  sweptOf({ params }: RunPoint): Params {
    const set = this.keys.map((key) => [key, paramAt(params, key)] as const);
    return Object.fromEntries(set.filter(([, value]) => value !== undefined)) as Params;
  }
}

class Factor {
  readonly #counts = new Map<ParamValue, { value: ParamValue; runs: number }>();
  #unset = 0;
  #more = false;
  #span: [number, number] | undefined = [Infinity, -Infinity];

  constructor(readonly key: string) {}

  add(params: Params): void {
    const value = paramAt(params, this.key);
    if (value === undefined) {
      this.#unset++;
      return;
    }
    if (typeof value !== "number") this.#span = undefined;
    else if (this.#span) {
      const [low, high] = this.#span;
      this.#span = [Math.min(low, value), Math.max(high, value)];
    }
    const mark = typeof value === "object" ? JSON.stringify([value]) : value;
    const known = this.#counts.get(mark);
    if (known) known.runs++;
    else if (this.#counts.size < MOST_VALUES) this.#counts.set(mark, { value, runs: 1 });
    else this.#more = true;
  }

  get count(): FactorCount {
    const values = [...this.#counts.values()];
    return {
      key: this.key,
      distinct: values.length,
      more: this.#more,
      values,
      unset: this.#unset,
      ...(this.#span && values.length > 0 ? { span: this.#span } : {}),
    };
  }
}
