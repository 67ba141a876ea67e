import { join } from "node:path";
import type { Experiment } from "../core/experiment.ts";
import { sha256 } from "../core/fingerprint.ts";
import { entryAt, firstBytes, readIfThere } from "../system/files.ts";
import type { Facts } from "./reproducibility.ts";

const LOCK_FILES = [
  "uv.lock",
  "poetry.lock",
  "pixi.lock",
  "conda-lock.yml",
  "Pipfile.lock",
  "requirements.txt",
  "environment.yml",
];
/** Images have gigabytes; their headers hold an id and the time they were made. */
const HEAD_BYTES = 2 ** 20;

/** Which files a run depends on beside its code, by what is in them. A file that is unreadable is left out. */
export function fileFacts({ workdir, stages }: Pick<Experiment, "workdir" | "stages">): Facts {
  const facts: Facts = {};
  for (const name of LOCK_FILES) {
    const text = orNothing(() => readIfThere(join(workdir, name)));
    if (text !== undefined) facts[`lock file ${name}`] = sha256(text).slice(0, 16);
  }
  for (const { name, environment } of stages) {
    const image = environment.container?.image;
    const identity = image?.startsWith("/") ? orNothing(() => imageIdentity(image)) : undefined;
    if (identity !== undefined) facts[`container image of ${name}`] = identity;
  }
  return facts;
}

/** Size and hash of the first MiB; `undefined` where there is no such file. */
function imageIdentity(path: string): string | undefined {
  const entry = entryAt(path);
  if (!entry || entry.folder) return undefined;
  return `${entry.bytes} bytes, first MiB ${sha256(firstBytes(path, HEAD_BYTES)).slice(0, 16)}`;
}

function orNothing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
