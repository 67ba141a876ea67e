import { listSubmitted } from "../store/plan.ts";
import { type RunStatus, statusOf } from "../submission/status.ts";
import { listExperiments, peekExperiment } from "./experiments.ts";
import type { Project } from "./project.ts";

/** One line of `expflow list`. */
export interface ListedExperiment {
  id: string;
  description: string;
  tags: string[];
  submissions: number;
  runs: RunStatus[];
}

/** Every experiment of a project, submitted or not, with one question to the scheduler. */
export async function listAll(project: Project): Promise<ListedExperiment[]> {
  const submitted = listSubmitted(project.layout);
  const statuses = new Map(
    (await statusOf(project.context, submitted)).map((status) => [status.id, status]),
  );
  const ids = [...new Set([...listExperiments(project), ...submitted])].sort();
  return ids.map((id) => {
    const status = statuses.get(id);
    const known = status?.plans.at(-1)?.config ?? peekExperiment(project, id);
    return {
      id,
      description: known?.description ?? "",
      tags: known?.tags ?? [],
      submissions: status?.plans.length ?? 0,
      runs: status?.runs ?? [],
    };
  });
}
