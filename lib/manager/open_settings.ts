import type { ProjectSettings } from "../config/project.ts";
import type { ExperimentStatus } from "../submission/status.ts";
import { type Layout, PROJECT_FILE } from "../store/layout.ts";
import { keepOpening, readOpening } from "../store/opening.ts";
import { readIfThere } from "../system/files.ts";

/**
 * What the project file says. One that has not changed since it was checked is not checked again:
 * the schemas are not even loaded.
 *
 * @throws {ConfigError} when it is wrong or newer.
 */
export async function openSettings(layout: Layout): Promise<ProjectSettings> {
  const text = readIfThere(layout.config) ?? "";
  const kept = readOpening(layout);
  if (kept?.text === text) return kept.settings;
  const { readProject } = await import("../config/project.ts");
  const { settings } = readProject(text, PROJECT_FILE);
  keepOpening(layout, { text, settings, queued: kept?.queued ?? false });
  return settings;
}

/** Keeps whether Slurm has to be asked at the next look at everything, which this one was. */
export function keepQueued(layout: Layout, found: readonly ExperimentStatus[]): void {
  const kept = readOpening(layout);
  const queued = found.some(({ plans, runs }) =>
    plans.some(({ scheduler }) => scheduler === "slurm") &&
    runs.some(({ state }) => state !== "completed")
  );
  if (kept && kept.queued !== queued) keepOpening(layout, { ...kept, queued });
}
