import { countStates, type ExperimentStatus, type RunStatus } from "../submission/status.ts";
import type { FactorGroup } from "../submission/by_factor.ts";
import { type Outlook, outlookOf } from "../submission/outlook.ts";
import { type Lineage, lineageOf } from "../submission/retry/lineage.ts";
import { lineageText } from "./tell_failure.ts";
import type { ImportedCounts } from "../manager/imported.ts";
import { tellImported } from "./tell_import.ts";
import { tellCounts } from "./progress.ts";
import { factorGrid, factorTable, widthOf } from "./tell_factors.ts";
import { outlookText } from "./tell_outlook.ts";
import { tellStart } from "./tell_advice.ts";
import { textTable } from "./text_table.ts";

const ROWS_SHOWN = 30;

/** What is shown of an experiment; its lineage and outlook know all runs. */
export interface Shown {
  status: ExperimentStatus;
  lineage: Lineage;
  outlook: Outlook;
  /** Present where it was imported. */
  imported?: ImportedCounts;
  /** Runs by parameters, in the place of a table of runs. */
  by?: { factors: readonly string[]; groups: FactorGroup[] };
}

/** How it is shown. */
export interface Manner {
  columns: number;
  color: boolean;
  /** Every run, not only the first ones. */
  all: boolean;
  /** Two factors as a grid. */
  grid: boolean;
  /** Seconds since 1970. */
  now: number;
}

/** Puts together what is shown of an experiment; `only` leaves out other runs. */
export function shownOf(
  status: ExperimentStatus,
  now: number,
  only: (status: ExperimentStatus) => ExperimentStatus,
): Shown {
  return {
    status: only(status),
    lineage: lineageOf(status.plans, status.runs),
    outlook: outlookOf(status.runs, now),
  };
}

/** The documented shape of `status --json`: one object an experiment. */
export function asJson({ status, lineage, outlook, imported, by }: Shown): unknown {
  const { id, runs, plans, archived } = status;
  return {
    id,
    archived,
    imported,
    submissions: plans.map((plan) => plan.submission),
    counts: countStates(runs),
    ...outlook,
    ...by ? { by: groupsAsJson(by) } : {},
    runs: runs.map(({ index, state, params, seed, stages, parent }) => ({
      run: index,
      state,
      params,
      seed,
      stages,
      ...lineageJson(lineage, index, parent),
    })),
  };
}

function lineageJson(lineage: Lineage, run: number, parent: number | undefined): object {
  const retries = lineage.retriesOf(run);
  const children = lineage.childrenOf(run);
  return {
    ...parent === undefined ? {} : { parent },
    ...children.length > 0 ? { children } : {},
    ...retries.length > 0 ? { retries } : {},
  };
}

function groupsAsJson({ factors, groups }: NonNullable<Shown["by"]>): unknown {
  return groups.map(({ values, counts }) => ({
    values: Object.fromEntries(factors.map((factor, at) => [factor, values[at]])),
    counts,
  }));
}

/** An experiment as text: counts, how it gets on, and a table. */
export function statusText(shown: Shown, manner: Manner): string {
  const { status: { id, runs, plans, archived }, outlook, by, imported } = shown;
  const elsewhere = imported ? `; ${tellImported(imported)}` : "";
  if (plans.length === 0 && !archived) return `${id}: not submitted${elsewhere}\n`;
  const place = (archived ? `; archived in ${archived.file}` : "") + elsewhere;
  const head = `${id}: ${tellCounts(countStates(runs))}${place}\n`;
  if (runs.length === 0) return head;
  return head + outlookText(outlook) + (by ? factorText(by, manner) : runTable(shown, manner));
}

function factorText({ factors, groups }: NonNullable<Shown["by"]>, manner: Manner): string {
  if (!manner.grid) return factorTable(factors, groups, manner);
  const grid = factorGrid(factors, groups, manner);
  const width = widthOf(grid);
  return width <= manner.columns ? grid : factorTable(factors, groups, manner) +
    `the grid needs ${width} columns, and the terminal has ${manner.columns}\n`;
}

function runTable({ status: { runs }, lineage }: Shown, manner: Manner): string {
  const shown = manner.all ? runs : runs.slice(0, ROWS_SHOWN);
  const table = textTable(
    ["run", "state", "job", "time", "why", "parameters"],
    shown.map((run) => rowOf(run, manner.now, lineage)),
    manner.columns,
  );
  const more = runs.length - shown.length;
  return table + (more > 0 ? `… and ${more} more (--all)\n` : "");
}

function rowOf(run: RunStatus, now: number, lineage: Lineage): string[] {
  const stages = Object.values(run.stages);
  const telling = stages.find((stage) => stage.state === run.state) ?? stages.at(-1);
  const seconds = telling?.started === undefined
    ? ""
    : `${Math.max(0, (telling.ended ?? now) - telling.started)}s`;
  const job = telling?.job === undefined
    ? ""
    : telling.job + (telling.task === undefined ? "" : `_${telling.task}`);
  const why = [
    ...run.state === "completed" || !telling?.reason ? [] : [telling.reason],
    ...telling?.expected === undefined
      ? []
      : [tellStart(Math.max(0, telling.expected - now), telling.source)],
    ...lineageText(run, lineage),
  ].join("; ");
  return [
    String(run.index),
    run.state.replaceAll("_", " "),
    job,
    seconds,
    why,
    tellParams(run.params),
  ];
}

/** `lr=0.1 model=r18` */
export function tellParams(params: RunStatus["params"]): string {
  return Object.entries(params).map(([key, value]) =>
    `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`
  ).join(" ");
}
