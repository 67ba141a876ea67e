import { escapeHtml } from "../export/html.ts";
import { paragraph } from "./page.ts";

/** Runs that failed of one thing. */
export interface ReportFailure {
  title: string;
  /** Whether a rule knows it. */
  certainty: string;
  /** Indices. */
  runs: readonly number[];
  /** What they share, one line each. */
  common: readonly string[];
  /** Lines of output that say so. */
  evidence: readonly string[];
  /** What helps. */
  remedy: string;
}

const MOST_GROUPS = 20;
const MOST_RUNS = 12;
const MOST_LETTERS = 400;

/** Failures, the most frequent first. */
export function failuresHtml(failures: readonly ReportFailure[]): string {
  if (failures.length === 0) return paragraph("Nothing failed.");
  const shown = failures.slice(0, MOST_GROUPS).map(oneFailure);
  const more = failures.length - MOST_GROUPS;
  return [...shown, ...(more > 0 ? [paragraph(`… and ${more} other kinds`)] : [])].join("\n");
}

function oneFailure({ title, certainty, runs, common, evidence, remedy }: ReportFailure): string {
  const sure = certainty === "likely" ? " (likely)" : "";
  const count = runs.length === 1 ? "1 run" : `${runs.length} runs`;
  const listed = runs.slice(0, MOST_RUNS).join(", ") + (runs.length > MOST_RUNS ? ", …" : "");
  const lines = evidence.map((line) =>
    line.length <= MOST_LETTERS ? line : `${line.slice(0, MOST_LETTERS)}…`
  );
  return [
    '<div class="failure">',
    `<p><b>${escapeHtml(title)}</b>${sure}: ${count} (${listed})</p>`,
    ...(common.length > 0 ? [paragraph(`shared: ${common.join("; ")}`)] : []),
    ...(lines.length > 0 ? [`<pre>${escapeHtml(lines.join("\n"))}</pre>`] : []),
    paragraph(`try: ${remedy}`),
    "</div>",
  ].join("\n");
}
