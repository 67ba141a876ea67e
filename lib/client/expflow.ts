/**
 * What training code asks of expflow: one file, no dependency, for Deno.
 *
 *     import * as expflow from "./expflow.ts";
 *     const given = expflow.params({ lr: 0.1, epochs: 10 }); // these are for a start by hand
 *     for (let epoch = 0; epoch < given.epochs; epoch++) {
 *       expflow.log(epoch, { loss: train(given.lr) });
 *       await expflow.saveCheckpoint({ epoch }, (path) => Deno.writeTextFile(path, weights()));
 *       if (await expflow.shouldStop()) {
 *         Deno.exitCode = 3; // not 0: the training is not complete
 *         break;
 *       }
 *     }
 *
 * Nothing here throws into the training: what cannot be done is said once on stderr. Outside a run
 * of expflow, `log` prints, and `params` has the defaults only. Written by `expflow client deno`.
 * @module
 */
import { cpSync, existsSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const said = new Set<string>();
function warn(what: string, error: unknown): void {
  if (said.has(what)) return;
  said.add(what);
  console.error(`expflow: ${what}: ${error instanceof Error ? error.message : error}`);
}

function harmless<T>(what: string, otherwise: T, action: () => T): T {
  try {
    return action();
  } catch (error) {
    warn(what, error);
    return otherwise;
  }
}

function variable(name: string): string | undefined {
  return harmless("cannot read the environment", undefined, () => Deno.env.get(name) || undefined);
}

function rank(): number {
  const names = ["RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID", "LOCAL_RANK"];
  const ranks = names.map(variable).filter((value) => /^\d+$/.test(value ?? "")).map(Number);
  return ranks[0] || ranks.at(-1) || 0;
}

/** The parameters of this run, groups as objects; `defaults` for those it was not given. */
export function params<T extends object>(defaults?: T): T & Record<string, unknown> {
  const path = variable("EXPFLOW_PARAMS");
  const given = harmless(
    `cannot read the parameters in ${path}`,
    {},
    () => path === undefined ? {} : JSON.parse(Deno.readTextFileSync(path)),
  );
  return { ...defaults, ...given };
}

/** What a row holds: numbers, texts, booleans, null, and groups of these. */
export type Metrics = { [name: string]: number | bigint | string | boolean | null | Metrics };

/**
 * Writes a row: `log(3, { loss: 0.5 })`, `log({ loss: 0.5 })`. Rank 0 writes metrics.jsonl in the
 * run's folder, others metrics.rank<N>.jsonl. A full disk delays it. NaN is written as "NaN".
 */
export function log(step: number | Metrics | undefined, metrics: Metrics = {}): void {
  harmless("cannot log metrics", undefined, () => {
    const [at, given] = typeof step === "object" ? [undefined, step] : [step, metrics];
    const row = new Map(at === undefined ? [] : [["step", plain(at)]]);
    for (const [name, value] of Object.entries(given)) {
      if (name === "step" && at !== undefined) continue;
      harmless(`the metric ${name} is left out`, undefined, () => row.set(name, plain(value)));
    }
    const folder = variable("EXPFLOW_RUN_DIR");
    const own = rank();
    if (folder === undefined) {
      if (own === 0) console.log([...row].map(([name, value]) => `${name}=${value}`).join("  "));
    } else if ([...row.keys()].some((name) => name !== "step")) {
      const path = `${folder}/${own === 0 ? "metrics.jsonl" : `metrics.rank${own}.jsonl`}`;
      if (!files.has(path)) files.set(path, new Lines(path));
      files.get(path)!.write(`${JSON.stringify(Object.fromEntries(row))}\n`);
    }
  });
}

const GROUPS = new Set([Object.prototype, null]);

function plain(value: unknown): unknown {
  if (typeof value === "bigint" && Number.isFinite(Number(value))) return Number(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value !== "object" || !GROUPS.has(Object.getPrototypeOf(value))) {
    throw new TypeError("expected a number, a text, a boolean, null or a group of these");
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

/** A file to which whole lines are appended; those that cannot be written yet wait. */
class Lines {
  readonly #waiting: Uint8Array[] = [];
  #file: Deno.FsFile | undefined;

  constructor(readonly path: string) {}

  /** @returns how many wait. */
  write(line?: string): number {
    if (line !== undefined) this.#waiting.push(new TextEncoder().encode(line));
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        this.#file ??= this.#begin();
        if (this.#file.writeSync(next) < next.length) throw new Error("no room for a whole row");
        this.#waiting.shift();
      }
    } catch (error) {
      warn(`cannot write ${this.path}, rows wait`, error);
      this.#file?.close();
      this.#file = undefined;
    }
    return this.#waiting.length;
  }

  /** Opens it, and ends a last line that was cut off: unless it is whole, it becomes blank. */
  #begin(): Deno.FsFile {
    using there = Deno.openSync(this.path, { read: true, write: true, create: true });
    const end = there.seekSync(0, Deno.SeekMode.End);
    const last = new Uint8Array(Math.min(end, 2 ** 20));
    there.seekSync(-last.length, Deno.SeekMode.End);
    for (let done = 0; done < last.length;) done += there.readSync(last.subarray(done)) ?? Infinity;
    const torn = last.length - 1 - last.lastIndexOf(10);
    if (torn > 0 && last.at(-1) === "}".charCodeAt(0)) {
      there.writeSync(new TextEncoder().encode("\n"));
    } else if (torn > 0) {
      there.seekSync(end - torn, Deno.SeekMode.Start);
      there.writeSync(new TextEncoder().encode(`${" ".repeat(torn - 1)}\n`));
    }
    return Deno.openSync(this.path, { append: true });
  }
}

const files = new Map<string, Lines>();
globalThis.addEventListener("unload", () => {
  for (const [path, lines] of files) if (lines.write() > 0) warn("the last rows are lost", path);
});

let stopping = false;
let listening = false;

/**
 * Whether to save and end: the time limit is near, or this run was told to end (TERM). The first
 * call begins to listen: make one before a long preparation. It lets pending events happen first,
 * as a signal reaches a program only between two of them. False outside a run of expflow.
 */
export async function shouldStop(): Promise<boolean> {
  if (!listening && variable("EXPFLOW_RUN_DIR") !== undefined) {
    listening = true;
    for (const name of new Set([variable("EXPFLOW_WARNING") ?? "USR1", "TERM"])) {
      harmless("cannot listen to signals", undefined, () => {
        Deno.addSignalListener(`SIG${name}` as Deno.Signal, () => stopping = true);
      });
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
  return stopping;
}

/** Which checkpoint: its epoch or step, or the name of its file; without any `last.ckpt`. */
export interface CheckpointName {
  /** Part of the name: `epoch=3`. */
  epoch?: number;
  /** Part of the name: `step=900`. */
  step?: number;
  /** The whole name, in the place of epoch and step. */
  name?: string;
}

function checkpoints(): string {
  return variable("EXPFLOW_CHECKPOINTS") ?? join(variable("EXPFLOW_RUN_DIR") ?? "", "checkpoints");
}

/**
 * Where to write a checkpoint so that a resumed run finds it: `…/epoch=3-step=900.ckpt`, in the
 * folder of the experiment's `checkpoint:`, else `checkpoints` in the run's, which is made.
 */
export function checkpointPath({ epoch, step, name }: CheckpointName = {}): string {
  const parts = Object.entries({ epoch, step }).filter(([, at]) => at !== undefined);
  const usual = parts.map(([word, at]) => `${word}=${at}`).join("-") || "last";
  const path = join(checkpoints(), name ?? `${usual}.ckpt`);
  harmless("cannot make the folder of checkpoints", undefined, () => {
    Deno.mkdirSync(dirname(path), { recursive: true });
  });
  return path;
}

/**
 * Has `write` write the file or folder at a temporary path, and gives it its name when all is
 * written. Where the disk fails, that is said, and the checkpoints before stay; other errors are the
 * program's own, and are thrown. @returns whether it was saved.
 */
export async function saveCheckpoint(
  which: CheckpointName,
  write: (path: string) => void | Promise<void>,
): Promise<boolean> {
  const final = checkpointPath(which);
  try {
    await whole(final, write);
    return true;
  } catch (error) {
    const ofSystem = error instanceof Error && ("code" in error || /os error/.test(error.message));
    if (!ofSystem) throw error;
    warn(`cannot save ${final}`, error);
    return false;
  }
}

const CHECKPOINT =
  /^(?!\.|tmp[-_.]).*(\.(pt|pth|ckpt|safetensors)|(ckpt|point|epoch|step|iter).*\d)$/i;

/** The newest whole checkpoint, by epoch, step and time; at the start the one to go on from. */
export function latestCheckpoint(): string | undefined {
  const given = variable("EXPFLOW_CHECKPOINT");
  return harmless("cannot look for checkpoints", given, () => {
    const folder = checkpoints();
    const there = variable("EXPFLOW_RUN_DIR") !== undefined && existsSync(folder);
    const found = Array.from(there ? Deno.readDirSync(folder) : [], ({ name }) => name)
      .filter((name) => CHECKPOINT.test(name)).map((name) => join(folder, name))
      .filter((path) => Deno.statSync(path).size > 0);
    return (given === undefined ? found : [given, ...found])
      .map((path) => ({ path, at: orderOf(path) }))
      .sort((a, b) => b.at.map((one, key) => one - a.at[key]!).find((by) => by !== 0) ?? 0)
      .at(0)?.path;
  });
}

function orderOf(path: string): number[] {
  const at: Record<string, number> = {};
  for (
    const [, word, number] of basename(path).matchAll(/(epoch|step|iter)[a-z]*[=_. -]?(\d+)/gi)
  ) {
    at[word!.toLowerCase()] ??= Number(number);
  }
  const changed = existsSync(path) ? Deno.statSync(path).mtime?.getTime() : undefined;
  return [at.epoch ?? -1, at.step ?? at.iter ?? -1, changed ?? 0];
}

/** Copies a file or folder to `artifacts/<name>` in the run's folder. @returns the copy's path. */
export async function saveArtifact(path: string, name?: string): Promise<string | undefined> {
  try {
    const folder = variable("EXPFLOW_RUN_DIR");
    const target = name ?? basename(path);
    if (target.startsWith("/") || target === "" || /(^|\/)\.{1,2}(\/|$)/.test(target)) {
      throw new Error(`${target} is no name in the folder artifacts`);
    }
    if (folder === undefined) return undefined;
    const final = join(folder, "artifacts", target);
    Deno.mkdirSync(dirname(final), { recursive: true });
    await whole(final, (to) => cpSync(path, to, { recursive: true, dereference: true }));
    return final;
  } catch (error) {
    warn(`cannot save the artifact ${path}`, error);
    return undefined;
  }
}

/** What is written at a temporary name gets its own when its bytes are on the disk. */
async function whole(
  final: string,
  write: (temporary: string) => void | Promise<void>,
): Promise<void> {
  const stage = `.tmp~${variable("EXPFLOW_STAGE") ?? ""}~`;
  const mine = `${stage}${variable("EXPFLOW_ATTEMPT") ?? ""}~`;
  for (const { name } of Deno.readDirSync(dirname(final))) {
    // an earlier attempt was killed
    if (name.startsWith(stage) && !name.startsWith(mine)) remove(join(dirname(final), name));
  }
  const temporary = join(dirname(final), `${mine}${Deno.pid}~${basename(final)}`);
  try {
    await write(temporary);
    sync(temporary);
    const folders = existsSync(final) &&
      [final, temporary].every((path) => Deno.statSync(path).isDirectory);
    if (folders) Deno.renameSync(final, `${temporary}~old`);
    Deno.renameSync(temporary, final);
  } finally {
    remove(temporary);
    remove(`${temporary}~old`);
  }
}

function sync(path: string): void {
  if (Deno.statSync(path).isDirectory) {
    for (const { name } of Deno.readDirSync(path)) sync(join(path, name));
  } else {
    using file = Deno.openSync(path, { read: true, write: true });
    file.syncSync();
  }
}

function remove(path: string): void {
  harmless("cannot remove a file", undefined, () => rmSync(path, { recursive: true, force: true }));
}
