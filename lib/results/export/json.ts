import type { ResultRecord } from "../records.ts";
import { exportColumns } from "./columns.ts";
import type { ExportOptions, TextExporter } from "./exporter.ts";

/** An array of records, everything in them; flat ones when the names of columns are MLflow's. */
export const jsonExporter: TextExporter = {
  format: "json",
  extensions: [".json"],
  render: (records, options) => `${JSON.stringify(objectsOf(records, options), null, 2)}\n`,
};

/** One record a line. */
export const jsonlExporter: TextExporter = {
  format: "jsonl",
  extensions: [".jsonl", ".ndjson"],
  render: (records, options) =>
    objectsOf(records, options).map((object) => `${JSON.stringify(object)}\n`).join(""),
};

function objectsOf(records: readonly ResultRecord[], options: ExportOptions): readonly object[] {
  if (options.names !== "mlflow") return records;
  const columns = exportColumns(records, options);
  return records.map((record) =>
    Object.fromEntries(columns.flatMap(({ name, value }) => {
      const found = value(record);
      return found === undefined ? [] : [[name, found]];
    }))
  );
}
