import { UsageError } from "../core/errors.ts";
import type { ParamValue } from "../core/params.ts";
import { didYouMean } from "../core/suggest.ts";
import { type FlatColumn, flatColumns } from "./export/columns.ts";
import { isNonFinite, type ResultRecord } from "./records.ts";

/** One thing that is known of runs, by the name that people give it. */
export interface Field {
  name: string;
  kind: FlatColumn["kind"];
  /** Its name among parameters, or among metrics. */
  own: string;
  /** Its value in a run; a metric that is not finite is that number. `undefined`: not there. */
  value(record: ResultRecord): ParamValue | undefined;
}

/** Finds a field; see {@linkcode fieldsOf}. */
export type Fields = (name: string) => Field;

/**
 * Fields of runs by the names that the columns of an export have (`lr`, `acc`, `acc_best`, `state`,
 * `elapsed`), or in full: `params.lr`, `metrics.acc`. A name that is both a parameter and a metric
 * is the parameter.
 *
 * @throws {UsageError} from the finder, for a name that no run has.
 */
export function fieldsOf(records: readonly ResultRecord[]): Fields {
  const columns = flatColumns(records);
  const known = new Map<string, FlatColumn>();
  for (const column of columns) known.set(`${column.kind}.${column.own}`, column);
  for (const column of columns) known.set(column.name, column);
  return (name) => {
    const column = known.get(name) ?? (name === "params.seed" ? known.get("seed") : undefined);
    if (column) return fieldOf(name, column);
    throw new UsageError(`Cannot find ${JSON.stringify(name)}: no run has it`, {
      hint: didYouMean(name, columns.map((column) => column.name)),
    });
  };
}

function fieldOf(name: string, { kind, own, value }: FlatColumn): Field {
  if (kind !== "metrics") return { name, kind, own, value };
  return {
    name,
    kind,
    own,
    value: (record) => {
      const found = value(record);
      return typeof found === "string" && isNonFinite(found) ? Number(found) : found;
    },
  };
}
