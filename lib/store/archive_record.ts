import { relative, resolve } from "node:path";
import { ConfigError, ConflictError } from "../core/errors.ts";
import { exists, namesIn, readIfThere, writeWhole } from "../system/files.ts";
import type { Layout } from "./layout.ts";

/** Version of the record. A newer one is refused, never guessed at. */
const VERSION = 1;

/** Where an archive is, and what is in it. */
export interface ArchiveFacts {
  /** Absolute path of the archive. */
  file: string;
  /** Of the archive itself. */
  sha256: string;
  /** Size of the archive. */
  packed: number;
  /** Bytes in it. */
  bytes: number;
  /** Files, folders and links in it. */
  inodes: number;
  /** Seconds since 1970. */
  created: number;
}

/** An archived experiment: what its folders would tell. */
export interface ArchiveRecord<Status> extends ArchiveFacts {
  version: typeof VERSION;
  /** How its runs stood when it was archived. */
  status: Status;
}

/** Ids of archived experiments, by one listing. */
export function archivedIds(layout: Layout): Set<string> {
  return new Set(
    namesIn(layout.archives).filter((name) => name.endsWith(".json"))
      .map((name) => name.slice(0, -".json".length)),
  );
}

/** The record of an archived experiment; `undefined` for one that is not archived. */
export function readArchiveRecord<Status>(
  layout: Layout,
  id: string,
): ArchiveRecord<Status> | undefined {
  const path = layout.archiveRecord(id);
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as ArchiveRecord<Status>;
  if (record.version === VERSION) return { ...record, file: resolve(layout.root, record.file) };
  throw new ConfigError(`Cannot read ${path}: it has version ${record.version}, not ${VERSION}`, {
    hint: "use the expflow that wrote it, or a newer one",
  });
}

/** Writes it: from here on the experiment is archived. */
export function writeArchiveRecord<Status>(
  layout: Layout,
  id: string,
  record: Omit<ArchiveRecord<Status>, "version">,
): void {
  const inside = relative(layout.root, record.file);
  const file = inside.startsWith("..") ? record.file : inside; // a project may be moved
  const text = JSON.stringify({ version: VERSION, ...record, file });
  writeWhole(layout.archiveRecord(id), `${text}\n`);
}

/** @throws {ConflictError} when the experiment is archived. */
export function refuseArchived(layout: Layout, id: string, doing: string): void {
  if (!exists(layout.archiveRecord(id))) return;
  throw new ConflictError(`Cannot ${doing} ${id}: it is archived`, {
    hint: `bring it back first: expflow archive --restore ${id}`,
  });
}
