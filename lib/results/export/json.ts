import type { Exporter } from "./exporter.ts";

/** An array of records, everything in them. */
export const jsonExporter: Exporter = {
  format: "json",
  extensions: [".json"],
  render: (records) => `${JSON.stringify(records, null, 2)}\n`,
};

/** One record a line. */
export const jsonlExporter: Exporter = {
  format: "jsonl",
  extensions: [".jsonl", ".ndjson"],
  render: (records) => records.map((record) => `${JSON.stringify(record)}\n`).join(""),
};
