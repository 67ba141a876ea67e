import type { WorkerRecord } from "../schedulers/queue/workers.ts";
import type { Clock } from "../system/clock.ts";
import type { Runner } from "../system/runner.ts";
import type { Place } from "./running.ts";

/** How a worker works. */
export interface WorkerSettings {
  /** The queue's folder. */
  queue: string;
  /** CPUs of a task, at most. */
  cpus: number;
  /** As CUDA_VISIBLE_DEVICES takes them. */
  gpus: string[];
  /** Of all its GPUs; absent where it is not known, or they differ: nothing is learnt of them. */
  gpuModel?: string;
  /** Variables of GPU sharing that tasks get. */
  variables: Record<string, string>;
  /** The scheduler's job that it lives in. */
  allocation?: WorkerRecord["allocation"];
  /** When its allocation ends, in seconds since 1970. */
  until?: number;
  /** Seconds that it waits for new items when there are none. */
  linger: number;
  /** Seconds between TERM and KILL. */
  killWait: number;
}

/** Something that happened to a worker; one line of its log. */
export interface WorkerEvent {
  event: "begin" | "claim" | "end" | "again" | "refused" | "retry" | "leave";
  /** Seconds since 1970. */
  at: number;
  worker: string;
  [more: string]: unknown;
}

/** What a worker needs of the machine. */
export interface WorkerSystem {
  runner: Runner;
  clock: Clock;
  tell: (event: WorkerEvent) => void;
}

/** What others ask of a worker while it works. */
export interface WorkerOrders {
  /** `drain`: finish what runs, take nothing more. `stop`: end what runs, and let others have it. */
  order?: "drain" | "stop";
  /** The allocation is about to end: what runs gets its warning signal now. */
  warned?: boolean;
}

/** Why a worker ended. `empty`: nothing is left that it could take. `lost`: it was declared lost. */
export type WorkerEnd = "empty" | "drained" | "stopped" | "lost";

/** Seconds before the end of the allocation at which everything has to be over. */
export const RESERVE = 60;
/** A worker at work. */
export interface Working {
  settings: WorkerSettings;
  system: WorkerSystem;
  orders: WorkerOrders;
  place: Place;
  id: string;
  tell: (event: WorkerEvent["event"], more?: object) => void;
}
