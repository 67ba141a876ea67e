import { UsageError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { describe, type Description } from "./statistics/describe.ts";
import { tInterval } from "./statistics/intervals.ts";

/** What a cell shows of the values of its runs. */
export interface Aggregated {
  /** What cells are ranked by. */
  value: number;
  /** What stands behind ±; absent where it cannot be told. */
  spread?: number;
}

/** A way to make a cell of values. */
export interface Aggregation {
  name: string;
  /** What ± means, for the note below a table. */
  spread?: string;
  of(description: Description, values: readonly number[]): Aggregated;
}

const AGGREGATIONS: readonly Aggregation[] = [
  { name: "mean", of: ({ mean }) => ({ value: mean }) },
  {
    name: "mean±std",
    spread: "one sample standard deviation (n − 1)",
    of: ({ mean, std }) => ({ value: mean, spread: std }),
  },
  {
    name: "mean±sem",
    spread: "one standard error of the mean",
    of: ({ mean, std, n }) => ({ value: mean, spread: std && std / Math.sqrt(n) }),
  },
  {
    name: "mean±ci",
    spread: "half of the 95% confidence interval of the mean, by Student's t",
    of({ mean }, values) {
      const interval = tInterval(values);
      return { value: mean, spread: interval && interval.high - mean };
    },
  },
  { name: "median", of: ({ median }) => ({ value: median }) },
  { name: "iqm", of: ({ iqm }) => ({ value: iqm }) },
  { name: "min", of: ({ min }) => ({ value: min }) },
  { name: "max", of: ({ max }) => ({ value: max }) },
];

/** Names of the ways to aggregate. */
export const AGGREGATION_NAMES: readonly string[] = AGGREGATIONS.map(({ name }) => name);

/** The way by its name; `mean+-std` is `mean±std`. @throws {UsageError} for others. */
export function aggregationNamed(name: string): Aggregation {
  const found = AGGREGATIONS.find((one) => one.name === name.replace("+-", "±"));
  if (found) return found;
  throw new UsageError(`Cannot aggregate by ${JSON.stringify(name)}: no such way`, {
    hint: didYouMean(name, AGGREGATION_NAMES),
  });
}

/** What a cell shows of values; `undefined` when there are none. */
export function aggregated(
  { of }: Aggregation,
  values: readonly number[],
): Aggregated & Description | undefined {
  const description = describe(values);
  return description && { ...description, ...of(description, values) };
}
