import { basename, isAbsolute, join, normalize, sep } from "node:path";
import type { SyncTarget } from "../config/sync_block.ts";
import { ConfigError } from "../core/errors.ts";
import { matchesPattern } from "../core/patterns.ts";
import { endOfLines } from "./lines.ts";
import type { Source } from "./transport.ts";

/** What there is to send. */
export interface Scan {
  files: Source[];
  /** What changed a moment ago and is not whole as it is. */
  young: Source[];
  /** What is not sent, and why. */
  left: { path: string; reason: string }[];
}

/** Only ever grow, line by line: their first lines are whole at any time. */
const GROWS = /\.(jsonl|ndjson|out|err|log)$/;
/** The tool's own, and files on their way to their name. */
const NEVER = /^\.expflow(-sync)?$|^\.preparing-|\.[0-9a-f]{8}\.tmp$/;

const MOST_AHEAD_MS = 86_400_000;

/** Where a walk is: a folder of `from:`, and the name its files have at the destination. */
interface Root {
  real: string;
  prefix: string;
}

/** Looks at everything that a destination takes. Links that lead out of their folder are not followed. */
export function scan(project: string, target: SyncTarget, now: number): Scan {
  const found: Scan = { files: [], young: [], left: [] };
  checkApart(target.from);
  const roots = target.from.flatMap((from) => rootOf(project, from, found));
  const wanted = filterOf(target);
  for (const root of roots) walk(root, "", { found, wanted, now, quietMs: target.quietMs });
  return found;
}

/** The name of a folder of `from:` at the destination: its path in the project, else its last part. */
function prefixOf(from: string): string {
  const path = normalize(from).replace(/\/+$/, "");
  if (path === ".." || path.startsWith(`..${sep}`)) {
    throw new ConfigError(`Cannot send ${JSON.stringify(from)}: it leaves the project`, {
      hint: "name the folder with its whole path",
    });
  }
  return isAbsolute(path) ? basename(path) : path === "." ? "" : path;
}

function rootOf(project: string, from: string, found: Scan): Root[] {
  const prefix = prefixOf(from);
  try {
    const real = Deno.realPathSync(isAbsolute(from) ? from : join(project, from));
    const top = Deno.realPathSync(project);
    if (isAbsolute(from) || real === top || real.startsWith(top + sep)) return [{ real, prefix }];
    const reason = `is a link out of the project; name ${real} under from: to send it`;
    found.left.push({ path: from, reason });
  } catch (error) {
    found.left.push({ path: from, reason: reasonOf(error) });
  }
  return [];
}

function checkApart(folders: readonly string[]): void {
  const inside = (a: string, b: string) => a === b || b === "" || a.startsWith(`${b}/`);
  for (const [i, one] of folders.entries()) {
    const other = folders.find((other, j) => i !== j && inside(prefixOf(one), prefixOf(other)));
    if (other === undefined) continue;
    throw new ConfigError(
      `Cannot send ${one} and ${other}: both would be in ` +
        `${JSON.stringify(prefixOf(other) || ".")} there`,
      { hint: "folders under from: may not hold one another, nor have the same name" },
    );
  }
}

interface Walk {
  found: Scan;
  wanted: Filter;
  now: number;
  quietMs: number;
}

function walk(root: Root, inside: string, context: Walk): void {
  const folder = join(root.real, inside);
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch (error) {
    context.found.left.push({ path: named(root, inside), reason: reasonOf(error) });
    return;
  }
  for (const { name, isDirectory, isSymlink } of entries) {
    if (NEVER.test(name)) continue;
    const own = inside === "" ? name : `${inside}/${name}`;
    const path = named(root, own);
    if (context.wanted.excludes(path)) continue;
    if (isDirectory) walk(root, own, context);
    else if (context.wanted.takes(path)) {
      look({ path, at: join(root.real, own), link: isSymlink }, root, context);
    }
  }
}

function named({ prefix }: Root, inside: string): string {
  return [prefix, inside].filter(Boolean).join("/");
}

function look(
  { path, at, link }: { path: string; at: string; link: boolean },
  { real }: Root,
  { found, now, quietMs }: Walk,
): void {
  try {
    const place = link ? Deno.realPathSync(at) : at;
    if (link && !place.startsWith(real + sep)) {
      return void found.left.push({ path, reason: `is a link that leads out of ${real}` });
    }
    const { isFile, isDirectory, size, mtime, ino, mode } = Deno.lstatSync(place);
    if (isDirectory) return; // a link to a folder that is sent under its own name
    if (!isFile) return void found.left.push({ path, reason: "is no plain file" });
    const changed = mtime?.getTime() ?? 0;
    const file: Source = {
      path,
      at: place,
      bytes: size,
      changed,
      inode: ino ?? 0,
      mode: (mode ?? 0o644) & 0o777,
      upTo: size,
      grows: false,
    };
    if (isQuiet(now - changed, quietMs)) found.files.push(file);
    else if (GROWS.test(path)) {
      found.files.push({ ...file, upTo: endOfLines(place, size), grows: true });
    } else found.young.push(file);
  } catch (error) {
    if (link || !(error instanceof Deno.errors.NotFound)) {
      found.left.push({ path, reason: reasonOf(error) });
    }
  }
}

/** Clocks of file servers go a little ahead; a time far ahead was set by somebody. */
function isQuiet(age: number, quietMs: number): boolean {
  return age >= quietMs || age < -MOST_AHEAD_MS;
}

interface Filter {
  excludes(path: string): boolean;
  takes(path: string): boolean;
}

/** A pattern without `/` is for a name anywhere, one that ends with it for a folder and all in it. */
function filterOf({ include, exclude }: SyncTarget): Filter {
  const fits = (patterns: readonly string[], path: string) =>
    patterns.some((pattern) => {
      const plain = pattern.replace(/\/$/, "");
      return matchesPattern(plain, plain.includes("/") ? path : basename(path));
    });
  const above = (path: string) => {
    const parts = path.split("/");
    return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
  };
  return {
    excludes: (path) => exclude.length > 0 && fits(exclude, path),
    takes: (path) => include.length === 0 || above(path).some((part) => fits(include, part)),
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "is not there";
  if (error instanceof Deno.errors.PermissionDenied) return "may not be read";
  return error instanceof Error ? error.message : String(error);
}
