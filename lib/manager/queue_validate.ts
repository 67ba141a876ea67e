import type { Finding } from "../queue/validate/findings.ts";
import { type Repaired, repairLog, repairQueue } from "../queue/validate/repair.ts";
import { validateQueue } from "../queue/validate/validate.ts";
import type { Project } from "./project.ts";
import { queueScheduler } from "./schedulers.ts";

/** What is wrong with the files of a queue. */
export interface QueueCheck {
  /** Where repairs are noted. */
  log: string;
  /** What was wrong twice, and whether it was repaired. */
  findings: (Finding | Repaired)[];
}

/** Checks every rule that the files of a project's queue keep; with `repair` mends what it can. */
export async function checkQueue(
  project: Project,
  { repair = false }: { repair?: boolean } = {},
): Promise<QueueCheck> {
  const { layout } = queueScheduler(project);
  const { clock } = project.context;
  const findings = await validateQueue(layout, { clock });
  return {
    log: repairLog(layout),
    findings: repair ? repairQueue(layout, findings, { clock }) : findings,
  };
}
