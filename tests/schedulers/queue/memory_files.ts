import { dirname } from "node:path";
import type { Answer, Step } from "../../../lib/schedulers/queue/steps.ts";

/** Names of a folder as one text; `undefined` without a folder. */
type Listing = string | undefined;

/** A file system in memory: knows paths, whether they are folders, and how folders looked before. */
export class MemoryFiles {
  /** Path → whether it is a folder. */
  readonly #entries = new Map<string, boolean>();
  /** What a listing of a folder answered earlier and would not now. */
  readonly #earlier = new Map<string, Set<Listing>>();

  /** @param paths files; with a slash at the end, empty folders. */
  constructor(paths: readonly string[]) {
    for (const path of paths) {
      if (path.endsWith("/")) this.#makeFolder(path.slice(0, -1));
      else {
        this.#makeFolder(dirname(path));
        this.#entries.set(path, false);
      }
    }
  }

  /** Paths of all files and folders, those of folders with a slash at the end. */
  paths(): string[] {
    return Array.from(this.#entries, ([path, folder]) => folder ? `${path}/` : path);
  }

  /** Paths of what lies in a folder, at any depth. */
  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /** Two with the same text answer the same for ever. */
  text(withEarlier: boolean): string {
    const now = this.paths().sort().join("\n");
    if (!withEarlier) return now;
    const earlier = Array.from(
      this.#earlier,
      ([path, listings]) => `${path}=${Array.from(listings, String).sort().join("|")}`,
    );
    return `${now}\n\n${earlier.sort().join("\n")}`;
  }

  /** Listings of a folder that a client which looked before may still have. */
  earlier(path: string): (string[] | undefined)[] {
    const now = this.#listing(path);
    return [...this.#earlier.get(path) ?? []].filter((listing) => listing !== now)
      .map((listing) => listing?.split("/").filter(Boolean));
  }

  /** Does a step as the file system of a machine would. */
  answer(step: Step): Answer {
    switch (step.do) {
      case "list":
        return this.#listing(step.path)?.split("/").filter(Boolean);
      case "rename":
        return this.#rename(step.from, step.to);
      case "create":
        return this.#create(step.path);
      case "makeFolder":
        return void this.#makeFolder(step.path);
      case "removeFolder":
        return this.#removeFolder(step.path);
      case "remove":
        this.#changing(dirname(step.path));
        this.#entries.delete(step.path);
        return undefined;
      case "exists":
        return this.#entries.has(step.path);
    }
  }

  #listing(path: string): Listing {
    if (!this.#entries.get(path)) return undefined;
    const start = `${path}/`;
    const names: string[] = [];
    for (const one of this.#entries.keys()) {
      if (one.startsWith(start) && !one.includes("/", start.length)) {
        names.push(one.slice(start.length));
      }
    }
    return names.sort().join("/");
  }

  #changing(...folders: string[]): void {
    for (const folder of folders) {
      const known = this.#earlier.get(folder) ?? new Set();
      this.#earlier.set(folder, known.add(this.#listing(folder)));
    }
  }

  #rename(from: string, to: string): boolean {
    const folder = this.#entries.get(from);
    if (folder === undefined || !this.#entries.get(dirname(to))) return false;
    if (folder && this.#listing(to)) throw new Error(`rename ${from} to ${to}: not empty`);
    this.#changing(dirname(from), dirname(to), from, to);
    this.#entries.delete(from);
    this.#entries.set(to, folder);
    for (const [path, isFolder] of [...this.#entries]) {
      if (!path.startsWith(`${from}/`)) continue;
      this.#entries.delete(path);
      this.#entries.set(to + path.slice(from.length), isFolder);
    }
    return true;
  }

  #create(path: string): Answer {
    if (this.#entries.has(path)) return "taken";
    if (!this.#entries.get(dirname(path))) return "absent";
    this.#changing(dirname(path));
    this.#entries.set(path, false);
    return "made";
  }

  #makeFolder(path: string): void {
    if (this.#entries.has(path)) return;
    if (dirname(path) !== path) this.#makeFolder(dirname(path));
    this.#changing(dirname(path), path);
    this.#entries.set(path, true);
  }

  #removeFolder(path: string): boolean {
    if (this.#listing(path) !== "") return false;
    this.#changing(dirname(path), path);
    this.#entries.delete(path);
    return true;
  }
}
