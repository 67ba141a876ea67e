import { ask, type Question } from "../ask.ts";
import { absent, type Maybe, unknown } from "../detected.ts";
import type { DetectionPorts } from "../ports.ts";

/** How full a place is. What is absent was not said: no limit, or none that is known. */
export interface StorageUse {
  /** The folder or file system, as the source names it. */
  path: string;
  /** Bytes. */
  used?: number;
  /** Bytes that may be used: a quota, or the size of the file system. */
  limit?: number;
  /** Files and folders. */
  files?: number;
  /** Files and folders there may be. */
  filesLimit?: number;
  /** True where the site removes what has not been used for a while. */
  purged?: true;
  /** The command that said so. */
  source: string;
}

const UNITS: Record<string, number> = { "": 1, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** `50.0GB` → bytes, `30.0K` files → 30,000. */
function readSize(text: string, base: 1000 | 1024): number | undefined {
  const [, digits, unit] = /^([\d.]+) *([kmgtp]?)i?b?$/i.exec(text.trim()) ?? [];
  if (digits === undefined || Number.isNaN(Number(digits))) return undefined;
  return Math.round(Number(digits) * (unit ? base ** UNITS[unit.toLowerCase()]! : 1));
}

const MYQUOTA =
  /^(\/\S+)\s+\$?\w+\s+\w+\/(\w+)\s+([\d.]+\w*)\/([\d.]+\w*)\s+([\d.]+\w*)\([\d.]+%\)\/([\d.]+\w*)\([\d.]+%\)/;

/** New York University's table: `/scratch $SCRATCH No/Yes 5.0TB/1.0M 811GB(15.84%)/2437(0.24%)`. */
export function parseMyquota(stdout: string): StorageUse[] | undefined {
  const rows = stdout.split("\n").flatMap((line) => {
    const [, path, purged, limit, filesLimit, used, files] = MYQUOTA.exec(line.trim()) ?? [];
    if (path === undefined) return [];
    return [{
      path,
      used: readSize(used!, 1024),
      limit: readSize(limit!, 1024),
      files: readSize(files!, 1000),
      filesLimit: readSize(filesLimit!, 1000),
      ...(/^yes$/i.test(purged!) ? { purged: true as const } : {}),
      source: "myquota",
    }];
  });
  return rows.length > 0 ? rows : undefined;
}

/**
 * What `quota` and `lfs quota` print for a user: KiB used, quota, limit and grace, and the same for
 * files; a star marks what is over. Long names stand on a line of their own. A limit of 0 is none.
 */
export function parseQuota(stdout: string, source: string): StorageUse[] | undefined {
  if (/: none\s*$/m.test(stdout)) return [];
  const text = stdout.replaceAll(/^([ \t]*\/?\S+)\n[ \t]+(?=\d)/gm, "$1 ");
  const rows = text.split("\n").flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const [path, used, soft, hard, , files, filesSoft, filesHard] = words;
    const counts = [used, soft, hard, files, filesSoft, filesHard];
    if (!counts.every((count) => /^\d+\*?$/.test(count ?? ""))) return [];
    return [{
      path: path!,
      used: parseInt(used!, 10) * 1024,
      limit: scaled(hard, 1024) ?? scaled(soft, 1024),
      files: parseInt(files!, 10),
      filesLimit: scaled(filesHard, 1) ?? scaled(filesSoft, 1),
      source,
    }];
  });
  return rows.length > 0 ? rows : undefined;
}

function scaled(text: string | undefined, factor: number): number | undefined {
  return /^[1-9]\d*\*?$/.test(text ?? "") ? parseInt(text!, 10) * factor : undefined;
}

/** `df -P`: device, size, used, free, share, mount point; blocks of 1,024 bytes, or inodes. */
export function parseDf(stdout: string, what: "blocks" | "inodes"): StorageUse[] | undefined {
  const rows = stdout.split("\n").flatMap((line) => {
    const [, size, used, path] = /\s(\d+)\s+(\d+)\s+-?\d+\s+(?:\d+%|-)\s+(\/.*)$/.exec(line) ?? [];
    if (path === undefined || size === "0") return [];
    const [all, some] = [Number(size), Number(used)];
    return [
      what === "blocks"
        ? { path, used: some * 1024, limit: all * 1024, source: "df" }
        : { path, files: some, filesLimit: all, source: "df" },
    ];
  });
  const none = what === "inodes" && /^Filesystem/.test(stdout);
  return rows.length > 0 || none ? rows : undefined;
}

/** One row for each place of a source: two folders may be of one file system, and df tells twice. */
function joined(rows: readonly StorageUse[]): StorageUse[] {
  const places = new Map<string, StorageUse>();
  for (const row of rows) {
    const key = `${row.source} ${row.path}`;
    places.set(key, { ...places.get(key), ...row });
  }
  return [...places.values()];
}

/** Asks all that can tell, at once: quotas of the site, of Lustre, of the system, file systems. */
export async function storageUse(
  ports: DetectionPorts,
  user: string,
  folders: readonly string[],
): Promise<Maybe<StorageUse[]>> {
  const lustre = folders.map((folder): Question<StorageUse[]> => ({
    argv: ["lfs", "quota", "-u", user, folder],
    parse: (text) => parseQuota(text, `lfs quota -u ${user} ${folder}`),
  }));
  const all = await Promise.all([
    ask(ports, { argv: ["myquota"], parse: parseMyquota }),
    ...lustre.map((question) => ask(ports, question)),
    ask(ports, { argv: ["quota", "-w", "-p"], parse: (text) => parseQuota(text, "quota -w -p") }),
    ask(ports, {
      argv: ["df", "-Pk", ...folders],
      name: "df",
      parse: (text) => parseDf(text, "blocks"),
    }),
    ask(ports, {
      argv: ["df", "-Pi", ...folders],
      name: "df -i",
      parse: (text) => parseDf(text, "inodes"),
    }),
  ]);
  const told = all.filter(({ value }) => value !== undefined);
  if (told.length > 0) {
    const source = told.map((one) => one.source).join(", ");
    return { value: joined(told.flatMap(({ value }) => value!)), source };
  }
  const failed = all.find((one) => one.unknown && !one.source.startsWith("lfs"));
  return failed ? unknown(failed.source) : absent("no quota command and no df");
}
