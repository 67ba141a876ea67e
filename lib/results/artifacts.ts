import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { sortCheckpoints } from "../core/checkpoints.ts";
import { matchesPattern } from "../core/patterns.ts";
import type { Artifact } from "./records.ts";
import type { ListedFile, RunFolder } from "./run_folder.ts";

const SMALL = 1024 * 1024;
const HASHED = 16 * SMALL;
const MOST = 200;
const CHUNK = 1024 * 1024;

/** What expflow itself and the loggers keep in a run's folder. */
const NOT_RESULTS =
  /^(params\.json|attempt\.[^/]*\.json)$|^\.|\/\.|(^|\/)(mlruns|wandb)\/|\/hparams\.yaml$/;

/** What a run left, and what could not be registered. */
export interface Registered {
  artifacts: Artifact[];
  problems: string[];
}

/**
 * Registers the files of a run with their size: those that `declared` patterns name, and the first
 * 200 others, without those that were `read`. Hashed are the declared ones, and others of up to
 * 1 MiB, up to 16 MiB in all.
 */
export function registerArtifacts(
  folder: RunFolder,
  read: readonly string[],
  declared: readonly string[],
): Registered {
  const registered: Registered = { artifacts: [], problems: [] };
  const seen = new Set(read);
  let others = 0;
  let budget = HASHED;
  for (const file of folder.files) {
    const wanted = declared.some((pattern) => matchesPattern(pattern, file.path));
    if (!wanted && (seen.has(file.path) || NOT_RESULTS.test(file.path))) continue;
    if (!wanted && ++others > MOST) continue;
    const hash = wanted || (file.bytes <= SMALL && file.bytes <= budget);
    if (hash && !wanted) budget -= file.bytes;
    registered.artifacts.push(registerOne(folder, file, hash, registered.problems));
  }
  if (others > MOST) {
    registered.problems.push(`${others - MOST} more files were not registered: ${MOST} are`);
  }
  for (const pattern of declared) {
    if (folder.files.some(({ path }) => matchesPattern(pattern, path))) continue;
    registered.problems.push(
      `${pattern}: is under harvest.artifacts, but the run has no such file`,
    );
  }
  return registered;
}

function registerOne(
  folder: RunFolder,
  file: ListedFile,
  hash: boolean,
  problems: string[],
): Artifact {
  const { path, bytes } = file;
  const artifact: Artifact = { path, bytes };
  if (isCheckpoint(file)) artifact.checkpoint = true;
  if (!hash) return artifact;
  const opened = folder.open(path);
  try {
    if ("path" in opened) artifact.sha256 = hashFile(opened.path);
    else problems.push(`${path}: ${"refused" in opened ? opened.refused : "is gone"}; not hashed`);
  } catch (error) {
    problems.push(`${path}: cannot be hashed: ${error instanceof Error ? error.message : error}`);
  }
  return artifact;
}

function isCheckpoint({ path, bytes, changed }: ListedFile): boolean {
  const file = { path, name: basename(path), folder: false, empty: bytes === 0, changed };
  const parts = dirname(path).split("/").map((name) => ({ ...file, name, folder: true }));
  return sortCheckpoints([file, ...parts], false).length > 0;
}

function hashFile(path: string): string {
  using file = Deno.openSync(path);
  const hash = createHash("sha256");
  const bytes = new Uint8Array(CHUNK);
  for (let count = file.readSync(bytes); count !== null; count = file.readSync(bytes)) {
    hash.update(bytes.subarray(0, count));
  }
  return hash.digest("hex");
}
