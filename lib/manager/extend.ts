import { expandSweep } from "../config/sweep.ts";
import { extendedText, type Extension, extensionsOf, moreDrawsText } from "../config/sweep_edit.ts";
import { parseSweepLine } from "../config/sweep_line.ts";
import { ConflictError } from "../core/errors.ts";
import type { Experiment, RunPoint } from "../core/experiment.ts";
import { fingerprint } from "../core/fingerprint.ts";
import type { Params } from "../core/params.ts";
import { readIfThere, writeWhole } from "../system/files.ts";
import { loadExperiment, readExperimentText } from "./experiments.ts";
import type { Project } from "./project.ts";

/** What was added to a sweep. */
export interface SweepExtension {
  /** Id of the experiment. */
  id: string;
  /** The file that was edited. */
  path: string;
  /** Its text with the sweep extended. */
  text: string;
  /** Parameters with the values they got; those that they had already are not among them. */
  extensions: Extension[];
  /** Runs that the sweep had; all of them stay. */
  kept: number;
  /** Runs that are new. */
  added: number;
  /** Parameters of the first of them. */
  first: Params[];
}

/** By what to extend a sweep. */
export interface SweepAddition {
  /** Values, as `lr=0.001 seed=5,6`. */
  sweep?: string;
  /** Number of further points of `random` or `sobol`. */
  draws?: number;
}

/** How to extend a sweep. */
export interface ExtendOptions {
  /** Say what would be added, and write nothing. */
  dryRun?: boolean;
}

/**
 * Adds values or draws to the sweep of an experiment, in its file; comments stay. Every run that it had stays
 * the same run, with its index and its results: the next `submit` runs what is new.
 *
 * @throws {UsageError} when a run would become another by it, {ConflictError} when the file is
 * edited at the same time.
 *
 * @example
 * ```ts
 * import { createExperiment, extendSweep, initProject, openProject } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01 seed=0,1" });
 * const { kept, added } = await extendSweep(project, "exp001", { sweep: "lr=0.001" });
 * if (kept !== 4 || added !== 2) throw new Error(`${kept} kept, ${added} added`);
 * ```
 */
export async function extendSweep(
  project: Project,
  id: string,
  { sweep, draws }: SweepAddition,
  options: ExtendOptions = {},
): Promise<SweepExtension> {
  const { experiment: before } = loadExperiment(project, id);
  const path = project.layout.experiment(id);
  const text = readIfThere(path) ?? "";
  const extensions = sweep === undefined
    ? []
    : extensionsOf(before.sweep, before.params, parseSweepLine(sweep));
  const wider = await extendedText(text, extensions);
  const extended = draws ? await moreDrawsText(wider, before.sweep, draws) : wider;
  const after = readExperimentText(project, id, extended);
  const counts = compare(id, before, after);
  if (!options.dryRun && extended !== text) {
    if (readIfThere(path) !== text) {
      throw new ConflictError(`Cannot extend ${id}: somebody edited ${path} at the same time`, {
        hint: "extend it again",
      });
    }
    writeWhole(path, extended);
  }
  return { id, path, text: extended, extensions, ...counts };
}

const SHOWN = 10;

/** @throws {ConflictError} when a run that was there is not there any more. */
function compare(
  id: string,
  before: Experiment,
  after: Experiment,
): Pick<SweepExtension, "kept" | "added" | "first"> {
  const open = new Set<string>();
  for (const point of pointsOf(before)) open.add(fingerprint(point.params));
  const kept = open.size;
  const first: Params[] = [];
  let added = 0;
  for (const { params } of pointsOf(after)) {
    if (open.delete(fingerprint(params))) continue;
    added++;
    if (first.length < SHOWN) first.push(params);
  }
  if (open.size === 0) return { kept, added, first };
  throw new ConflictError(`Cannot extend ${id}: ${open.size} of its ${kept} runs would be lost`, {
    hint: "edit the file, and look at it with `expflow sweep preview`",
  });
}

function pointsOf({ sweep, params }: Experiment): Iterable<RunPoint> {
  return expandSweep(sweep, params);
}
