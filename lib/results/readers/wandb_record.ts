import { PbfReader } from "pbf";

/** What a record of a W&B log is about. */
export type WandbRecord =
  | { kind: "history" | "summary" | "config"; items: WandbItem[] }
  | { kind: "other" };

/** A value by its path; `value_json` as W&B writes it. */
export interface WandbItem {
  path: string[];
  json: string;
}

const RECORD: Record<number, "history" | "summary" | "config" | "run"> = {
  2: "history",
  3: "summary",
  4: "config",
  17: "run",
};
const RUN_CONFIG = 4;
const ITEM = { key: 1, nested: 2, json: 16 };

/** The values of a record of `wandb_internal.proto`; those it takes away are not among them. */
export function readWandbRecord(bytes: Uint8Array): WandbRecord {
  const pbf = new PbfReader(bytes);
  for (let field = pbf.nextField(); field !== 0; field = pbf.nextField()) {
    const kind = RECORD[field];
    if (kind === "run") return { kind: "config", items: itemsOfRun(pbf.readBytes()) };
    if (kind) return { kind, items: itemsOf(pbf.readBytes()) };
    pbf.skip(pbf.type);
  }
  return { kind: "other" };
}

function itemsOfRun(run: Uint8Array): WandbItem[] {
  const pbf = new PbfReader(run);
  for (let field = pbf.nextField(); field !== 0; field = pbf.nextField()) {
    if (field === RUN_CONFIG) return itemsOf(pbf.readBytes());
    pbf.skip(pbf.type);
  }
  return [];
}

function itemsOf(record: Uint8Array): WandbItem[] {
  const items: WandbItem[] = [];
  const pbf = new PbfReader(record);
  for (let field = pbf.nextField(); field !== 0; field = pbf.nextField()) {
    if (field === 1) items.push(itemOf(pbf.readBytes()));
    else pbf.skip(pbf.type);
  }
  return items;
}

function itemOf(bytes: Uint8Array): WandbItem {
  const item: WandbItem = { path: [], json: "" };
  const pbf = new PbfReader(bytes);
  for (let field = pbf.nextField(); field !== 0; field = pbf.nextField()) {
    if (field === ITEM.key) item.path = [pbf.readString()];
    else if (field === ITEM.nested) item.path.push(pbf.readString());
    else if (field === ITEM.json) item.json = pbf.readString();
    else pbf.skip(pbf.type);
  }
  return item;
}
