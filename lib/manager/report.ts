import { join } from "node:path";
import { replicates } from "../results/aggregate.ts";
import { showParam } from "../results/factors.ts";
import type { ResultRecord } from "../results/records.ts";
import { failuresHtml, type ReportFailure } from "../results/report/failures.ts";
import { figuresHtml, MOST_CURVES, usualFigures } from "../results/report/figures.ts";
import { factList, lineList, paragraph, reportPage, type Section } from "../results/report/page.ts";
import { statisticsHtml } from "../results/report/statistics.ts";
import { type ReportScope, scopeOf } from "../results/report/subset.ts";
import type { PairedTest } from "../results/statistics/paired_test.ts";
import type { ExperimentStatus } from "../submission/status.ts";
import { writeWhole } from "../system/files.ts";
import { plotLearningCurves } from "./curves.ts";
import { harvest } from "./harvest.ts";
import type { Project } from "./project.ts";
import { provenanceHtml, reproduceHtml } from "./report_provenance.ts";
import { status } from "./status.ts";
import { diagnosisOf, type DiagnosisReport } from "./why.ts";

/** What a report shows. */
export interface ReportOptions {
  /** What sets of parameters are ranked by; the first that is a number unless told. */
  metric?: string;
  /** Of each set of parameters against the first; `t` unless told. */
  test?: PairedTest;
  /** Where it is written; `experiments/results/<id>.html` unless told. */
  path?: string;
}

/** A report that was written. */
export interface ReportOutcome {
  /** The file. */
  path: string;
  /** Its size. */
  bytes: number;
  /** Runs that it is about. */
  runs: number;
  /** What is shown; absent when no run has a metric. */
  metric?: string;
}

/**
 * Harvests an experiment and writes one page about it that needs nothing beside it: counts by state,
 * statistics with tests, plots, failures, provenance, how to reproduce it. Its size is bounded: of
 * many sets of parameters the best are shown, and it says so.
 *
 * @throws {NotFoundError} when the experiment was never submitted, {UsageError} for a metric that no
 * run has.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, submit, wait, writeReport } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01 seed=0,1" });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * const { path, runs } = await writeReport(project, "exp001", { metric: "loss" });
 * const page = Deno.readTextFileSync(path);
 * if (runs !== 4 || !page.includes("<svg") || page.includes("<script")) throw new Error(path);
 * ```
 */
export async function writeReport(
  project: Project,
  id: string,
  options: ReportOptions = {},
): Promise<ReportOutcome> {
  const { records, problems } = await harvest(project, id);
  const found = (await status(project, { ids: [id] }))[0]!;
  const scope = scopeOf(records, options.metric);
  const diagnosis = diagnosisOf(project, found);
  const made = new Date(project.context.clock.now()).toISOString();
  const sections: Section[] = [
    { id: "summary", title: "Summary", html: summaryHtml(found, diagnosis, records) },
    ...(scope
      ? await resultSections(project, id, { records, scope, test: options.test })
      : [noStatistics()]),
    { id: "failures", title: "Failures", html: failuresHtml(diagnosis.groups.map(failureOf)) },
    ...(problems.length > 0
      ? [{ id: "problems", title: "Problems of the harvest", html: lineList(problems) }]
      : []),
    { id: "provenance", title: "Provenance", html: provenanceHtml(project.layout, found) },
    { id: "reproduce", title: "How to reproduce", html: reproduceHtml(project.layout, found) },
  ];
  const intro = paragraph(found.plans.at(-1)!.config.description) +
    paragraph(`made ${made} by expflow in ${project.layout.root}`, "faint");
  const page = reportPage(id, intro, sections);
  const path = options.path ?? join(project.layout.results, `${id}.html`);
  writeWhole(path, page);
  const bytes = new TextEncoder().encode(page).length;
  return { path, bytes, runs: found.runs.length, ...(scope ? { metric: scope.metric.name } : {}) };
}

function noStatistics(): Section {
  const html = paragraph("No run has a metric that is a number: there is nothing to compare.");
  return { id: "statistics", title: "Statistics", html };
}

async function resultSections(
  project: Project,
  id: string,
  { records, scope, test = "t" }: {
    records: ResultRecord[];
    scope: ReportScope;
    test?: PairedTest;
  },
): Promise<Section[]> {
  const { name } = scope.metric;
  const best = new Set(scope.ranked.slice(0, MOST_CURVES).map((params) => JSON.stringify(params)));
  const curves = replicates(scope.records)
    .filter(({ params }) => best.has(JSON.stringify(params)))
    .flatMap(({ members }) => members);
  const last = scope.diverged ? "; sets with a run that is not finite come last" : "";
  const which = scope.sets.all > MOST_CURVES
    ? `, the ${MOST_CURVES} best of ${scope.sets.all}${last}`
    : "";
  const figures = [
    {
      title: `Curves of ${name}${which}`,
      draw: () => plotLearningCurves(project, id, curves, name),
    },
    ...usualFigures(records, scope),
  ];
  return [
    { id: "statistics", title: "Statistics", html: statisticsHtml(scope, test) },
    { id: "plots", title: "Plots", html: await figuresHtml(figures) },
  ];
}

function summaryHtml(
  { runs, plans }: ExperimentStatus,
  { counts }: DiagnosisReport,
  records: readonly ResultRecord[],
): string {
  const { config } = plans.at(-1)!;
  const states = Object.entries(counts).map(([state, count]) => `${count} ${state}`).join(", ");
  const starts = records.flatMap(({ started }) => started ?? []).sort();
  const ends = records.flatMap(({ ended }) => ended ?? []).sort();
  const from = new Map<string, number>();
  for (const { stages } of runs) {
    for (const { source } of Object.values(stages)) from.set(source, (from.get(source) ?? 0) + 1);
  }
  const sources = Array.from(from, ([source, count]) => `${source} (${count})`).join(", ");
  return factList([
    ["runs", `${runs.length}: ${states}`],
    ["tags", config.tags.join(", ")],
    ["submissions", String(plans.length)],
    ["first start", starts[0]],
    ["last end", ends.at(-1)],
    ["states and times from", sources],
    ["metrics from", [...new Set(records.flatMap(({ formats = [] }) => formats))].join(", ")],
  ]);
}

function failureOf(group: DiagnosisReport["groups"][number]): ReportFailure {
  return {
    ...group,
    common: group.common.map(({ name, value }) => `${name} ${showParam(value)}`),
    evidence: group.evidence.slice(0, 3).map(({ source, line, text }) =>
      `${source}${line === undefined ? "" : `:${line}`}: ${text}`
    ),
  };
}
