import { join } from "node:path";
import {
  exists,
  makeFolder,
  namesIn,
  readIfThere,
  removeIfThere,
  writeWhole,
} from "../../system/files.ts";
import { perform } from "./disk.ts";
import type { QueueLayout } from "./places.ts";
import { removeFolder } from "./steps.ts";

/** Who works on a queue. Written once, when it starts. */
export interface WorkerRecord {
  version: 1;
  /** `<host>-<pid>-<random>`, new at each start: its fencing token. */
  id: string;
  host: string;
  pid: number;
  /** When the process started, in the clock ticks of its machine; empty where that is not known. */
  start: string;
  /** Seconds since 1970. */
  since: number;
  /** The scheduler's job that it lives in. */
  allocation?: { scheduler: string; job: string; task?: number };
  cpus: number;
  /** As CUDA_VISIBLE_DEVICES takes them. */
  gpus: string[];
  /** When its allocation ends, in seconds since 1970. */
  until?: number;
}

/** A name for a worker that nobody had before. */
export function newWorkerId(host: string, pid: number): string {
  const name = host.split(".")[0]!.replaceAll(/[^A-Za-z0-9_-]/g, "-");
  return `${name}-${pid}-${crypto.randomUUID().slice(0, 8)}`;
}

function recordPath(layout: QueueLayout, id: string): string {
  return join(layout.workers, id, "worker.json");
}

function beatPath(layout: QueueLayout, id: string): string {
  return join(layout.workers, id, "beat");
}

/** Makes the folders of a worker; it can claim from then on. */
export function enrol(layout: QueueLayout, record: WorkerRecord): void {
  writeWhole(recordPath(layout, record.id), `${JSON.stringify(record)}\n`);
  beat(layout, record.id);
  for (const place of [layout.making, layout.claimed]) makeFolder(join(place, record.id));
}

/**
 * Takes a worker that has nothing any more off the list.
 *
 * @returns `false` when it still has something: then it stays, and can be recovered.
 */
export function discharge(layout: QueueLayout, id: string): boolean {
  const folders = [layout.making, layout.claimed].map((place) => join(place, id));
  for (const folder of folders) perform(removeFolder(folder));
  if (folders.some(exists)) return false;
  removeIfThere(join(layout.workers, id));
  return true;
}

/** Shows that a worker lives. */
export function beat(layout: QueueLayout, id: string): void {
  touch(beatPath(layout, id));
}

function touch(path: string): void {
  Deno.writeTextFileSync(path, "\n");
}

/** Seconds since a worker last showed that it lives, by the clock of the file system's server. */
export function silence(layout: QueueLayout, id: string): number | undefined {
  return silences(layout, [id]).get(id);
}

/** The same of several workers; `now` in milliseconds since 1970. */
export function silences(
  layout: QueueLayout,
  ids: readonly string[],
  now: number = serverTime(layout),
): Map<string, number> {
  const found = ids.map((id) => [id, changed(beatPath(layout, id))] as const);
  return new Map(
    found.flatMap(([id, last]) => last === undefined ? [] : [[id, Math.max(0, now - last) / 1000]]),
  );
}

/** Milliseconds since 1970, by the clock of the file system's server. */
export function serverTime(layout: QueueLayout): number {
  const own = join(layout.temporary, crypto.randomUUID());
  touch(own);
  try {
    return changed(own) ?? Date.now();
  } finally {
    removeIfThere(own);
  }
}

function changed(path: string): number | undefined {
  try {
    return Deno.statSync(path).mtime?.getTime();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Everybody on the list, and whoever still has claims. */
export function workerIds(layout: QueueLayout): string[] {
  const places = [layout.workers, layout.claimed, layout.making];
  return [...new Set(places.flatMap(namesIn))].sort();
}

/** What a worker wrote of itself; `undefined` where that is missing or cannot be read. */
export function readWorker(layout: QueueLayout, id: string): WorkerRecord | undefined {
  const text = readIfThere(recordPath(layout, id));
  if (text === undefined) return undefined;
  try {
    const record: WorkerRecord = JSON.parse(text);
    return record.version === 1 ? record : undefined;
  } catch {
    return undefined;
  }
}
