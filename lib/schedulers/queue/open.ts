import { SchedulerError } from "../../core/errors.ts";
import { createExclusive, makeFolder, readIfThere } from "../../system/files.ts";
import { type QueueLayout, queueLayout } from "./places.ts";

/** Form of everything in a queue's folder. */
const VERSION = 1;

/**
 * Opens a queue, and makes it where there is none.
 *
 * @throws {SchedulerError} when another version of expflow wrote it.
 */
export function openQueue(folder: string): QueueLayout {
  const layout = queueLayout(folder);
  const text = readIfThere(layout.version);
  if (text === undefined) return makeQueue(layout);
  const version = versionIn(text);
  if (version === VERSION) return layout;
  if (version === undefined) {
    throw new SchedulerError(
      `Cannot use the queue in ${folder}: ${layout.version} holds no version`,
      { hint: `a queue of this expflow has {"version":${VERSION}} there` },
    );
  }
  throw new SchedulerError(
    `Cannot use the queue in ${folder}: version ${version}, not ${VERSION}`,
    { hint: `${version > VERSION ? "a newer" : "an older"} expflow wrote it: use that one` },
  );
}

function versionIn(text: string): number | undefined {
  try {
    const version: unknown = JSON.parse(text)?.version;
    return typeof version === "number" ? version : undefined;
  } catch {
    return undefined;
  }
}

function makeQueue(layout: QueueLayout): QueueLayout {
  const { jobs, open, making, ready, claimed, done, wishes, workers, temporary } = layout;
  for (
    const path of [jobs, open, making, ready, claimed, done, wishes, workers, temporary]
  ) makeFolder(path);
  createExclusive(layout.version, `${JSON.stringify({ version: VERSION })}\n`);
  return layout;
}

/** The number of a job. @throws {SchedulerError} when the text is none. */
export function jobNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new SchedulerError(`Cannot use ${JSON.stringify(text)} as the id of a job`, {
    hint: "ids of jobs are numbers",
  });
}
