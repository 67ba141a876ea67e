import { cpSync } from "node:fs";
import { join, relative } from "node:path";
import { NotFoundError } from "../core/errors.ts";
import { exists, makeFolder, removeIfThere } from "../system/files.ts";
import type { Runner } from "../system/runner.ts";
import type { CodeRecord } from "./code_record.ts";
import { Git, type GitPurpose, shadowOf } from "./git.ts";
import { linkInto, type Snapshot } from "./snapshot.ts";

const RESTORING: GitPurpose = {
  doing: "restore recorded code in",
  hint: "run the same git command there to see more; `code/` of the submission is a copy of it",
};

/** Code that a submission ran. */
export interface RecordedCode {
  /** `EXPERIMENT/SUBMISSION`, for messages. */
  name: string;
  /** What was recorded of it; its mode is `snapshot`. */
  code: CodeRecord;
  /** Folder of the submission, with `code/` and `code.diff` in it. */
  folder: string;
  /** Where its command ran, before the snapshot. */
  workdir: string;
  /** Folder of the project: what expflow itself writes there is not code. */
  project: string;
}

/** Where recorded code can be had from. */
export type CodeSource =
  /** The commit and the recorded difference to it. */
  | { from: "commit"; repository: string }
  /** The files of the snapshot itself. */
  | { from: "kept" }
  /** The commit, while what was changed in it is lost. */
  | { from: "commit alone"; repository: string };

/**
 * Looks for the code of a submission; writes nothing.
 *
 * @throws {NotFoundError} where there is neither commit nor snapshot.
 */
export async function findCode(runner: Runner, wanted: RecordedCode): Promise<CodeSource> {
  const { code, folder, name } = wanted;
  const { repository, commit } = code;
  const there = commit !== undefined && repository !== undefined && exists(repository) &&
    await new Git(runner, repository).try("cat-file", "-e", `${commit}^{commit}`) !== undefined;
  if (there && (!code.dirty || exists(join(folder, "code.diff")))) {
    return { from: "commit", repository };
  }
  if (exists(join(folder, "code"))) return { from: "kept" };
  if (there) return { from: "commit alone", repository };
  throw new NotFoundError(
    `Cannot restore the code of ${name}: ${repository} has no commit ${commit}, and ${folder} no code/`,
    { hint: "fetch the commit into that repository, or restore that folder" },
  );
}

/** Makes the checkout anew in `target`, and says what is not as it was. */
export async function restoreCode(
  runner: Runner,
  wanted: RecordedCode,
  target: string,
): Promise<Snapshot> {
  const { code, folder, workdir } = wanted;
  const source = await findCode(runner, wanted);
  const scratch = `${target}.git`;
  try {
    const tree = source.from === "kept"
      ? await copyKept(runner, wanted, { target, scratch })
      : await checkOut(new Git(runner, source.repository, {}, RESTORING), wanted, {
        target,
        scratch,
        source,
      });
    const repository = code.repository ?? folder;
    const present = (code.linked ?? []).filter((path) => exists(join(repository, path)));
    const linked = linkInto(target, repository, present);
    return {
      code: { ...code, tree, linked, warnings: codeLosses(wanted, source, tree) },
      workdir: join(target, relative(repository, workdir)),
    };
  } finally {
    removeIfThere(scratch);
  }
}

interface Places {
  target: string;
  scratch: string;
}

/** The tree is in an index of its own: the user's files are never touched. @returns its hash. */
async function checkOut(
  git: Git,
  { code, folder }: RecordedCode,
  { target, scratch, source }: Places & { source: CodeSource },
): Promise<string> {
  const shadow = await shadowOf(git, scratch);
  await shadow.get(["read-tree", code.commit!]);
  if (source.from === "commit" && code.dirty) {
    const diff = join(folder, "code.diff");
    await shadow.get(["apply", "--cached", "--binary", "--whitespace=nowarn", diff]);
  }
  makeFolder(target);
  await shadow.get(["checkout-index", "--all", "--force", `--prefix=${target}/`]);
  return (await shadow.get(["write-tree"])).trim();
}

/** @returns the hash of the files as they are now, as git would have it. */
async function copyKept(
  runner: Runner,
  { code, folder }: RecordedCode,
  { target, scratch }: Places,
): Promise<string> {
  cpSync(join(folder, "code"), target, { recursive: true, verbatimSymlinks: true });
  for (const path of code.linked ?? []) removeIfThere(join(target, path));
  const plain = new Git(runner, target, {}, RESTORING);
  await plain.get(["init", "--quiet", "--bare", scratch]);
  const git = plain.with({ GIT_DIR: scratch, GIT_WORK_TREE: target });
  await git.get(["-c", "core.bare=false", "add", "--all", "."]);
  return (await git.get(["write-tree"])).trim();
}

/** What of the code is not as it was, one line each. */
export function codeLosses(
  { code, project }: RecordedCode,
  source: CodeSource,
  restored?: string,
): string[] {
  const { commit, tree, linked = [], repository = "", dirty } = code;
  const outputs = relative(repository, join(project, "experiments"));
  const losses = [];
  if (source.from === "commit alone" && dirty) {
    losses.push(`changes to commit ${commit?.slice(0, 12)} were not recorded, or are gone`);
  } else if (restored !== undefined && tree !== undefined && restored !== tree) {
    losses.push(`its files are not those that were recorded: tree ${restored}, was ${tree}`);
  }
  const present = [];
  for (const path of linked.filter((path) => path !== outputs)) {
    if (exists(join(repository, path))) present.push(path);
    else losses.push(`${path} is not there any more`);
  }
  if (present.length > 0) {
    losses.push(`no copy was kept of ${present.join(", ")} (ignored by git): taken as it is now`);
  }
  return losses;
}
