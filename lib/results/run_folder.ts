import { confine, type Confined, whyNot } from "./confine.ts";

const DEEPEST = 8;
const MOST = 20_000;
const PASSED_OVER = new Set([".git", ".venv", "node_modules", "__pycache__"]);

/** A file somewhere in the folder of a run, as a listing shows it: not opened. */
export interface ListedFile {
  /** Relative to the run's folder. */
  path: string;
  bytes: number;
  /** Milliseconds since 1970 of the last change. */
  changed: number;
}

/** The folder of one run: nothing outside it is ever opened through this. */
export class RunFolder {
  #listed: Listing | undefined;
  #real: string | undefined;

  constructor(
    /** Absolute. */
    readonly root: string,
  ) {}

  /**
   * Plain files down to 8 folders deep, sorted by path; links are not followed. Listed once.
   * Folders such as `.git` and `node_modules` are passed over.
   */
  get files(): readonly ListedFile[] {
    return this.#list().files;
  }
  /** Relative paths of links in the top folder, which {@linkcode open} follows if they stay inside. */
  get links(): readonly string[] {
    return this.#list().links;
  }
  /** What could not be listed, one line each. */
  get problems(): readonly string[] {
    return this.#list().problems;
  }
  /** Whether there is no such folder: nothing of the run has started. */
  get missing(): boolean {
    return this.#list().missing;
  }
  /** Where a file really is, if it may be read. */
  open(path: string): Confined {
    try {
      this.#real ??= Deno.realPathSync(this.root);
    } catch (error) {
      return whyNot(error);
    }
    return confine(this.#real, path);
  }

  #list() {
    return this.#listed ??= list(this.root);
  }
}

interface Listing {
  files: ListedFile[];
  links: string[];
  problems: string[];
  missing: boolean;
}

function list(root: string): Listing {
  const found: Listing = { files: [], links: [], problems: [], missing: false };
  const tooMany = () => found.files.length >= MOST;
  const visit = (folder: string, depth: number): void => {
    for (const entry of entriesOf(root, folder, found)) {
      const { name, isDirectory, isFile, isSymlink } = entry;
      if (tooMany()) return;
      const path = join(folder, name);
      if (isSymlink && depth === 1) found.links.push(path);
      if (isFile) addFile(root, path, found);
      if (!isDirectory || PASSED_OVER.has(name)) continue;
      if (depth < DEEPEST) visit(path, depth + 1);
      else found.problems.push(`${path}: is more than ${DEEPEST} folders deep; not looked into`);
    }
  };
  visit("", 1);
  if (tooMany()) found.problems.push(`only the first ${MOST} files of the run were looked at`);
  found.files.sort((a, b) => a.path < b.path ? -1 : 1);
  return found;
}

function join(folder: string, name: string): string {
  return folder === "" ? name : name === "" ? folder : `${folder}/${name}`;
}

function entriesOf(root: string, folder: string, found: Listing): Deno.DirEntry[] {
  const path = join(root, folder);
  try {
    return Array.from(Deno.readDirSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) found.missing ||= folder === "";
    else found.problems.push(`${path}: ${reason(error)}`);
    return [];
  }
}

/** A file that is gone meanwhile (a checkpoint was rotated) is none. */
function addFile(root: string, path: string, found: Listing): void {
  try {
    const { size, mtime } = Deno.lstatSync(join(root, path));
    found.files.push({ path, bytes: size, changed: mtime?.getTime() ?? 0 });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) found.problems.push(`${path}: ${reason(error)}`);
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
