import { stageLogs } from "../submission/diagnosis/run.ts";
import type { RunStatus } from "../submission/status.ts";
import type { Project } from "./project.ts";

/** Output of one stage of a run; the files exist once its job has started. */
export interface LogFiles {
  stage: string;
  stdout: string;
  stderr: string;
}

/** Where the output of each stage of a run is, as it was submitted last. */
export function logFiles({ layout }: Project, id: string, run: RunStatus): LogFiles[] {
  return Object.keys(run.stages).map((stage) => ({ stage, ...stageLogs(layout, id, run, stage) }));
}
