import type { ParamValue } from "../../core/params.ts";
import { splitParams } from "../factors.ts";
import type { ResultRecord } from "../records.ts";

/** Parameters that differ between runs, without the seed. */
export function factorsOf(records: readonly ResultRecord[], seedKey: string): string[] {
  return splitParams(records.map(({ params }) => params)).varying
    .filter((name) => name !== seedKey);
}

/** Positions of values in the order of an axis: numbers rising, anything else as it comes. */
export function axisOrder(values: readonly (ParamValue | undefined)[]): number[] {
  const at = values.map((_, index) => index);
  const numbers = values.every((value) => typeof value === "number");
  return numbers ? at.sort((a, b) => (values[a] as number) - (values[b] as number)) : at;
}
