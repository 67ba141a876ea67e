import { UsageError } from "../../core/errors.ts";
import { escapeHtml, htmlTable } from "../export/html.ts";
import { showParam } from "../factors.ts";
import { groupStatistics } from "../group_statistics.ts";
import { resultsTable } from "../results_table.ts";
import type { PairedTest } from "../statistics/paired_test.ts";
import { statisticsTable } from "../statistics_table.ts";
import type { Table } from "../table_model.ts";
import { paragraph } from "./page.ts";
import type { ReportScope } from "./subset.ts";

/** The comparison with its tests, and the statistics of the metric. */
export function statisticsHtml(scope: ReportScope, test: PairedTest): string {
  const { metric, metrics, factors, records, sets, notCompleted } = scope;
  if (records.length === 0) return paragraph(`No completed run has a finite ${metric.name}.`);
  const shown = sets.shown < sets.all
    ? [paragraph(
      `${sets.shown} of ${sets.all} sets of parameters: the best by ${metric.name}, and the first`,
      "notes",
    )]
    : [];
  const others = notCompleted > 0
    ? [paragraph(`Runs that did not complete are in no number: ${notCompleted}`, "notes")]
    : [];
  return [
    ...shown,
    ...others,
    comparison(scope, test),
    `<h3>${escapeHtml(metric.name)}</h3>`,
    scroll(
      htmlTable(
        withoutMetric(statisticsTable(groupStatistics(records, { metrics: [metric.name] }))),
      ),
    ),
    ...(metrics.length > 1 || factors.length > 0 ? [] : [paragraph("One set of parameters.")]),
  ].join("\n");
}

/** Tests are against the first set of the sweep: a choice made before the results were seen. */
function comparison(
  { metrics, factors, records, baseline }: ReportScope,
  test: PairedTest,
): string {
  if (factors.length === 0) {
    return scroll(htmlTable(resultsTable(records, { rows: [], metrics, agg: "mean±ci" }).table));
  }
  const layout = { rows: factors, metrics, agg: "mean±ci" };
  const first = factors.map((name) => showParam(baseline[name]));
  try {
    const { table } = resultsTable(records, { ...layout, test, baseline: first });
    return scroll(htmlTable(table));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return scroll(htmlTable(resultsTable(records, layout).table)) +
      paragraph(`Not tested: ${error.message}`, "notes");
  }
}

/** The heading above says which metric it is. */
function withoutMetric({ columns, rows, notes }: Table): Table {
  const at = columns.findLastIndex(({ name, kind }) => name === "metric" && kind === "key");
  return {
    columns: columns.toSpliced(at, 1),
    rows: rows.map((row) => row.toSpliced(at, 1)),
    notes,
  };
}

function scroll(table: string): string {
  return `<div class="scroll">${table}</div>`;
}
