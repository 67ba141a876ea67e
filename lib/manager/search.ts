import { budgetsOf } from "../search/asha.ts";
import { SearchJournal, type SearchTerms } from "../search/journal.ts";
import { type Best, bestSoFar } from "../search/best.ts";
import { currentDriver, type Driver } from "../search/holder.ts";
import { foldSearch, openTrials, type SearchState } from "../search/trials.ts";
import { directionOf } from "../results/direction.ts";
import { stageFingerprints } from "../submission/select.ts";
import { UsageError } from "../core/errors.ts";
import type { Experiment } from "../core/experiment.ts";
import { fingerprint } from "../core/fingerprint.ts";
import type { SearchSpec } from "../core/search.ts";
import { flattenParams } from "../core/params.ts";
import { loadExperiment } from "./experiments.ts";
import type { Project } from "./project.ts";

/** A search as its file and its journal tell it. */
export interface OpenSearch {
  experiment: Experiment;
  spec: SearchSpec;
  /** As the file says now; the journal's may be others. */
  terms: SearchTerms;
  journal: SearchJournal;
  /** Budgets of the rungs; empty without asha. */
  budgets: number[];
}

/**
 * Reads the search of an experiment; nothing is written.
 *
 * @throws {UsageError} when the experiment has none.
 */
export function openSearch(project: Project, id: string): OpenSearch {
  const { experiment } = loadExperiment(project, id);
  const spec = experiment.search;
  if (!spec) {
    throw new UsageError(`Cannot search: ${id} has no search: block`, {
      hint: 'add search: {metric: loss, trials: 20, space: {lr: "loguniform(1e-4,1e-1)"}}',
    });
  }
  return {
    experiment,
    spec,
    terms: termsOf(experiment, spec),
    journal: new SearchJournal(project.layout.search(id)),
    budgets: budgetsFor(spec),
  };
}

/** Budgets of the rungs; empty without asha. */
export function budgetsFor({ asha }: Pick<SearchSpec, "asha">): number[] {
  return asha ? budgetsOf(asha) : [];
}

function termsOf({ params, stages, harvest }: Experiment, spec: SearchSpec): SearchTerms {
  const { trials: _, at_once: __, python: ___, ...lasting } = spec;
  const searched = new Set([...Object.keys(spec.space), ...spec.asha ? [spec.asha.param] : []]);
  const others = flattenParams(params).filter(([key]) => !searched.has(key));
  return {
    ...lasting,
    direction: spec.direction ?? directionOf(spec.metric, harvest.direction),
    fixed: fingerprint([Object.fromEntries(others), stageFingerprints(stages)]),
  };
}

/** What the journal of a search says; that nobody began says nothing. */
export function readSearch(project: Project, id: string): SearchState {
  return foldSearch(new SearchJournal(project.layout.search(id)).read());
}

/** Where a search stands. */
export interface SearchStatus {
  /** Id of the experiment. */
  id: string;
  /** Trials that are wanted, as the file says now. */
  wanted: number;
  /** Trials that began. */
  begun: number;
  /** Of them, those that have a value at some rung. */
  valued: number;
  /** Those whose last run failed. */
  failed: number;
  /** Those that wait for a run. */
  open: number;
  /** Absent before the first value. */
  best?: Best;
  /** Who drives it now, as far as this host can tell. */
  driver?: Driver;
}

/**
 * Where a search stands, from its journal alone.
 *
 * @throws {UsageError} when the experiment has no search.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, searchStatus } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "tune", {
 *   set: ["search={metric: loss, trials: 4, space: {lr: 'loguniform(1e-4,1e-1)'}}"],
 * });
 * const { wanted, begun, best } = searchStatus(project, "tune");
 * if (wanted !== 4 || begun !== 0 || best) throw new Error("nobody ran it");
 * ```
 */
export function searchStatus(project: Project, id: string): SearchStatus {
  const { spec, terms } = openSearch(project, id);
  return statusFrom(project, id, spec, terms, readSearch(project, id));
}

/** The same from what was read already. */
export function statusFrom(
  project: Project,
  id: string,
  spec: SearchSpec,
  terms: SearchTerms,
  state: SearchState,
): SearchStatus {
  const { trials, events } = state;
  const best = bestSoFar(events, (state.terms ?? terms).direction).at(-1);
  const driver = currentDriver(project.layout.search(id), project.context.host);
  return {
    id,
    wanted: spec.trials,
    begun: trials.length,
    valued: trials.filter(({ rungs }) => rungs[0]!.told?.value !== undefined).length,
    failed: trials.filter(({ rungs }) => rungs.at(-1)!.told?.failed !== undefined).length,
    open: openTrials(state).length,
    ...best && { best },
    ...driver && { driver },
  };
}
