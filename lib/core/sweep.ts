import type { Params, ParamValue } from "./params.ts";
import type { Resources } from "./resources.ts";

/** Values of one parameter: a list, or a range as text, `0:1:0.1` or `log(1e-4,1e-1,7)`. */
export type SweepValues = ParamValue[] | string;

/** Parameters that are drawn. */
export interface Draws {
  /** Number of points. */
  n: number;
  /** Draws of another seed are others; 0 unless told. Without one, `sobol` is the plain sequence. */
  seed?: number;
  /**
   * Parameter (dotted key) → `uniform(0,1)`, `loguniform(1e-4,1e-1)`, `int(1,8)`, `normal(0,1)`,
   * `choice(adam,sgd)`, or a list to choose from.
   */
  params: Record<string, SweepValues>;
}

/** A part of an experiment that spans runs: the product of everything that is given. */
export interface Sweep {
  /** Sub-sweeps, one after the other. */
  concat?: Sweep[];
  /** Sub-sweeps with a name, one after the other, each with resources of its own. */
  groups?: Record<string, SweepGroup>;
  /** Explicit points, each a set of parameters. */
  list?: Params[];
  /** Independent draws. */
  random?: Draws;
  /** A Sobol sequence: draws that fill the space evenly. */
  sobol?: Draws;
  /** A Latin hypercube: each parameter has one draw in each of `n` equal slices. */
  lhs?: Draws;
  /** Parameter (dotted key) → values that advance together: the first of each, the second, … */
  zip?: Record<string, SweepValues>;
  /** Parameter (dotted key) → values; all combinations, the last one varies fastest. */
  grid?: Record<string, SweepValues>;
  /** Replicates, as a number or a list: values of the parameter `seed_key`. They vary fastest. */
  seeds?: number | number[];
  /** Parameter that takes the seed; `seed` unless told. */
  seed_key?: string;
  /** Parameter → condition: where it does not hold, the sweep leaves that parameter alone. */
  when?: Record<string, string>;
  /** Conditions that a point must not break. */
  where?: string | string[];
}

/** A named sub-sweep. */
export interface SweepGroup extends Sweep {
  /** Over those of every stage, for the runs of this group. */
  resources?: Resources;
}
