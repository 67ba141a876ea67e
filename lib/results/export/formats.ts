import { extname } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { didYouMean } from "../../core/suggest.ts";
import type { ResultRecord } from "../records.ts";
import { csvExporter } from "./csv.ts";
import type { Exporter, ExportOptions } from "./exporter.ts";
import { jsonExporter, jsonlExporter } from "./json.ts";
import { htmlExporter } from "./html.ts";
import { latexExporter } from "./latex.ts";
import { markdownExporter } from "./markdown.ts";
import { parquetExporter } from "./parquet.ts";

/** Every format that results can be exported to. */
export const EXPORTERS: readonly Exporter[] = [
  csvExporter,
  jsonExporter,
  jsonlExporter,
  parquetExporter,
  markdownExporter,
  latexExporter,
  htmlExporter,
];

/** The exporter for a file, by its extension. @throws {UsageError} naming the known ones. */
export function exporterFor(path: string): Exporter {
  const extension = extname(path).toLowerCase();
  const found = EXPORTERS.find(({ extensions }) => extensions.includes(extension));
  if (found) return found;
  const known = EXPORTERS.flatMap(({ extensions }) => extensions).join(", ");
  throw new UsageError(
    `Cannot export to ${path}: ${extension || "no extension"} is not a known format`,
    { hint: `name a file that ends in ${known}` },
  );
}

/**
 * Writes results as text: every run exactly (`csv`, `json`, `jsonl`), or a table for people, mean
 * ± std over seeds (`md`, `tex`, `html`).
 *
 * @throws {UsageError} for a format that is not known, or no text.
 */
export function exportRows(
  records: readonly ResultRecord[],
  format: string,
  options: ExportOptions = {},
): string {
  const text = EXPORTERS.filter((exporter) => "render" in exporter);
  const found = text.find((exporter) => exporter.format === format);
  if (found) return found.render(records, options);
  throw new UsageError(`Cannot export as ${JSON.stringify(format)}: no such format`, {
    hint: didYouMean(format, text.map((exporter) => exporter.format)),
  });
}
