import type { ParamValue } from "../../core/params.ts";
import { formatCsv } from "../dsv.ts";
import type { ResultRecord } from "../records.ts";
import { flatColumns } from "./columns.ts";
import type { Exporter } from "./exporter.ts";

/** One row a run (RFC 4180). Values are exact; what is missing is blank. */
export const csvExporter: Exporter = {
  format: "csv",
  extensions: [".csv"],
  render(records) {
    const columns = flatColumns(records);
    const rows = records.map((record: ResultRecord) =>
      columns.map((column) => cell(column.value(record)))
    );
    return formatCsv([columns.map(({ name }) => name), ...rows]);
  },
};

function cell(value: ParamValue | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
