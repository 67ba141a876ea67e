import type { ParamValue } from "../core/params.ts";
import { flattenParams } from "../core/params.ts";
import { type ParameterImportance, parameterImportance } from "../results/parameter_importance.ts";
import { type Best, bestSoFar } from "../search/best.ts";
import type { SearchTerms } from "../search/journal.ts";
import type { Trial } from "../search/trials.ts";
import { readResults } from "./harvest.ts";
import type { Project } from "./project.ts";
import { budgetsFor, openSearch, readSearch, type SearchStatus, statusFrom } from "./search.ts";

/** A trial as a report tells it. */
export interface ReportedTrial {
  /** Its number, from 0. */
  trial: number;
  /** The searched parameters, by dotted key. */
  params: Record<string, ParamValue>;
  /** `open` while its run is not told of. */
  state: "open" | "told" | "failed";
  /** Index of its last run that was told of. */
  run?: number;
  /** Highest rung that it reached, from 0. */
  rung: number;
  /** Budget of its last run that has a value; absent without asha. */
  budget?: number;
  /** Its value at the highest rung that it has one at. */
  value?: number;
  /** Why its last run has no value. */
  failed?: string;
}

/** Everything a search found. */
export interface SearchReport extends SearchStatus {
  /** Name of the metric. */
  metric: string;
  /** Which values of it are better. */
  direction: "min" | "max";
  /** Who suggested the trials. */
  sampler: string;
  /** By number. */
  trials: ReportedTrial[];
  /** The best after each value that was told. */
  curve: Best[];
  /** Which parameters the metric depends on; absent before there are values. */
  importance?: ParameterImportance;
}

/**
 * What a search found so far: its trials, the best after each, and which parameters matter.
 *
 * @throws {UsageError} when the experiment has no search.
 *
 * @example
 * ```ts
 * import {
 *   createExperiment,
 *   initProject,
 *   openProject,
 *   runSearch,
 *   searchReport,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "tune", {
 *   command: `echo '{"acc": {params.x}}' > {run.dir}/result.json`,
 *   args: "none",
 *   set: ["search={metric: acc, trials: 2, sampler: sobol, space: {x: 'uniform(0,1)'}}"],
 * });
 * await runSearch(project, "tune");
 * const { trials, curve, direction } = searchReport(project, "tune");
 * const values = trials.map(({ value }) => value);
 * if (values.join() !== "0,0.5" || curve.at(-1)?.trial !== 1) throw new Error(values.join());
 * if (direction !== "max") throw new Error("accuracy is better where it is higher");
 * ```
 */
export function searchReport(project: Project, id: string): SearchReport {
  const { spec, terms: wanted } = openSearch(project, id);
  const state = readSearch(project, id);
  const terms = state.terms ?? wanted;
  const budgets = budgetsFor(terms);
  const importance = importanceOf(project, id, terms, state.trials);
  return {
    ...statusFrom(project, id, spec, wanted, state),
    metric: terms.metric,
    direction: terms.direction,
    sampler: terms.sampler,
    trials: state.trials.map((trial) => reported(trial, terms, budgets)),
    curve: bestSoFar(state.events, terms.direction),
    ...importance && { importance },
  };
}

function reported(
  { number, rungs }: Trial,
  { space }: SearchTerms,
  budgets: number[],
): ReportedTrial {
  const all = new Map(flattenParams(rungs[0]!.params));
  const last = rungs.at(-1)!;
  const told = last.told ?? rungs.at(-2)?.told;
  const valued = rungs.findLast((one) => one.told?.value !== undefined);
  const budget = valued && budgets[valued.rung];
  return {
    trial: number,
    params: Object.fromEntries(Object.keys(space).map((key) => [key, all.get(key) ?? null])),
    state: !last.told ? "open" : last.told.failed === undefined ? "told" : "failed",
    ...told && { run: told.run },
    rung: last.rung,
    ...budget !== undefined && { budget },
    ...valued && { value: valued.told!.value! },
    ...last.told?.failed !== undefined && { failed: last.told.failed },
  };
}

/** Of the first rung, which every trial had: values of other budgets cannot be compared. */
function importanceOf(
  project: Project,
  id: string,
  { metric, use, asha }: SearchTerms,
  trials: readonly Trial[],
): ParameterImportance | undefined {
  const runs = new Set(
    trials.flatMap(({ rungs: [first] }) =>
      first?.told?.value === undefined ? [] : [first.told.run]
    ),
  );
  const records = readResults(project, [id]).filter(({ run }) => runs.has(run));
  if (records.length === 0) return undefined;
  return parameterImportance(records, metric, { use, ...asha && { seedKey: asha.param } });
}
