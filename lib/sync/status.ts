import type { SyncTarget } from "../config/sync_block.ts";
import { destinationOf } from "./pass.ts";
import { SentFiles } from "./sent.ts";
import { scan } from "./source.ts";
import { readState } from "./state.ts";

/** How a destination stands, as far as it is known here: nothing is asked of it. */
export interface SyncStanding {
  /** As in the settings. */
  to: string;
  /** Files that are sent to it. */
  files: number;
  /** Their bytes. */
  bytes: number;
  /** Of them, those whose checksum was seen there since they changed last. */
  synced: number;
  /** Those that are there up to the last whole line, and go on. */
  growing: number;
  /** Those that changed a moment ago, and wait until they are quiet. */
  young: number;
  /** Those that were not sent yet; files that failed are among them. */
  pending: number;
  /** Files that could not be sent, and when they are tried again (milliseconds since 1970). */
  failed: { path: string; reason: string; hint?: string; failures: number; until: number }[];
  /** What is not sent at all, and why. */
  left: { path: string; reason: string }[];
  /** Why the whole destination waits, and until when. */
  waiting?: { reason: string; hint?: string; failures: number; until: number };
  /** Milliseconds since 1970 at which the last pass began. */
  began?: number;
  /** When it ended; absent where it was killed, or goes on. */
  ended?: number;
  /** When everything that was to be sent was last there. */
  complete?: number;
}

/** Compares what is here with what was seen at the destination. */
export function standingOf(
  { project, folder, target, now }: {
    project: string;
    folder: string;
    target: SyncTarget;
    now: number;
  },
): SyncStanding {
  const destination = destinationOf(target);
  const sent = new SentFiles(folder, destination);
  const { failures, waiting, began, ended, complete } = readState(folder, destination);
  const { files, young, left } = scan(project, target, now);
  const held = files.filter((file) => sent.holds(file));
  const growing = held.filter(({ upTo, bytes }) => upTo < bytes).length;
  const writing = young.filter((file) => !sent.holds(file)).length;
  const all = [...files, ...young];
  return {
    to: target.to,
    files: all.length,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    synced: held.length - growing + young.length - writing,
    growing,
    young: writing,
    pending: files.length - held.length,
    failed: all.filter(({ path }) => failures[path]).map(({ path }) => ({
      path,
      ...failures[path]!,
    })),
    left,
    ...waiting ? { waiting } : {},
    ...began === undefined ? {} : { began },
    ...ended === undefined ? {} : { ended },
    ...complete === undefined ? {} : { complete },
  };
}
