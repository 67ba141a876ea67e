import { join } from "node:path";
import { logName } from "../submission/chunks.ts";
import type { RunStatus } from "../submission/status.ts";
import type { Project } from "./project.ts";

/** Output of one stage of a run; the files exist once its job has started. */
export interface LogFiles {
  stage: string;
  stdout: string;
  stderr: string;
}

/** Where the output of each stage of a run is, as it was submitted last. */
export function logFiles(project: Project, id: string, run: RunStatus): LogFiles[] {
  return Object.entries(run.stages).map(([stage, { submission, task }]) => {
    const array = task !== undefined;
    const base = array ? run.index - task : run.index;
    const folder = project.layout.submissionLogs(id, submission);
    const path = join(folder, logName({ stage, array, base }, run.index));
    return { stage, stdout: `${path}.out`, stderr: `${path}.err` };
  });
}
