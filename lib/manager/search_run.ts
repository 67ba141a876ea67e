import { Holder } from "../search/holder.ts";
import { checkTerms, foldSearch } from "../search/trials.ts";
import { epochSeconds } from "../system/clock.ts";
import { startOfProcess } from "../system/processes.ts";
import type { Project } from "./project.ts";
import { openSearch, type SearchStatus, searchStatus } from "./search.ts";
import { SearchDriver, type SearchOptions } from "./search_driver.ts";

/**
 * Drives a search until its trials have ended: suggests points, submits them as runs, harvests the
 * metric, and tells the sampler. It goes on where an earlier call was, however that ended.
 *
 * @throws {ConflictError} when another process drives it, or it is not the search that began;
 * {SchedulerError} when the scheduler refuses a run: the next call submits it again.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, runSearch } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "tune", {
 *   command: `echo '{"loss": {params.x}}' > {run.dir}/result.json`,
 *   args: "none",
 *   set: ["search={metric: loss, trials: 3, at_once: 3, space: {x: 'uniform(0,1)'}}"],
 * });
 * const { best, valued } = await runSearch(project, "tune");
 * if (valued !== 3 || !(best!.value < 1)) throw new Error(`${valued} trials have a value`);
 * ```
 */
export async function runSearch(
  project: Project,
  id: string,
  options: SearchOptions = {},
): Promise<SearchStatus> {
  const { host, clock } = project.context;
  const search = openSearch(project, id);
  const folder = project.layout.search(id);
  const self = { host, pid: Deno.pid, start: startOfProcess(Deno.pid), since: epochSeconds(clock) };
  const holder = Holder.take(id, folder, self, options.takeOver);
  try {
    search.journal.mend();
    const state = foldSearch(search.journal.read());
    if (state.terms) checkTerms(id, state.terms, search.terms);
    else search.journal.begin(search.terms);
    await new SearchDriver(project, id, search, state, holder, options).drive();
  } finally {
    holder.release();
  }
  return searchStatus(project, id);
}
