import type { HarvestSpec } from "../core/experiment.ts";
import { sha256 } from "../core/fingerprint.ts";
import type { HarvestLogs } from "../results/locate.ts";
import type { ResultRecord } from "../results/records.ts";
import type { RunFolder } from "../results/run_folder.ts";
import type { Layout } from "../store/layout.ts";
import { entryAt, readIfThere, writeWhole } from "../system/files.ts";
import type { RunStatus } from "../submission/status.ts";

/** Of the readers: a change in what they find is a new number, so that everything is read again. */
const VERSION = 1;

/** Milliseconds: a file this young may still change within the same tick of its clock. */
const YOUNG = 2000;

interface Memory {
  version: number;
  /** Of the file of records when it was written: what another hand wrote is not trusted. */
  changed: number;
  /** Run → what there was to read. */
  signatures: Record<string, string>;
}

/**
 * What the last harvest of an experiment saw, so that a run is only read again when one of its files
 * changed. A cache under `.expflow`: without it everything is read.
 */
export class HarvestMemory {
  readonly #records = new Map<number, ResultRecord>();
  readonly #old: Record<string, string>;
  readonly #new: Record<string, string> = {};
  readonly #text: string;

  constructor(readonly layout: Layout, readonly id: string) {
    this.#text = readIfThere(layout.result(id)) ?? "";
    this.#old = readSignatures(layout, id);
    if (Object.keys(this.#old).length === 0) return;
    for (const record of parseRecords(this.#text)) this.#records.set(record.run, record);
  }

  /** The record of a run that has not changed since, and notes that it was seen. */
  recall(run: number, signature: string | undefined): ResultRecord | undefined {
    if (signature === undefined) return undefined;
    this.#new[run] = signature;
    return this.#old[run] === signature ? this.#records.get(run) : undefined;
  }

  /** Writes the records, unless they are the same as before. @returns whether they are not. */
  store(records: readonly ResultRecord[]): boolean {
    const path = this.layout.result(this.id);
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
    const differs = text !== this.#text || entryAt(path) === undefined;
    if (differs) writeWhole(path, text);
    const changed = entryAt(path)?.changed ?? 0;
    if (differs || JSON.stringify(this.#new) !== JSON.stringify(this.#old)) {
      const memory: Memory = { version: VERSION, changed, signatures: this.#new };
      writeWhole(this.layout.harvested(this.id), JSON.stringify(memory));
    }
    return differs;
  }
}

/** Records of a file with one JSON object a line. */
export function parseRecords(text: string): ResultRecord[] {
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line) as ResultRecord);
}

function readSignatures(layout: Layout, id: string): Record<string, string> {
  try {
    const memory = JSON.parse(readIfThere(layout.harvested(id)) ?? "{}") as Partial<Memory>;
    const trusted = memory.version === VERSION && memory.signatures &&
      memory.changed === entryAt(layout.result(id))?.changed;
    return trusted ? memory.signatures! : {};
  } catch {
    return {};
  }
}

/** What decides, beside the folder, on what is found in a run. */
export interface Harvestable {
  logs: HarvestLogs;
  spec: HarvestSpec;
  run: RunStatus;
  /** Milliseconds since 1970. */
  now: number;
}

/**
 * Stands for everything that decides what is found in a run: names, sizes and times of its files,
 * and what is asked for. `undefined` while a file is too young for its time to tell a change.
 */
export function signatureOf(
  folder: RunFolder,
  { logs, spec, run, now }: Harvestable,
): string | undefined {
  const files = folder.files.map(({ path, bytes, changed }) => [path, bytes, changed] as const);
  const outputs = Object.values(logs).map((path: string) =>
    [path, 0, entryAt(path)?.changed ?? 0] as const
  );
  const all = [...files, ...outputs];
  if (folder.problems.length > 0 || all.some(([, , changed]) => changed > now - YOUNG)) {
    return undefined;
  }
  return sha256(JSON.stringify([all, folder.links, spec, run.state, run.params])).slice(0, 16);
}
