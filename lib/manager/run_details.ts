import { join } from "node:path";
import type { Denial } from "../core/denials.ts";
import { readDenials } from "../store/notes.ts";
import type { StageStatus } from "../submission/fold.ts";
import { lineageOf, type Retry } from "../submission/retry/lineage.ts";
import type { RunStatus } from "../submission/status.ts";
import type { Project } from "./project.ts";
import { onlyRun, status } from "./status.ts";

/** A stage with the words of each source that did not have it. */
export interface StageDetails extends StageStatus {
  /** One list for each of `denials`. */
  evidence?: Denial[][];
}

/** A run with everything that is known of its stages. */
export interface RunDetails extends RunStatus {
  /** In the order of the stages. */
  stages: Record<string, StageDetails>;
  /** Retries that led to it, oldest first; also those of the runs that it is a child of. */
  retries: Retry[];
  /** Runs that retry it with other parameters. */
  children: number[];
}

/**
 * Everything known of one run.
 *
 * @throws {NotFoundError} for an id or a run that does not exist.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, runDetails, submit } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001");
 * await submit(project, "exp001");
 * const { stages } = await runDetails(project, "exp001", 0);
 * if (stages.train?.attempt !== 1) throw new Error("no attempt");
 * ```
 */
export async function runDetails(project: Project, id: string, index: number): Promise<RunDetails> {
  const [found] = await status(project, { ids: [id] });
  const run = onlyRun(found!, index).runs[0]!;
  const lineage = lineageOf(found!.plans, found!.runs);
  const stages = Object.entries(run.stages).map(([name, stage]) => [name, {
    ...stage,
    evidence: stage.denials?.map(({ record }) =>
      readDenials(join(project.layout.state(id, stage.submission), record))
    ),
  }]);
  return {
    ...run,
    stages: Object.fromEntries(stages),
    retries: lineage.retriesOf(index),
    children: lineage.childrenOf(index),
  };
}
