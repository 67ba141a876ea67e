import { NotFoundError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { compareRecords, type Comparison, runName } from "../results/comparison.ts";
import { findRuns, type Found, type Query } from "../results/query.ts";
import type { ResultRecord } from "../results/records.ts";
import type { Use } from "../results/summary.ts";
import type { RunReference } from "../core/ids.ts";
import { readResults } from "./harvest.ts";
import type { Project } from "./project.ts";

/** Which harvested runs are wanted, and in which order. */
export interface ResultsQuery extends Query {
  /** Only these experiments; all unless told. */
  ids?: readonly string[];
}

/**
 * Finds harvested runs by conditions on parameters, metrics and what is known of a run, by the names
 * of the columns of an export.
 *
 * @throws {NotFoundError} when nothing was harvested, {UsageError} for a name that no run has or
 * values of two kinds that are compared.
 *
 * @example
 * ```ts
 * import {
 *   createExperiment,
 *   harvest,
 *   initProject,
 *   openProject,
 *   queryResults,
 *   submit,
 *   wait,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01,0.001" });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * await harvest(project, "exp001");
 * const { records } = queryResults(project, { where: ["lr < 0.1 and loss < 10"], sort: ["-lr"] });
 * const rates = records.map(({ params }) => params.lr);
 * if (rates.join() !== "0.01,0.001") throw new Error(rates.join());
 * ```
 */
export function queryResults(project: Project, query: ResultsQuery = {}): Found {
  const records = readResults(project, query.ids);
  if (records.length > 0) return findRuns(records, query);
  const which = query.ids?.length ? ` of ${query.ids.join(", ")}` : "";
  throw new NotFoundError(`Cannot find results${which}: nothing was harvested`, {
    hint: "`expflow harvest --all` reads the results of every experiment",
  });
}

/**
 * Compares harvested runs with the first of them: parameters that differ, and metrics with their
 * differences.
 *
 * @throws {NotFoundError} for a run that was not harvested, or an experiment of several.
 *
 * @example
 * ```ts
 * import {
 *   compareRuns,
 *   createExperiment,
 *   harvest,
 *   initProject,
 *   openProject,
 *   submit,
 *   wait,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * await harvest(project, "exp001");
 * const runs = [0, 1].map((run) => ({ experiment: "exp001", run }));
 * const { params, metrics } = compareRuns(project, runs);
 * const loss = metrics.find(({ name }) => name === "loss");
 * if (params[0]?.name !== "lr" || !(loss!.deltas[1]! > 0)) throw new Error(JSON.stringify(loss));
 * ```
 */
export function compareRuns(
  project: Project,
  runs: readonly RunReference[],
  use: Use = "last",
): Comparison {
  return compareRecords(runs.map((run) => recordOf(project, run)), use);
}

function recordOf(project: Project, { experiment, run }: RunReference): ResultRecord {
  const { records } = queryResults(project, { ids: [experiment] });
  if (run === undefined && records.length === 1) return records[0]!;
  const found = records.find((record) => record.run === run);
  if (found) return found;
  const names = records.slice(0, 20).map(runName);
  if (run === undefined) {
    throw new NotFoundError(
      `Cannot tell which run of ${experiment} is meant: it has ${records.length}`,
      {
        hint: `name one, as in ${names[0]}`,
      },
    );
  }
  throw new NotFoundError(`Cannot find results of ${experiment}/${run}: it was not harvested`, {
    hint: didYouMean(`${experiment}/${run}`, names),
  });
}
