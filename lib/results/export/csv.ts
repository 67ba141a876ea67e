import { formatCsv } from "../dsv.ts";
import { cellText, exportColumns } from "./columns.ts";
import type { TextExporter } from "./exporter.ts";

/** One row a run (RFC 4180). Values are exact; what is missing is blank. */
export const csvExporter: TextExporter = {
  format: "csv",
  extensions: [".csv"],
  render(records, options) {
    const columns = exportColumns(records, options);
    const rows = records.map((record) => columns.map(({ value }) => cellText(value(record))));
    return formatCsv([columns.map(({ name }) => name), ...rows]);
  },
};
