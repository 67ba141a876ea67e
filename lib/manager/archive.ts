import { basename, join, resolve } from "node:path";
import { ConflictError, ExpflowError, NotFoundError } from "../core/errors.ts";
import { isEnded } from "../core/states.ts";
import { readArchive } from "../store/archive_file.ts";
import {
  type ArchiveFacts,
  readArchiveRecord,
  writeArchiveRecord,
} from "../store/archive_record.ts";
import { originalsOf, removeOriginals, removeUnpacked } from "../store/originals.ts";
import { packArchive } from "../store/pack.ts";
import { readPins } from "../store/pins.ts";
import { countStates, type ExperimentStatus, statusOf } from "../submission/status.ts";
import { epochSeconds } from "../system/clock.ts";
import {
  exists,
  makeFolder,
  readIfThere,
  removeHalfWritten,
  removeIfThere,
  storageError,
  writeWhole,
} from "../system/files.ts";
import { harvest } from "./harvest.ts";
import type { Project } from "./project.ts";
import { status } from "./status.ts";
import { inTurnNow } from "./turns.ts";

/** How an experiment is archived. */
export interface ArchiveOptions {
  /** Folder for the archive; `experiments/archived` of the project unless told. */
  to?: string;
}

/** What was archived. */
export interface ArchiveReport extends ArchiveFacts {
  /** Id of the experiment. */
  id: string;
  /** What changed after it was packed, and so was not removed. */
  left: string[];
}

/**
 * Puts the folders of an experiment into one `.tar.zst`: scripts, states, logs and runs. They are
 * removed once the archive was read back and agrees with its manifest. Its file, its harvested
 * results and its status stay.
 *
 * @throws {ConflictError} while one of its runs has not ended, or when it is pinned.
 *
 * @example
 * ```ts
 * import {
 *   archive,
 *   createExperiment,
 *   initProject,
 *   openProject,
 *   restore,
 *   status,
 *   submit,
 *   wait,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { command: "echo 0.5 > {run.dir}/loss.txt", args: "none" });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * await archive(project, "exp001");
 * const [found] = await status(project, { ids: ["exp001"] });
 * if (!found?.archived || found.runs[0]?.state !== "completed") throw new Error("not archived");
 * await restore(project, "exp001");
 * const loss = Deno.readTextFileSync(`${root}/experiments/runs/exp001/0/loss.txt`);
 * if (loss !== "0.5\n") throw new Error(loss);
 * ```
 */
export async function archive(
  project: Project,
  id: string,
  options: ArchiveOptions = {},
): Promise<ArchiveReport> {
  await status(project, { ids: [id] });
  return await inTurnNow(
    project,
    "clean",
    id,
    () => inTurnNow(project, "archive", id, () => archiveNow(project, id, options)),
  );
}

async function archiveNow(
  project: Project,
  id: string,
  { to }: ArchiveOptions,
): Promise<ArchiveReport> {
  const { layout, context } = project;
  const before = readArchiveRecord<ExperimentStatus>(layout, id);
  if (before) return await finish(project, id, before);
  removeAbandoned(project, id);
  const [known] = await statusOf(context, [id]);
  checkEnded(project, known!);
  await harvest(project, id);
  const folder = resolve(to ?? layout.archives);
  const stamp = new Date(context.clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const file = join(folder, `${id}.${stamp}.tar.zst`);
  if (exists(file)) {
    throw new ConflictError(`Cannot archive ${id}: ${file} exists`, { hint: "try it once more" });
  }
  makeFolder(folder);
  const originals = originalsOf(layout, id);
  const part = `${file}.part`;
  writeWhole(layout.packing(id), file);
  try {
    const packed = await packArchive(layout.root, originals, part);
    const contents = await readArchive(part);
    if (JSON.stringify(contents.entries) !== JSON.stringify(packed)) {
      throw new ExpflowError(`Cannot archive ${id}: ${part} holds something else than it should`, {
        hint: "nothing was removed: check the disk, and run it again",
      });
    }
    Deno.renameSync(part, file);
    const { archived: _, ...status } = known!;
    writeArchiveRecord(layout, id, {
      file,
      sha256: contents.sha256,
      packed: contents.packed,
      bytes: packed.reduce((sum, { bytes }) => sum + bytes, 0),
      inodes: packed.length,
      created: epochSeconds(context.clock),
      status,
    });
  } catch (error) {
    removeAbandoned(project, id);
    throw storageError(`archive ${id}`, error);
  }
  return await finish(project, id, readArchiveRecord<ExperimentStatus>(layout, id)!);
}

/** Removes what an archive was begun with and not finished; the originals are all there then. */
function removeAbandoned({ layout }: Project, id: string): void {
  const file = readIfThere(layout.packing(id));
  if (file !== undefined && basename(file).startsWith(`${id}.`)) {
    removeIfThere(`${file}.part`);
    if (!exists(layout.archiveRecord(id))) removeIfThere(file);
  }
  removeIfThere(layout.packing(id));
  for (const path of [layout.packing(id), layout.archiveRecord(id)]) removeHalfWritten(path);
  removeUnpacked(layout, id);
}

/** Removes originals that are in the archive. Interrupted, it is done again. */
async function finish(
  { layout }: Project,
  id: string,
  record: ArchiveFacts,
): Promise<ArchiveReport> {
  const { file, sha256, packed, bytes, inodes, created } = record;
  removeIfThere(layout.packing(id));
  removeUnpacked(layout, id);
  const left = layout.archived(id).some(exists)
    ? removeOriginals(layout, (await readArchive(file)).entries)
    : [];
  return { id, file, sha256, packed, bytes, inodes, created, left };
}

function checkEnded({ layout }: Project, { id, runs, plans }: ExperimentStatus): void {
  if (plans.length === 0) {
    throw new NotFoundError(`Cannot archive ${id}: it was never submitted`, {
      hint: "there is nothing to archive but its file",
    });
  }
  const going = runs.filter(({ stages }) => Object.values(stages).some((s) => !isEnded(s.state)));
  if (going.length > 0) {
    const [state] = Object.keys(countStates(going));
    throw new ConflictError(
      `Cannot archive ${id}: ${going.length} of ${runs.length} runs have not ended ` +
        `(run ${going[0]!.index} is ${state})`,
      { hint: `wait for them, or cancel them: expflow cancel ${id}` },
    );
  }
  const pins = readPins(layout, id);
  if (pins.all || pins.runs.size > 0) {
    throw new ConflictError(`Cannot archive ${id}: it is pinned`, {
      hint: `expflow unpin ${id} first`,
    });
  }
}
