import type { SweepValues } from "./sweep.ts";

/** Ways to choose the next point of a search. */
export const SAMPLERS = ["random", "sobol", "tpe", "cmaes"] as const;

/** One of {@linkcode SAMPLERS}; `tpe` and `cmaes` are Optuna's, in the user's Python. */
export type Sampler = "random" | "sobol" | "tpe" | "cmaes";

/** Successive halving: every trial begins small, and the better share of each rung goes on. */
export interface AshaSpec {
  /** Parameter (dotted key) that takes the budget: epochs or steps, a whole number. */
  param: string;
  /** Budget of the first rung. */
  min: number;
  /** Budget of the last rung. */
  max: number;
  /** One of so many goes on, with so many times the budget. */
  reduction: number;
}

/** An experiment whose runs are suggested one after the other. */
export interface SearchSpec {
  /** Name of the metric, as `harvest` names it. */
  metric: string;
  /** As `harvest.direction` says, or by the metric's name, unless told. */
  direction?: "min" | "max";
  /** Which value of the metric counts: the last one written, or the best of its series. */
  use: "last" | "best";
  /** Who suggests. */
  sampler: Sampler;
  /** Number of points. */
  trials: number;
  /** Most runs in the queue at once. */
  at_once: number;
  /** Another seed suggests other points; 0 unless told. Without one, `sobol` is the plain sequence. */
  seed?: number;
  /** Parameter (dotted key) → how it is drawn, in the words of a sweep. */
  space: Record<string, SweepValues>;
  /** Absent: every trial has the whole budget. */
  asha?: AshaSpec;
  /** Python that has Optuna; that of `environment.venv`, else `python3`, unless told. */
  python?: string;
}
