import type { ParamValue } from "../../core/params.ts";
import { axisOrder } from "./factors.ts";
import { distinctLabels, tickLabel, valueLabel } from "./labels.ts";

/** An axis from 0 to 1 for values of any kind. */
export interface UnitAxis {
  name: string;
  /** Where a value is; `undefined` for one that the axis cannot show. */
  at(value: ParamValue | undefined): number | undefined;
  ticks: { at: number; label: string }[];
  /** How numbers lie on it; absent for choices. */
  scale?: "linear" | "log";
}

/** Numbers over more than such a factor are shown by their logarithm. */
const LOG_FROM = 50;
const MOST_TICKS = 8;

/** The axis that suits values: numbers in proportion or by logarithm, choices evenly. */
export function unitAxis(name: string, values: readonly (ParamValue | undefined)[]): UnitAxis {
  const given = values.filter((value) => value !== undefined && value !== null);
  const numbers = given.filter((value) => typeof value === "number" && Number.isFinite(value));
  const whole = given.every((value) => typeof value === "number");
  return whole && numbers.length > 0
    ? numberAxis(name, numbers as number[])
    : choiceAxis(name, values.filter((value) => value !== undefined));
}

function numberAxis(name: string, numbers: readonly number[]): UnitAxis {
  const low = numbers.reduce((a, b) => Math.min(a, b));
  const high = numbers.reduce((a, b) => Math.max(a, b));
  const log = low > 0 && high / low >= LOG_FROM;
  const place = (value: number) => {
    if (low === high) return 0.5;
    return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  };
  const distinct = [...new Set(numbers)].sort((a, b) => a - b);
  const even = Array.from(
    { length: 5 },
    (_, at) => log ? low * (high / low) ** (at / 4) : low + (high - low) * at / 4,
  );
  const shown = distinct.length <= MOST_TICKS ? spaced(distinct, place) : even;
  return {
    name,
    scale: log ? "log" : "linear",
    at: (value) => typeof value === "number" && Number.isFinite(value) ? place(value) : undefined,
    ticks: shown.map((value) => ({ at: place(value), label: tickLabel(value) })),
  };
}

/** Leaves out what would be written over its neighbour. */
function spaced(values: readonly number[], place: (value: number) => number): number[] {
  const kept: number[] = [];
  for (const value of values) {
    const last = kept.at(-1);
    if (last === undefined || place(value) - place(last) >= 0.06) kept.push(value);
  }
  return kept;
}

function choiceAxis(name: string, given: readonly ParamValue[]): UnitAxis {
  const distinct = new Map(given.map((value) => [JSON.stringify(value), value]));
  const values = [...distinct.values()];
  const labels = distinctLabels(values.map((value) => valueLabel(value, 14)));
  const order = axisOrder(values);
  const place = (rank: number) => order.length === 1 ? 0.5 : rank / (order.length - 1);
  const at = new Map(order.map((index, rank) => [JSON.stringify(values[index]), place(rank)]));
  const every = Math.ceil(order.length / 20);
  return {
    name,
    at: (value) => value === undefined ? undefined : at.get(JSON.stringify(value)),
    ticks: order.map((index, rank) => ({ at: place(rank), label: labels[index]! }))
      .filter((_, rank) => rank % every === 0),
  };
}
