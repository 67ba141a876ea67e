import { join, relative } from "node:path";
import { SCHEMA_FILES } from "../config/json_schema.ts";
import { recordedText } from "../config/recorded_file.ts";
import { ConflictError, NotFoundError } from "../core/errors.ts";
import type { Experiment } from "../core/experiment.ts";
import { checkId, type RunReference } from "../core/ids.ts";
import { VERSION } from "../core/version.ts";
import { changesBetween } from "../results/config_diff.ts";
import { surroundingFacts } from "../submission/comparability.ts";
import { type Loss, lossesOf, type Original, type Present } from "../submission/losses.ts";
import { recordedExperiment } from "../submission/recorded.ts";
import { createExclusive, exists, makeFolder, removeIfThere } from "../system/files.ts";
import { submittedRun } from "./diff.ts";
import { readExperimentText } from "./experiments.ts";
import type { Project } from "./project.ts";
import { codeOf } from "./recorded_code.ts";
import { submit } from "./submit.ts";

/** How a run is reproduced. */
export interface ReproduceOptions {
  /** Id of the experiment that is made for it; `ID-INDEX-again` unless told. */
  as?: string;
  /** Say what would be done, and do nothing. */
  dryRun?: boolean;
}

/** A run that was submitted again as it was, and what is not as it was. */
export interface Reproduction {
  /** `EXPERIMENT/INDEX` of the original. */
  reproduces: string;
  /** The submission of the original whose code and configuration are used. */
  submission: string;
  /** Id of the new experiment; its only run is 0. */
  id: string;
  /** Text of its file. */
  text: string;
  /** What is as it was, one line each. */
  restored: string[];
  /** What is not, or is not known to be; empty when everything is. */
  losses: Loss[];
  /** Job of each chunk that has one, by `stage.chunk`; empty in a dry run. */
  jobs: Record<string, string>;
}

/**
 * Submits a run again as it was recorded: code, parameters, seed, resources and environment. It is an
 * experiment of its own, with `reproduces:` in its file; the original is never touched, and
 * neither are the files that you work on.
 *
 * @throws {NotFoundError} for a run that was never submitted, or whose code is gone,
 * {ConflictError} when there is an experiment with this id.
 *
 * @example
 * ```ts
 * import {
 *   createExperiment,
 *   initProject,
 *   openProject,
 *   reproduce,
 *   submit,
 *   verifyReproduction,
 *   wait,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01 seed=0,1" });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * const { id, losses } = await reproduce(project, { experiment: "exp001", run: 3 });
 * await wait(project, id);
 * const { metrics } = await verifyReproduction(project, id);
 * if (id !== "exp001-3-again" || !metrics.every(({ verdict }) => verdict === "equal")) {
 *   throw new Error(JSON.stringify({ losses, metrics }));
 * }
 * ```
 */
export async function reproduce(
  project: Project,
  reference: RunReference,
  { as, dryRun = false }: ReproduceOptions = {},
): Promise<Reproduction> {
  const { layout } = project;
  const { name, run, plan } = await submittedRun(project, reference);
  const id = checkId(as ?? freeId(project, `${plan.experiment}-${run.index}-again`), "an id");
  const experiment = recordedExperiment(id, name, { plan, run });
  const text = recordedText({
    experiment,
    comment: [`${name} again, as submission ${plan.submission} recorded it. Written by expflow.`],
    schema: relative(layout.experiments, join(layout.schemas, SCHEMA_FILES.experiment)),
  });
  const code = await codeOf(project, plan);
  const now = readExperimentText(project, id, text);
  const others = [
    ...configurationLosses(experiment, now),
    ...lossesOf({ plan, run }, presentOf(project, now)),
  ];
  const path = layout.experiment(id);
  if (exists(path)) throw taken(id, path);
  const found = {
    reproduces: name,
    submission: plan.submission,
    id,
    text,
    restored: [...code.restored, ...restoredLines({ plan, run })],
  };
  const lossesWith = (
    why: string[],
  ) => [...why.map((why) => ({ subject: "code", why })), ...others];
  if (dryRun) return { ...found, losses: lossesWith(code.losses), jobs: {} };
  makeFolder(layout.experiments);
  if (!createExclusive(path, text)) throw taken(id, path);
  try {
    const { jobs, plan: made } = await submit(project, id);
    const kept = made !== undefined && plan.code.mode === "snapshot";
    const losses = lossesWith(kept ? made.code.warnings : code.losses);
    return { ...found, losses, jobs: Object.fromEntries(jobs) };
  } catch (error) {
    if (!exists(layout.submission(id, "001"))) removeIfThere(path);
    throw error;
  }
}

function taken(id: string, path: string): ConflictError {
  return new ConflictError(`Cannot create the experiment ${id}: ${path} exists`, {
    hint: "choose another id with --as",
  });
}

/** `ID-INDEX-again`, or the first free of `-again2`, `-again3`, … */
function freeId({ layout }: Project, wanted: string): string {
  for (let count = 1;; count++) {
    const id = count === 1 ? wanted : `${wanted}${count}`;
    if (!exists(layout.experiment(id)) && !exists(join(layout.submissions, id))) return id;
  }
}

/** The file says all that was recorded; defaults of the project, and a manager, may say more. */
function configurationLosses(recorded: Experiment, now: Experiment): Loss[] {
  const shown = (value: unknown) => value === undefined ? "none" : JSON.stringify(value);
  return changesBetween(byStage(recorded), byStage(now)).map(({ name, from, to }) => ({
    subject: name,
    why: `was ${shown(from)}, is ${shown(to)}: the project's defaults or its manager say so`,
  }));
}

function byStage({ stages, ...rest }: Experiment): object {
  return { ...rest, stages: Object.fromEntries(stages.map((stage) => [stage.name, stage])) };
}

function presentOf({ context }: Project, experiment: Experiment): Present {
  return {
    facts: surroundingFacts(experiment),
    versions: { expflow: VERSION, deno: Deno.version.deno },
    scheduler: context.scheduler.name,
    host: context.host,
  };
}

function restoredLines({ plan, run }: Original): string[] {
  return [
    `parameters: ${JSON.stringify(run.params)}`,
    ...run.seed === undefined ? [] : [`seed: ${run.seed}`],
    `configuration: as submission ${plan.submission} recorded it`,
  ];
}

/** The run that an experiment reproduces. @throws {NotFoundError} where it reproduces none. */
export function originalOf(id: string, experiment: Experiment): RunReference {
  const [original, run] = experiment.reproduces?.run.split("/") ?? [];
  if (original !== undefined && run !== undefined) {
    return { experiment: original, run: Number(run) };
  }
  throw new NotFoundError(`Cannot verify ${id}: it reproduces no run`, {
    hint: "`expflow reproduce ID/run` makes an experiment that does",
  });
}
