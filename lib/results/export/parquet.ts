import { type BasicType, parquetWriteBuffer } from "hyparquet-writer";
import type { ParamValue } from "../../core/params.ts";
import { isNonFinite } from "../records.ts";
import { cellText, exportColumns } from "./columns.ts";
import type { BinaryExporter } from "./exporter.ts";

/** One row a run, a column each as in CSV; numbers are doubles, what is missing is null. */
export const parquetExporter: BinaryExporter = {
  format: "parquet",
  extensions: [".parquet"],
  encode(records, options) {
    const columnData = exportColumns(records, options).map(({ name, value }) => ({
      name,
      ...typed(records.map(value)),
      nullable: true,
    }));
    return new Uint8Array(parquetWriteBuffer({ columnData }));
  },
};

/** A column of one kind keeps it; in a mixed one everything is text, as in CSV. */
function typed(values: (ParamValue | undefined)[]): { data: unknown[]; type: BasicType } {
  const given = values.filter((value) => value !== undefined && value !== null);
  if (given.length > 0 && given.every((value) => typeof value === "boolean")) {
    return { data: values.map((value) => value ?? null), type: "BOOLEAN" };
  }
  const numeric = (value: ParamValue) =>
    typeof value === "number" || (typeof value === "string" && isNonFinite(value));
  if (given.some((value) => typeof value === "number") && given.every(numeric)) {
    const data = values.map((value) =>
      value === undefined || value === null ? null : Number(value)
    );
    return { data, type: "DOUBLE" };
  }
  const text = (value: ParamValue | undefined) =>
    value === undefined || value === null ? null : cellText(value);
  return { data: values.map(text), type: "STRING" };
}
