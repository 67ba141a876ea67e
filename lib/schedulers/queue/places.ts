import { join } from "node:path";

/** Where everything of a queue lies. */
export interface QueueLayout {
  folder: string;
  /** One folder a job, complete when it is there. */
  jobs: string;
  /** An empty file for each job that has tasks which are no items yet. */
  open: string;
  /** A folder a worker: blocks of which it makes items. */
  making: string;
  /** A folder a block: its items may be claimed. */
  ready: string;
  /** A folder a worker: the items that it runs. */
  claimed: string;
  /** A folder a block: its items that are over. */
  done: string;
  /** What users asked for: empty files. */
  wishes: string;
  /** A folder a worker: what it is, and that it lives. */
  workers: string;
  /** Jobs on their way to their name. */
  temporary: string;
  /** Which form all this has. */
  version: string;
}

/** The layout of a folder. */
export function queueLayout(folder: string): QueueLayout {
  const at = (name: string): string => join(folder, name);
  return {
    folder,
    jobs: at("jobs"),
    open: at("open"),
    making: at("making"),
    ready: at("ready"),
    claimed: at("claimed"),
    done: at("done"),
    wishes: at("wishes"),
    workers: at("workers"),
    temporary: at("temporary"),
    version: at("queue.json"),
  };
}

/** A part of a job's tasks, which become items together. */
export interface Block {
  /** 0 to 1000; the highest first. */
  priority: number;
  job: number;
  /** From 0. */
  block: number;
}

/** A task of a job as it lies in the queue. */
export interface Item extends Block {
  task: number;
  /** How often it was started before and not finished. */
  restart: number;
}

/** An item that a worker has. */
export interface Claim extends Item {
  worker: string;
  /** When it was claimed, in seconds since 1970. */
  since: number;
}

/**
 * How an item came to its end. `end`: its script ended, with a code. `timeout`: it was ended at its
 * time limit. `cancel`: a user wanted it. `poison`: too many workers were lost with it.
 */
export type EndKind = typeof ENDS[number];
const ENDS = ["end", "timeout", "cancel", "poison"] as const;

/** An item that is over. */
export interface Done {
  task: number;
  restart: number;
  how: EndKind;
  /** Exit code, 128 + n after signal n; 0 where it means nothing. */
  code: number;
  /** Seconds since 1970; 0 where it was never started. */
  started: number;
  /** Seconds since 1970. */
  ended: number;
  /** Who ended it. */
  worker: string;
}

/** Something a user asked for; of a whole job where there is no task. */
export interface Wish {
  kind: "hold" | "cancel" | "requeue";
  job: number;
  task?: number;
  /** Seconds since 1970. */
  epoch: number;
}

const padded = (number: number, digits: number): string => String(number).padStart(digits, "0");

/** `0500.00000012.00003` */
export function blockName({ priority, job, block }: Block): string {
  return `${padded(priority, 4)}.${padded(job, 8)}.${padded(block, 5)}`;
}

/** Reads the name of a block; `undefined` when it is none. */
export function parseBlock(name: string): Block | undefined {
  const match = /^(\d{4})\.(\d{8,})\.(\d{5,})$/.exec(name);
  return match && { priority: Number(match[1]), job: Number(match[2]), block: Number(match[3]) } ||
    undefined;
}

/** Which is taken first: the higher priority, the older job, the earlier part of it. */
export function compareBlocks(a: Block, b: Block): number {
  return b.priority - a.priority || a.job - b.job || a.block - b.block;
}

/** Name of an open job: `0500.00000012`. */
export function openName({ priority, job }: Pick<Block, "priority" | "job">): string {
  return `${padded(priority, 4)}.${padded(job, 8)}`;
}

/** Reads the name of an open job. */
export function parseOpen(name: string): Pick<Block, "priority" | "job"> | undefined {
  const match = /^(\d{4})\.(\d{8,})$/.exec(name);
  return match ? { priority: Number(match[1]), job: Number(match[2]) } : undefined;
}

/** Name of an item in its block: `<task>.<restart>`. */
export function itemName({ task, restart }: Pick<Item, "task" | "restart">): string {
  return `${padded(task, 7)}.${restart}`;
}

/** Reads the name of an item in a block. */
export function parseItem(name: string): Pick<Item, "task" | "restart"> | undefined {
  const match = /^(\d{7,})\.(\d+)$/.exec(name);
  return match ? { task: Number(match[1]), restart: Number(match[2]) } : undefined;
}

/** Name of a claim in its worker's folder: block, task, restart, and since when. */
export function claimName(claim: Omit<Claim, "worker">): string {
  return `${blockName(claim)}.${itemName(claim)}.${claim.since}`;
}

/** Reads the name of a claim. */
export function parseClaim(worker: string, name: string): Claim | undefined {
  const parts = name.split(".");
  const block = parseBlock(parts.slice(0, 3).join("."));
  const item = parseItem(parts.slice(3, 5).join("."));
  if (parts.length !== 6 || !block || !item || !/^\d+$/.test(parts[5]!)) return undefined;
  return { ...block, ...item, worker, since: Number(parts[5]) };
}

/** Name of an item that is over. */
export function doneName(done: Done): string {
  const { how, code, started, ended, worker } = done;
  return `${itemName(done)}.${how}.${code}.${started}.${ended}.${worker}`;
}

/** Reads the name of an item that is over. */
export function parseDone(name: string): Done | undefined {
  const match = /^(\d{7,})\.(\d+)\.([a-z]+)\.(\d+)\.(\d+)\.(\d+)\.([A-Za-z0-9_-]+)$/.exec(name);
  if (!match || !(ENDS as readonly string[]).includes(match[3]!)) return undefined;
  return {
    task: Number(match[1]),
    restart: Number(match[2]),
    how: match[3] as EndKind,
    code: Number(match[4]),
    started: Number(match[5]),
    ended: Number(match[6]),
    worker: match[7]!,
  };
}

/** Folder of the ended items of a block. */
export function doneFolder(layout: QueueLayout, { job, block }: Omit<Block, "priority">): string {
  return join(layout.done, `${padded(job, 8)}.${padded(block, 5)}`);
}

/** Name of a wish: `<kind>.<job>.<task or all>.<epoch>`. */
export function wishName({ kind, job, task, epoch }: Wish): string {
  return `${kind}.${job}.${task ?? "all"}.${epoch}`;
}

/** Reads the name of a wish. */
export function parseWish(name: string): Wish | undefined {
  const match = /^(hold|cancel|requeue)\.(\d+)\.(all|\d+)\.(\d+)$/.exec(name);
  if (!match) return undefined;
  return {
    kind: match[1] as Wish["kind"],
    job: Number(match[2]),
    ...match[3] === "all" ? {} : { task: Number(match[3]) },
    epoch: Number(match[4]),
  };
}

/** The folder of a job. */
export function jobFolder(layout: QueueLayout, job: number): string {
  return join(layout.jobs, String(job));
}

/** Holds an empty folder for each block of a job that is not made into items. */
export function waitingFolder(layout: QueueLayout, job: number): string {
  return join(jobFolder(layout, job), "waiting");
}
