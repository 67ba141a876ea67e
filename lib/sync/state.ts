import { join } from "node:path";
import { readIfThere, writeWhole } from "../system/files.ts";
import type { BackOff } from "./back_off.ts";
import type { Problem } from "./transport.ts";

/** A file or destination that failed, and when it is tried again. */
export interface Failure extends BackOff {
  reason: string;
  hint?: string;
}

/** What is known of a destination beside its files. */
export interface SyncState {
  version: 1;
  /** As in the settings: to another one nothing of this applies. */
  destination: string;
  /** Milliseconds since 1970 of the last pass; without `ended` it was killed, or goes on. */
  began?: number;
  ended?: number;
  /** When the destination last held everything that was to be sent. */
  complete?: number;
  /** SHA-256 of the manifests that may be there: the one that was, and the one being written. */
  manifests: string[];
  /** Why the whole destination waits. */
  waiting?: Failure;
  /** Path → why that file was not sent. */
  failures: Record<string, Failure>;
}

function pathOf(folder: string): string {
  return join(folder, "state.json");
}

/** What was kept of a destination; nothing of another one, or of what cannot be read. */
export function readState(folder: string, destination: string): SyncState {
  const empty: SyncState = { version: 1, destination, manifests: [], failures: {} };
  try {
    const kept = JSON.parse(readIfThere(pathOf(folder)) ?? "null") as SyncState | null;
    return kept?.version === 1 && kept.destination === destination ? kept : empty;
  } catch {
    return empty;
  }
}

/** Keeps it; nothing is lost but time when it is deleted. */
export function writeState(folder: string, state: SyncState): void {
  writeWhole(pathOf(folder), `${JSON.stringify(state)}\n`);
}

/** What a problem comes to, with the time from which it is tried again. */
export function failureOf({ reason, hint }: Problem, until: BackOff): Failure {
  return { ...until, reason, ...hint === undefined ? {} : { hint } };
}
