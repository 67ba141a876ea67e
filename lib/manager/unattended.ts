import { NOBODY } from "../schedulers/queue/report.ts";
import { QueueReading } from "../schedulers/queue/reading.ts";
import type { RunStatus } from "../submission/status.ts";
import type { Project } from "./project.ts";
import { queueScheduler } from "./schedulers.ts";

/** How many runs wait in a queue that no worker takes from. */
export function countUnattended(runs: readonly Pick<RunStatus, "stages">[]): number {
  return runs.filter(({ stages }) =>
    Object.values(stages).some(({ state, reason }) => state === "pending" && reason === NOBODY)
  ).length;
}

/** Whether runs that are put into the queue now would wait, as nobody is there. */
export function isUnattended(project: Project): boolean {
  if (project.context.scheduler.name !== "queue") return false;
  return new QueueReading(queueScheduler(project).layout).present.length === 0;
}

/** Says so, and what to do about it. */
export function unattendedLine(waiting: number): string {
  const what = waiting === 1 ? "1 run waits" : `${waiting} runs wait`;
  return `${NOBODY}: ${what} for one; start some with \`expflow worker\` or \`expflow launch\``;
}
