import type { QueueLayout } from "../../schedulers/queue/places.ts";
import type { WorkerRecord } from "../../schedulers/queue/workers.ts";
import { readIfThere, writeWhole } from "../../system/files.ts";
import { statusPath } from "./places.ts";

/** How one place for a worker stands. */
export interface SlotStatus {
  /** `0`, `1`, … */
  slot: number;
  /** `waiting`: for its next start. `given up`: its workers died one after the other. */
  state: "starting" | "working" | "waiting" | "ended" | "given up";
  /** Id of its last worker. */
  worker?: string;
  pid?: number;
  gpus: readonly string[];
  cpus: number;
  /** What its worker runs now, as `job.task`. */
  runs?: string;
  /** How often its worker was started. */
  starts: number;
  /** Tasks brought to an end, and those that went back to the queue. */
  done: number;
  again: number;
  /** Why its last worker ended. */
  why?: string;
}

/** How an agent stands, `status.json`; as it was last where the agent was killed. */
export interface AgentStatus {
  version: 1;
  id: string;
  fleet: number;
  host: string;
  /** As the scheduler names it. */
  node: string;
  pid: number;
  /** When the process started, in the clock ticks of its machine. */
  start: string;
  allocation?: WorkerRecord["allocation"];
  /** When it began, when it wrote this, and when its allocation ends; seconds since 1970. */
  since: number;
  updated: number;
  until?: number;
  state: "working" | "draining" | "stopping" | "ended";
  /** Why it ended. */
  why?: string;
  /** How its workers share GPUs, in words. */
  sharing: string;
  slots: SlotStatus[];
  /** Lines in its `errors.jsonl`, and the last of them. */
  errors: number;
  lastError?: string;
}

/** Writes how an agent stands. */
export function writeStatus(layout: QueueLayout, status: AgentStatus): void {
  writeWhole(statusPath(layout, status.id), `${JSON.stringify(status, null, 1)}\n`);
}

/** Reads how an agent stands, or stood last. */
export function readStatus(
  layout: Pick<QueueLayout, "folder">,
  id: string,
): AgentStatus | undefined {
  const text = readIfThere(statusPath(layout, id));
  return text === undefined ? undefined : JSON.parse(text);
}
