import { flattenParams, type Params, type ParamValue } from "../core/params.ts";
import { directionOf } from "./direction.ts";
import { type Direction, isNonFinite, type MetricScalar, type MetricValue } from "./records.ts";
import { eachScalar } from "./scalars.ts";

/** Keys that count steps, the finest first. They are no metrics themselves. */
export const STEP_KEYS = ["step", "global_step", "iteration", "epoch"] as const;

/** Takes what a reader finds, row by row. */
export interface Sink {
  /** One line of a log, or the whole of a file that is written once. Groups may be nested. */
  row(values: Record<string, unknown>): void;
  /** Parameters that the program itself wrote down. Groups may be nested. */
  params?(values: Record<string, unknown>): void;
}

/** The step that a row belongs to, and the key that says so. */
export function stepOf(row: Record<string, unknown>): { key: string; step: number } | undefined {
  for (const key of STEP_KEYS) {
    const step = row[key];
    if (typeof step === "number" && Number.isFinite(step)) return { key, step };
  }
  return undefined;
}

interface Seen {
  last: MetricScalar;
  best?: number;
  bestStep?: number;
  direction?: Direction;
}

/** What of a source is followed, and how. */
export interface Following {
  /** Metric → whether lower or higher is better, where it was declared. */
  direction: Record<string, Direction>;
  /** Metrics to follow; all when it is empty. */
  keep: readonly string[];
  /** Whether rows are steps. */
  series: boolean;
  /** Put before each name. */
  prefix?: string;
}

/** Follows each metric of a source: its last value, and the best of a series with its step. */
export class MetricTracker implements Sink {
  /** `null`: not wanted. */
  readonly #seen = new Map<string, Seen | null>();
  readonly #declared: Record<string, Direction>;
  readonly #keep: ReadonlySet<string>;
  readonly #series: boolean;
  readonly #prefix: string;
  readonly #params = new Map<string, ParamValue>();
  #step: number | undefined;

  constructor({ direction, keep, series, prefix = "" }: Following) {
    this.#declared = direction;
    this.#keep = new Set(keep);
    this.#series = series;
    this.#prefix = prefix;
  }

  params(values: Record<string, unknown>): void {
    for (const [name, value] of flattenParams(values as Params)) this.#params.set(name, value);
  }

  /** What {@linkcode params} was told, by dotted key. */
  get reported(): ReadonlyMap<string, ParamValue> {
    return this.#params;
  }

  row(values: Record<string, unknown>): void {
    this.#step = this.#series ? stepOf(values)?.step : undefined;
    eachScalar(values, this.#visit);
  }

  readonly #visit = (name: string, value: MetricScalar): void => {
    let seen = this.#seen.get(name);
    if (seen === undefined) {
      seen = this.#wants(name) ? { last: value } : null;
      this.#seen.set(name, seen);
    }
    if (seen === null) return;
    seen.last = value;
    if (typeof value === "number") this.#compare(seen, name, value);
    else if (isNonFinite(value)) seen.direction ??= this.#directionOf(name);
  };

  #wants(name: string): boolean {
    if (this.#keep.size > 0) return this.#keep.has(this.#prefix + name);
    return !this.#series || !isStepKey(name);
  }

  #directionOf(name: string): Direction {
    return directionOf(this.#prefix + name, this.#declared);
  }

  #compare(seen: Seen, name: string, value: number): void {
    seen.direction ??= this.#directionOf(name);
    if (!this.#series) return;
    const { best, direction } = seen;
    if (best !== undefined && (direction === "min" ? value >= best : value <= best)) return;
    seen.best = value;
    seen.bestStep = this.#step;
  }

  /** What was followed, in the order in which it was first seen. */
  metrics(source: string): Map<string, MetricValue> {
    const found = new Map<string, MetricValue>();
    for (const [name, seen] of this.#seen) {
      if (seen === null) continue;
      const { last, best, bestStep, direction } = seen;
      found.set(this.#prefix + name, {
        last,
        ...(best === undefined ? {} : { best }),
        ...(best === undefined || bestStep === undefined ? {} : { bestStep }),
        ...(direction === undefined ? {} : { direction }),
        source,
      });
    }
    return found;
  }
}

/** One point of a learning curve. */
export interface CurvePoint {
  step: number;
  value: number;
}

/** How one metric of one run developed. */
export interface Curve {
  metric: string;
  /** What counts the steps: `epoch`, …, or `row` where the file has no steps. */
  stepKey: string;
  /** By rising step. Values that are not finite are left out, and counted. */
  points: CurvePoint[];
  nonFinite: number;
}

const NO_STEPS = "row";

interface Collected {
  key: string;
  rows: number;
  points: Map<number, MetricScalar>;
}

/** Collects curves. A step written twice (after a restart) counts once, the last. */
export class CurveCollector implements Sink {
  readonly #only: ReadonlySet<string>;
  readonly #prefix: string;
  readonly #found = new Map<string, Collected>();

  /** `only` names the metrics that are wanted, all when it is empty; `prefix` is put before names. */
  constructor(only: readonly string[], prefix = "") {
    this.#only = new Set(only);
    this.#prefix = prefix;
  }

  row(values: Record<string, unknown>): void {
    eachScalar(values, (name, value) => {
      if (typeof value !== "number" && !isNonFinite(value)) return;
      const metric = this.#prefix + name;
      if (this.#only.size > 0 ? !this.#only.has(metric) : isStepKey(name)) return;
      const found = this.#collected(metric, values);
      const step = found.key === NO_STEPS ? ++found.rows : values[found.key];
      if (typeof step === "number" && Number.isFinite(step)) found.points.set(step, value);
    });
  }

  #collected(metric: string, row: Record<string, unknown>): Collected {
    const known = this.#found.get(metric);
    if (known) return known;
    const found = { key: stepOf(row)?.key ?? NO_STEPS, rows: 0, points: new Map() };
    this.#found.set(metric, found);
    return found;
  }

  /** Those that were seen, in the order in which they first were. */
  curves(): Curve[] {
    return Array.from(this.#found, ([metric, { key, points }]): Curve => {
      const finite = [...points]
        .flatMap(([step, value]) => typeof value === "number" ? [{ step, value }] : [])
        .sort((a, b) => a.step - b.step);
      return { metric, stepKey: key, points: finite, nonFinite: points.size - finite.length };
    }).filter(({ points, nonFinite }) => points.length + nonFinite > 0);
  }
}

function isStepKey(name: string): boolean {
  return (STEP_KEYS as readonly string[]).includes(name);
}
