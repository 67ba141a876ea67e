import { NotFoundError } from "../core/errors.ts";
import { type VerifiedMetric, verifyRecords } from "../results/verification.ts";
import type { ResultRecord } from "../results/records.ts";
import { loadExperiment } from "./experiments.ts";
import { harvest } from "./harvest.ts";
import type { Project } from "./project.ts";
import { originalOf } from "./reproduce.ts";

/** How a reproduction compares with its original. */
export interface Verification {
  /** Id of the reproduction. */
  id: string;
  /** `EXPERIMENT/INDEX` of the original. */
  reproduces: string;
  /** States of the original and the reproduction; metrics of a run that did not complete are partial. */
  states: [string, string];
  /** As it was asked for. */
  tolerance: number;
  /** All metrics that one of them has. */
  metrics: VerifiedMetric[];
  /** Whether both completed, and all metrics are equal; without any metric they are not. */
  equal: boolean;
}

/** How exact a reproduction has to be. */
export interface VerifyOptions {
  /**
   * Largest difference, times the larger of 1 and the magnitude of the values; 1e-6 unless told, 0:
   * exactly.
   */
  tolerance?: number;
}

/**
 * Harvests a reproduction and its original, and compares the last values of their metrics.
 *
 * @throws {NotFoundError} for an experiment that reproduces nothing, or an original that is gone.
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
 * createExperiment(project, "exp001", { sweep: "lr=0.1" });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * const { id } = await reproduce(project, { experiment: "exp001", run: 0 });
 * await wait(project, id);
 * const { equal, metrics } = await verifyReproduction(project, id, { tolerance: 0 });
 * if (!equal || metrics[0]?.name !== "loss") throw new Error(JSON.stringify(metrics));
 * ```
 */
export async function verifyReproduction(
  project: Project,
  id: string,
  { tolerance = 1e-6 }: VerifyOptions = {},
): Promise<Verification> {
  const { experiment, run } = originalOf(id, loadExperiment(project, id).experiment);
  const reproduces = `${experiment}/${run}`;
  const original = recordIn((await harvest(project, experiment)).records, run!, reproduces);
  const reproduced = recordIn((await harvest(project, id)).records, 0, `${id}/0`);
  const metrics = verifyRecords(original, reproduced, tolerance);
  const states: [string, string] = [original.state, reproduced.state];
  const equal = metrics.length > 0 && states.every((state) => state === "completed") &&
    metrics.every(({ verdict }) => verdict === "equal");
  return { id, reproduces, states, tolerance, metrics, equal };
}

function recordIn(records: readonly ResultRecord[], run: number, name: string): ResultRecord {
  const found = records.find((record) => record.run === run);
  if (found) return found;
  throw new NotFoundError(`Cannot compare with ${name}: it was never submitted`, {
    hint: "`expflow list` shows what there is",
  });
}
