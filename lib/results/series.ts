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

/** The key that says which step a row belongs to. */
function stepKeyOf(row: Record<string, unknown>): string | undefined {
  return STEP_KEYS.find((key) => typeof row[key] === "number" && Number.isFinite(row[key]));
}

/** The step that a row belongs to: what {@linkcode stepKeyOf} names, without a search. */
function stepOf(row: Record<string, unknown>): number | undefined {
  if (Number.isFinite(row.step)) return row.step as number;
  const key = stepKeyOf(row);
  return key === undefined ? undefined : row[key] as number;
}

interface Seen {
  readonly name: string;
  /** Whether the metric is wanted. */
  readonly wanted: boolean;
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
  readonly #seen = new Map<string, Seen>();
  /** Those of the row before, in its order: rows of a file are mostly alike. */
  readonly #row: Seen[] = [];
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
    this.#step = this.#series ? stepOf(values) : undefined;
    let at = 0;
    for (const key in values) {
      const value = values[key];
      if (typeof value === "number" && Number.isFinite(value)) {
        let seen = this.#row[at];
        if (seen === undefined || seen.name !== key) {
          seen = this.#seenAs(key);
          this.#row[at] = seen;
        }
        if (seen.wanted) this.#follow(seen, value);
      } else if (this.#row[at]?.name !== key || this.#row[at]!.wanted) {
        eachScalar({ [key]: value }, this.#visit);
      }
      at++;
    }
  }

  readonly #visit = (name: string, value: MetricScalar): void => {
    const seen = this.#seenAs(name);
    if (!seen.wanted) return;
    if (typeof value === "number") return this.#follow(seen, value);
    seen.last = value;
    if (isNonFinite(value)) seen.direction ??= this.#directionOf(name);
  };

  #seenAs(name: string): Seen {
    const known = this.#seen.get(name);
    if (known) return known;
    const seen = { name, wanted: this.#wants(name), last: null };
    this.#seen.set(name, seen);
    return seen;
  }

  #wants(name: string): boolean {
    if (this.#keep.size > 0) return this.#keep.has(this.#prefix + name);
    return !this.#series || !isStepKey(name);
  }

  #directionOf(name: string): Direction {
    return directionOf(this.#prefix + name, this.#declared);
  }

  #follow(seen: Seen, value: number): void {
    seen.last = value;
    seen.direction ??= this.#directionOf(seen.name);
    if (!this.#series) return;
    const { best } = seen;
    if (best !== undefined && (seen.direction === "min" ? value >= best : value <= best)) return;
    seen.best = value;
    seen.bestStep = this.#step;
  }

  /** What was followed, in the order in which it was first seen. */
  metrics(source: string): Map<string, MetricValue> {
    const found = new Map<string, MetricValue>();
    for (const { name, wanted, last, best, bestStep, direction } of this.#seen.values()) {
      if (!wanted) continue;
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
    const found = { key: stepKeyOf(row) ?? NO_STEPS, rows: 0, points: new Map() };
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
