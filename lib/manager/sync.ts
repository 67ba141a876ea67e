import { NotFoundError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { turnHolders } from "../store/turn.ts";
import { destinationOf, pass, type PassReport } from "../sync/pass.ts";
import { readState } from "../sync/state.ts";
import { standingOf, type SyncStanding } from "../sync/status.ts";
import { transportFor } from "../sync/transports.ts";
import { type DestinationCheck, verifyDestination } from "../sync/verify.ts";
import type { Project } from "./project.ts";
import { inTurnNow, turnOf } from "./turns.ts";

/** How results are sent. */
export interface SyncOptions {
  /** Names under `sync:`; all unless told. */
  names?: readonly string[];
  /** Try what failed now, and not when its time has come. */
  now?: boolean;
  /** Ends it in good order; what was sent stays noted. */
  signal?: AbortSignal;
  /** Called as files are seen to be at a destination: how many are, of how many there. */
  onProgress?: (name: string, done: number, all: number) => void;
  /** Where the keys of S3 come from; the environment unless told. */
  env?: (name: string) => string | undefined;
}

/** What was sent to one destination, and how it stands since. */
export interface SyncOutcome {
  /** Its name under `sync:`. */
  name: string;
  /** What was done; absent while it waits after a failure. */
  pass?: PassReport;
  /** How it stands. */
  standing: SyncStanding;
}

/** How one destination stands, and who is sending to it. */
export interface SyncStatus extends SyncStanding {
  /** Its name under `sync:`. */
  name: string;
  /** Process that is sending now. */
  by?: { pid: number; host: string };
}

/**
 * Sends what is new or changed to the destinations of `sync:`. A file counts as sent when its
 * SHA-256 was seen there. A destination that failed is left alone until its time has come.
 *
 * @throws {NotFoundError} for a name that is not under `sync:`; {ConflictError} while another process
 * sends to it.
 *
 * @example
 * ```ts
 * import { initProject, openProject, syncResults } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * Deno.writeTextFileSync(`${root}/.hpc_config.yaml`, `sync: {backup: {to: ${parent}/backup}}\n`, {
 *   append: true,
 * });
 * Deno.mkdirSync(`${root}/experiments/results`, { recursive: true });
 * Deno.writeTextFileSync(`${root}/experiments/results/a.jsonl`, "{}\n");
 * const [outcome] = await syncResults(await openProject(root));
 * const copy = Deno.readTextFileSync(`${parent}/backup/experiments/results/a.jsonl`);
 * if (copy !== "{}\n" || outcome?.pass?.sent !== 1) throw new Error("not sent");
 * ```
 */
export async function syncResults(
  project: Project,
  options: SyncOptions = {},
): Promise<SyncOutcome[]> {
  const outcomes: SyncOutcome[] = [];
  for (const name of namesOf(project, options.names)) {
    const report = await inTurnNow(project, "sync", name, () => syncOne(project, name, options));
    const standing = standingNow(project, name);
    outcomes.push({ name, ...report ? { pass: report } : {}, standing });
  }
  return outcomes;
}

async function syncOne(
  project: Project,
  name: string,
  { now, signal, onProgress, env = Deno.env.get }: SyncOptions,
): Promise<PassReport | undefined> {
  const { clock, runner } = project.context;
  const place = placeOf(project, name);
  const { waiting } = readState(place.folder, destinationOf(place.target));
  if (!now && waiting && waiting.until > clock.now()) return undefined;
  const transport = await transportFor({ name, ...place, runner, env, signal });
  return await pass({
    ...place,
    name,
    transport,
    clock,
    now,
    signal,
    random: Math.random,
    onProgress: (done, all) => onProgress?.(name, done, all),
  });
}

/**
 * How the destinations of `sync:` stand, from what is noted here; they are not asked.
 *
 * @throws {NotFoundError} for a name that is not under `sync:`.
 *
 * @example
 * ```ts
 * import { initProject, openProject, syncStatus } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * Deno.writeTextFileSync(`${root}/.hpc_config.yaml`, `sync: {backup: {to: ${parent}/backup}}\n`, {
 *   append: true,
 * });
 * const [backup] = syncStatus(await openProject(root));
 * if (backup?.name !== "backup" || backup.pending !== 0) throw new Error("something waits");
 * ```
 */
export function syncStatus(project: Project, names?: readonly string[]): SyncStatus[] {
  return namesOf(project, names).map((name) => {
    const [holder] = turnHolders(project.layout, turnOf(project, "sync", name));
    const by = holder && { pid: holder.pid, host: holder.host };
    return { name, ...standingNow(project, name), ...by ? { by } : {} };
  });
}

/**
 * Reads what destinations hold again, all of it, and compares it with their manifests. What is not as
 * it should be is sent again by the next {@linkcode syncResults}.
 *
 * @throws {DestinationError} when one cannot be used, or nothing was sent there yet; {ConflictError}
 * while another process sends to it.
 *
 * @example
 * ```ts
 * import {
 *   initProject,
 *   openProject,
 *
 *   syncResults,
 *   verifySync,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * Deno.writeTextFileSync(`${root}/.hpc_config.yaml`, `sync: {backup: {to: ${parent}/backup}}\n`, {
 *   append: true,
 * });
 * Deno.mkdirSync(`${root}/experiments/results`, { recursive: true });
 * Deno.writeTextFileSync(`${root}/experiments/results/a.jsonl`, "{}\n");
 * const project = await openProject(root);
 * await syncResults(project);
 * Deno.writeTextFileSync(`${parent}/backup/experiments/results/a.jsonl`, "[]\n");
 * const [found] = await verifySync(project);
 * if (found?.different[0] !== "experiments/results/a.jsonl") throw new Error("not seen");
 * ```
 */
export async function verifySync(
  project: Project,
  { names, env = Deno.env.get, signal }: Pick<SyncOptions, "names" | "env" | "signal"> = {},
): Promise<(DestinationCheck & { name: string })[]> {
  const found: (DestinationCheck & { name: string })[] = [];
  for (const name of namesOf(project, names)) {
    const place = placeOf(project, name);
    const { runner } = project.context;
    const transport = await transportFor({ name, ...place, runner, env, signal });
    const check = await inTurnNow(
      project,
      "sync",
      name,
      () => verifyDestination({ name, ...place, transport }),
    );
    found.push({ name, ...check });
  }
  return found;
}

function placeOf({ layout, settings }: Project, name: string) {
  return {
    project: layout.root,
    folder: layout.synced(name),
    target: settings.sync[name]!,
  };
}

function standingNow(project: Project, name: string): SyncStanding {
  return standingOf({ ...placeOf(project, name), now: project.context.clock.now() });
}

function namesOf({ settings }: Project, names?: readonly string[]): string[] {
  const known = Object.keys(settings.sync);
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new NotFoundError(`Cannot sync ${JSON.stringify(unknown)}: it is not under sync:`, {
      hint: didYouMean(unknown, known),
    });
  }
  if (known.length === 0) {
    throw new NotFoundError("Cannot sync: .hpc_config.yaml has no sync:", {
      hint: "expflow config set sync.backup.to /archive/me",
    });
  }
  return names && names.length > 0 ? [...names] : known;
}
