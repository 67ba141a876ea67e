import { type ItemQuery, lookAtQueue, type QueueItem, selectItems } from "./queue_items.ts";
import type { Project } from "./project.ts";

/**
 * What was ever submitted to the queue of a project: what runs, what workers take next in this order,
 * and what is over, the latest first.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, listQueue, openProject, submit } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root, { to: "queue" });
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * const items = await listQueue(project, { states: ["queued"] });
 * const names = items.map(({ item }) => item);
 * if (names.join() !== "exp001/0,exp001/1") throw new Error(names.join());
 * ```
 */
export async function listQueue(project: Project, query: ItemQuery = {}): Promise<QueueItem[]> {
  return selectItems((await lookAtQueue(project)).items, query);
}
