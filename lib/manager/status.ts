import { NotFoundError } from "../core/errors.ts";
import { listSubmissions, listSubmitted } from "../store/plan.ts";
import { exists } from "../system/files.ts";
import { type ExperimentStatus, statusOf } from "../submission/status.ts";
import { keepQueued } from "./open_settings.ts";
import type { Project } from "./project.ts";

/** What to look at; everything that was submitted unless told. */
export interface StatusQuery {
  /** Only these experiments. */
  ids?: readonly string[];
  /** Only this run, by index. */
  run?: number;
}

/**
 * Where the runs of experiments stand, with one question to the scheduler. A run the scheduler
 * cannot be asked about is `unknown`, never guessed.
 *
 * @throws {NotFoundError} for an id or a run that does not exist.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, status, submit } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001");
 * const { jobs } = await submit(project, "exp001");
 * const [found] = await status(project, { ids: ["exp001"] });
 * const job = found?.runs[0]?.stages.train?.job;
 * if (!job || job !== jobs.get("train.0")) throw new Error(`job ${job}`);
 * ```
 */
export async function status(
  project: Project,
  query: StatusQuery = {},
): Promise<ExperimentStatus[]> {
  const ids = query.ids ?? listSubmitted(project.layout);
  for (const id of query.ids ?? []) {
    const { layout } = project;
    const paths = [layout.experiment(id), layout.archiveRecord(id), layout.importSource(id)];
    if (listSubmissions(layout, id).length === 0 && !paths.some(exists)) {
      throw await unknownExperiment(project, id);
    }
  }
  const found = await statusOf(project.context, ids);
  if (query.ids === undefined) keepQueued(project.layout, found);
  return query.run === undefined ? found : found.map((one) => onlyRun(one, query.run!));
}

async function unknownExperiment({ layout }: Project, id: string): Promise<NotFoundError> {
  const [{ listExperiments }, { didYouMean }] = await Promise.all([
    import("../config/loader.ts"),
    import("../core/suggest.ts"),
  ]);
  return new NotFoundError(`Cannot find the experiment ${JSON.stringify(id)}`, {
    hint: didYouMean(id, listExperiments(layout)),
  });
}

/**
 * The status with nothing but one run.
 *
 * @throws {NotFoundError} when there is no such run.
 */
export function onlyRun(status: ExperimentStatus, index: number): ExperimentStatus {
  const runs = status.runs.filter((run) => run.index === index);
  if (runs.length > 0) return { ...status, runs };
  throw new NotFoundError(`Cannot find run ${index} of ${status.id}: it has ${range(status)}`, {
    hint: `\`expflow status ${status.id}\` lists them`,
  });
}

function range({ runs }: ExperimentStatus): string {
  if (runs.length === 0) return "no runs yet";
  return `runs ${runs[0]!.index} to ${runs.at(-1)!.index}`;
}
