import { basename, join, relative } from "node:path";
import { exists, makeFolder, removeIfThere, writeWhole } from "../system/files.ts";
import type { Runner } from "../system/runner.ts";
import type { CodeRecord } from "./code_record.ts";
import { Git, shadowOf } from "./git.ts";

const MAX_FILE_BYTES = 10_000_000;
const MAX_TOTAL_BYTES = 100_000_000;
const SECRET_FILE = /^(\.env(\..+)?|.*\.(pem|key|p12|pfx)|id_(rsa|ed25519|ecdsa)|\.netrc)$/;
const NEVER_LINKED = new Set([".git", "__pycache__"]);

/** What to take a snapshot of, and where to. */
export interface SnapshotRequest {
  /** Working directory of the command; its repository is found from here. */
  workdir: string;
  /** The checkout is made here. */
  target: string;
  /** The difference to the commit is written here, when there is one. */
  diff: string;
  /** Folder of the project: what expflow itself writes there is not code. */
  project: string;
}

/** A snapshot that was taken: what it holds, and where the command runs in it. */
export interface Snapshot {
  code: CodeRecord;
  workdir: string;
}

/** A remote's address without user name, password or token. */
export function withoutCredentials(remote: string): string {
  return remote.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
}

/** What git knows of the code around `workdir`, without touching anything. */
export async function describeCode(runner: Runner, workdir: string): Promise<CodeRecord> {
  const git = new Git(runner, workdir);
  const top = (await git.try("rev-parse", "--show-toplevel"))?.trim();
  const commit = (await git.try("rev-parse", "--verify", "HEAD"))?.trim();
  if (top === undefined || commit === undefined) {
    const why = top === undefined ? "is not in a git repository" : "has no commit yet";
    return {
      mode: "in-place",
      warnings: [`${workdir} ${why}: runs use whatever is there when they start`],
    };
  }
  const branch = (await git.try("symbolic-ref", "--short", "-q", "HEAD"))?.trim();
  const remote = (await git.try("remote", "get-url", "origin"))?.trim();
  const status = await git.get(["status", "--porcelain", "-z"]);
  return {
    mode: "snapshot",
    repository: top,
    commit,
    branch,
    remote: remote && withoutCredentials(remote),
    dirty: status !== "",
    warnings: [],
  };
}

/** Folders of the project's own output, as paths inside the repository; none when it is outside. */
function ownFolders(project: string, repository: string): string[] {
  const inside = relative(repository, project);
  if (inside.startsWith("..")) return [];
  return ["experiments", "generated_scripts", ".expflow"].map((name) => join(inside, name));
}

function isWithin(folders: string[], path: string): boolean {
  const name = path.replace(/\/$/, "");
  return folders.some((folder) => name === folder || name.startsWith(`${folder}/`));
}

interface Untracked {
  kept: string[];
  leftOut: { path: string; bytes: number }[];
  secrets: string[];
}

function sortUntracked(repository: string, paths: string[]): Untracked {
  const sorted: Untracked = { kept: [], leftOut: [], secrets: [] };
  let total = 0;
  for (const path of paths) {
    if (SECRET_FILE.test(basename(path))) {
      sorted.secrets.push(path);
      continue;
    }
    const bytes = Deno.lstatSync(join(repository, path)).size;
    if (bytes > MAX_FILE_BYTES || total + bytes > MAX_TOTAL_BYTES) {
      sorted.leftOut.push({ path, bytes });
    } else {
      sorted.kept.push(path);
      total += bytes;
    }
  }
  return sorted;
}

/** Links entries of the repository into the checkout, so that relative paths keep working. */
export function linkInto(target: string, repository: string, paths: string[]): string[] {
  const linked = [];
  for (const path of paths.map((path) => path.replace(/\/$/, ""))) {
    const link = join(target, path);
    if (NEVER_LINKED.has(basename(path)) || exists(link)) continue;
    makeFolder(join(link, ".."));
    Deno.symlinkSync(join(repository, path), link);
    linked.push(path);
  }
  return linked;
}

/**
 * Checks out exactly what is in the working tree now: the commit, changes and untracked files.
 * Objects and index go to a temporary folder: the user's repository is only read.
 */
export async function takeSnapshot(runner: Runner, request: SnapshotRequest): Promise<Snapshot> {
  const code = await describeCode(runner, request.workdir);
  const { repository, commit } = code;
  if (code.mode !== "snapshot" || repository === undefined || commit === undefined) {
    return { code, workdir: request.workdir };
  }
  const git = new Git(runner, repository);
  const own = ownFolders(Deno.realPathSync(request.project), repository);
  const untracked = sortUntracked(
    repository,
    (await git.list(["ls-files", "-z", "--others", "--exclude-standard"])).filter((path) =>
      !isWithin(own, path) && !path.endsWith("/")
    ),
  );
  const scratch = `${request.target}.git`;
  try {
    const tree = await writeTree(git, commit, scratch, untracked.kept);
    const shadow = tree.git;
    makeFolder(request.target);
    await shadow.get(["checkout-index", "--all", "--force", `--prefix=${request.target}/`]);
    const diff = await shadow.get(["diff", "--binary", "--full-index", commit, tree.hash]);
    if (diff !== "") writeWhole(request.diff, diff);
    const links = await entriesToLink(git, repository, own);
    return {
      code: {
        ...code,
        tree: tree.hash,
        dirty: diff !== "",
        untracked: untracked.kept,
        leftOut: untracked.leftOut,
        linked: linkInto(request.target, repository, [...links, ...untracked.secrets]),
        warnings: [
          ...code.warnings,
          ...untracked.leftOut.map(({ path, bytes }) =>
            `${path} (${Math.round(bytes / 1e6)} MB, untracked) is not in the snapshot`
          ),
        ],
      },
      workdir: join(request.target, relative(repository, Deno.realPathSync(request.workdir))),
    };
  } finally {
    removeIfThere(scratch);
  }
}

async function writeTree(git: Git, commit: string, scratch: string, untracked: string[]) {
  const shadow = await shadowOf(git, scratch);
  await shadow.get(["read-tree", commit]);
  await shadow.get(["add", "--update", "--", ":/"]);
  if (untracked.length > 0) {
    await shadow.get(["update-index", "--add", "-z", "--stdin"], `${untracked.join("\0")}\0`);
  }
  return { git: shadow, hash: (await shadow.get(["write-tree"])).trim() };
}

/** Ignored top-level entries, and submodules, which git does not check out here. */
async function entriesToLink(git: Git, repository: string, own: string[]): Promise<string[]> {
  const ignored = await git.list([
    "ls-files",
    "-z",
    "--others",
    "--ignored",
    "--exclude-standard",
    "--directory",
  ]);
  const topLevel = ignored.filter((path) => !path.replace(/\/$/, "").includes("/"));
  const submodules = (await git.list(["ls-files", "-z", "--stage"]))
    .filter((line) => line.startsWith("160000 ")).map((line) => line.split("\t")[1]!);
  const outputs = own.slice(0, 1).filter((path) => exists(join(repository, path)));
  return [...topLevel.filter((path) => !isWithin(own, path)), ...submodules, ...outputs];
}
