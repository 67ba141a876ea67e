import { NotFoundError } from "../core/errors.ts";
import type { ExportOptions } from "../results/export/exporter.ts";
import { exporterFor } from "../results/export/formats.ts";
import { writeWhole } from "../system/files.ts";
import { readResults } from "./harvest.ts";
import type { Project } from "./project.ts";

/** What was exported. */
export interface ExportReport {
  /** The file, as it was named. */
  path: string;
  /** How many were exported, failed ones too. */
  runs: number;
  /** Ids, in the order of the file. */
  experiments: string[];
}

/** Which results are exported, and how. */
export interface ExportRequest extends ExportOptions {
  /** Only these experiments. */
  ids?: readonly string[];
}

/**
 * Writes the harvested results of some experiments, or of all, to a file; its extension is the
 * format.
 *
 * @throws {UsageError} for an extension nobody knows, {NotFoundError} when nothing was harvested.
 *
 * @example
 * ```ts
 * import {
 *   createExperiment,
 *   exportResults,
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
 * exportResults(project, `${root}/results.csv`); // every run, exactly
 * exportResults(project, `${root}/table.tex`, { metrics: ["loss"] }); // mean ± std over seeds
 * const [head] = Deno.readTextFileSync(`${root}/results.csv`).split("\n");
 * if (!head!.includes(",lr,") || !head!.includes(",loss,")) throw new Error(head);
 * ```
 */
export function exportResults(
  project: Project,
  path: string,
  options: ExportRequest = {},
): ExportReport {
  const exporter = exporterFor(path);
  const records = readResults(project, options.ids);
  if (records.length === 0) {
    throw new NotFoundError(`Cannot export to ${path}: nothing was harvested`, {
      hint: "`expflow harvest --all` reads the results of every experiment",
    });
  }
  const content = "encode" in exporter
    ? exporter.encode(records, options)
    : exporter.render(records, options);
  writeWhole(path, content);
  const experiments = [...new Set(records.map((record) => record.experiment))];
  return { path, runs: records.length, experiments };
}
