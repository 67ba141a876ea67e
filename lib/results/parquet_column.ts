import type { BasicType, ColumnSource } from "hyparquet-writer";
import type { ParamValue } from "../core/params.ts";
import { isNonFinite } from "./records.ts";

/** A cell as Parquet takes it; `null` is missing. */
type Cell = number | string | boolean | null;

/** The value of a column in each row; `undefined` where it is missing. */
export type Values = (ParamValue | undefined)[];

/**
 * A column of Parquet: numbers are doubles, NaN among them; a column with values of several types is
 * text. Missing is null.
 */
export function typedColumn(name: string, values: Values): ColumnSource {
  const cells = Array.from(values, (value) => value ?? null);
  const present = cells.filter((cell) => cell !== null);
  if (present.some((cell) => typeof cell === "number") && present.every(isNumber)) {
    return column(name, "DOUBLE", cells.map((cell) => cell === null ? null : Number(cell)));
  }
  if (present.length > 0 && present.every((cell) => typeof cell === "boolean")) {
    return column(name, "BOOLEAN", cells as Cell[]);
  }
  return column(name, "STRING", cells.map(asText));
}

function column(name: string, type: BasicType, data: Cell[]): ColumnSource {
  return { name, type, data };
}

function isNumber(value: ParamValue): boolean {
  return typeof value === "number" || (typeof value === "string" && isNonFinite(value));
}

function asText(value: ParamValue): string | null {
  if (value === null || typeof value === "string") return value;
  return JSON.stringify(value);
}
