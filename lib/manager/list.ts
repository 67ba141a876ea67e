import { join } from "node:path";
import type { Experiment } from "../core/experiment.ts";
import { isId } from "../core/ids.ts";
import type { Layout } from "../store/layout.ts";
import { archivedIds, readArchiveRecord } from "../store/archive_record.ts";
import { keepListed, type KeptListing, readListed } from "../store/listed.ts";
import { listImported } from "../store/imported.ts";
import { listSubmissions } from "../store/plan.ts";
import { countStates, type ExperimentStatus, statusOf } from "../submission/status.ts";
import { entryAt, namesIn } from "../system/files.ts";
import { measure, type Size } from "../system/tree.ts";
import { type ImportedCounts, importedCounts } from "./imported.ts";
import type { Project } from "./project.ts";

/** One line of `expflow list`. */
export interface ListedExperiment extends Pick<KeptListing, "description" | "tags" | "counts"> {
  id: string;
  submissions: number;
  /** Whether it is archived. */
  archived: boolean;
  /** Present where it was imported: how its runs stood in the other tool. */
  imported?: ImportedCounts;
}

/** A file is not trusted to be unchanged by its time before this has passed since. */
const SETTLED_MS = 3000;
const YAML = ".yaml";
/** An experiment that has results of another tool, and no file. */
const NOTHING: KeptListing = { submissions: [], description: "", tags: [], counts: {} };

/**
 * Every experiment of a project, submitted or not, with one question to the scheduler. What is
 * final, that is experiments whose runs are all completed, and files that have not changed, is not
 * read again.
 */
export async function listAll(project: Project): Promise<ListedExperiment[]> {
  const { layout, context } = project;
  const newest = context.clock.now() - SETTLED_MS;
  const { basis, settled } = basisOf(layout, newest);
  const kept = readListed(layout, basis);
  const files = new Set(idsIn(layout.experiments));
  const folders = new Set(namesIn(layout.submissions));
  const found = new Map<string, KeptListing>();
  const open: string[] = [];
  const unread: string[] = [];
  const archived = archivedIds(layout);
  const imported = new Set(listImported(layout));
  for (const id of [...new Set([...files, ...folders, ...archived])].sort()) {
    const submissions = folders.has(id) ? listSubmissions(layout, id) : [];
    const known = kept.get(id);
    if (archived.has(id)) {
      if (known && known.submissions.length > 0) found.set(id, known);
      else open.push(id);
    } else if (submissions.length > 0) {
      if (known && same(known.submissions, submissions)) found.set(id, known);
      else open.push(id);
    } else if (files.has(id)) {
      const stamp = stampOf(layout.experiment(id));
      if (known?.stamp !== undefined && known.stamp === stamp) found.set(id, known);
      else unread.push(id);
    }
  }
  const fresh = new Map<string, KeptListing>();
  for (const status of await statusOf(context, open)) fresh.set(status.id, fromStatus(status));
  for (const id of unread) fresh.set(id, await fromFile(project, id, newest));
  for (const [id, listing] of fresh) if (isFinal(listing)) found.set(id, listing);
  const changed = found.size !== kept.size || [...fresh.values()].some(isFinal);
  if (changed && settled) {
    keepListed(layout, basis, found);
  }
  const unwritten = [...imported].filter((id) => !files.has(id) && !folders.has(id))
    .map((id) => [id, NOTHING] as const);
  return [...new Map([...unwritten, ...found, ...fresh])].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([id, { description, tags, counts, submissions }]) => ({
      id,
      description,
      tags,
      counts,
      submissions: submissions.length,
      archived: archived.has(id),
      ...imported.has(id) ? { imported: importedCounts(layout, id) } : {},
    }));
}

/**
 * What every experiment's description may come from, beside its own file, and whether none of it
 * has changed since `newest`.
 */
function basisOf({ config, templates }: Layout, newest: number) {
  const names = namesIn(templates).sort();
  const paths = [config, ...names.map((name) => join(templates, name))];
  return {
    basis: JSON.stringify([...names, ...paths.map(stampOf)]),
    settled: paths.every((path) => (entryAt(path)?.changed ?? 0) < newest),
  };
}

function idsIn(folder: string): string[] {
  return namesIn(folder).filter((name) => name.endsWith(YAML))
    .map((name) => name.slice(0, -YAML.length)).filter(isId);
}

function stampOf(path: string): string | undefined {
  const entry = entryAt(path);
  return entry && `${entry.changed}.${entry.bytes}`;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => name === b[at]);
}

/** Whether it holds as long as nothing it was read from changes. */
function isFinal({ stamp, submissions, counts }: KeptListing): boolean {
  if (submissions.length === 0) return stamp !== undefined;
  return Object.entries(counts).every(([state, count]) => state === "completed" || count === 0);
}

function fromStatus({ plans, runs }: ExperimentStatus): KeptListing {
  const { description = "", tags = [] }: Partial<Experiment> = plans.at(-1)?.config ?? {};
  const submissions = plans.map(({ submission }) => submission);
  return { submissions, description, tags, counts: countStates(runs) };
}

async function fromFile(project: Project, id: string, newest: number): Promise<KeptListing> {
  const path = project.layout.experiment(id);
  const settled = (entryAt(path)?.changed ?? Infinity) < newest;
  const stamp = settled ? stampOf(path) : undefined;
  const { peekExperiment } = await import("./experiments.ts");
  const { description = "", tags = [] }: Partial<Experiment> = peekExperiment(project, id) ?? {};
  return { stamp, submissions: [], description, tags, counts: {} };
}

/** More inodes than these are not counted: the listing of a large experiment would take minutes. */
const MOST_INODES = 200_000;

/** What the folders of an experiment hold, or its archive; its results and its file are not counted. */
export function sizeOf({ layout }: Project, id: string): Size {
  const file = readArchiveRecord(layout, id)?.file;
  return measure([...layout.archived(id), ...file === undefined ? [] : [file]], MOST_INODES);
}
