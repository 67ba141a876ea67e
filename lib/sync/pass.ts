import type { SyncTarget } from "../config/sync_block.ts";
import { sha256 } from "../core/fingerprint.ts";
import type { Clock } from "../system/clock.ts";
import { backOff } from "./back_off.ts";
import { eachOf } from "./each.ts";
import { formatManifest, parseManifest } from "./manifest.ts";
import { hashSource } from "./reading.ts";
import { SentFiles } from "./sent.ts";
import { scan } from "./source.ts";
import { failureOf, readState, type SyncState, writeState } from "./state.ts";
import { DestinationError, type Outcome, OWN_FOLDER, type Source } from "./transport.ts";
import type { Transport } from "./transport.ts";

/** What a pass works with. */
export interface PassContext {
  name: string;
  target: SyncTarget;
  /** Folder of the project. */
  project: string;
  /** Where what is known of the destination is kept. */
  folder: string;
  transport: Transport;
  clock: Clock;
  random: () => number;
  signal?: AbortSignal;
  /** Called as files are seen to be there: how many are, of how many. */
  onProgress?: (done: number, all: number) => void;
  /** Try what failed without waiting for its time. */
  now?: boolean;
}

/** What one pass did. */
export interface PassReport {
  /** Files that were sent. */
  sent: number;
  /** Their bytes. */
  bytes: number;
  /** Files that were there already, seen by their checksum. */
  found: number;
  /** Files that failed in this pass, by path. */
  failed: string[];
  /** Why the destination could not be used; what was sent before stays. */
  error?: DestinationError;
}

/** So much is handed over at once: files, and bytes. */
const TOGETHER = { files: 1000, bytes: 4 * 2 ** 30 };
/** After so long what was sent is noted, and told to the destination's manifest. */
const NOTE_MS = 1000;
const MANIFEST_MS = 60_000;

/** Where the manifest of a sync is at its destination. */
export function manifestPath(name: string): string {
  return `${OWN_FOLDER}/${name}.sha256`;
}

/** What stands for a destination in what is kept of it. */
export function destinationOf({ to, endpoint }: SyncTarget): string {
  return endpoint === undefined ? to : `${to} at ${endpoint}`;
}

/**
 * Sends what is new or changed, once. A file is only noted as sent when its checksum was seen at the
 * destination. Nothing there is ever removed.
 *
 * @throws what is wrong here; what is wrong at the destination is in the report.
 */
export async function pass(context: PassContext): Promise<PassReport> {
  const one = new Pass(context);
  return await one.run();
}

class Pass {
  readonly #sent: SentFiles;
  readonly #state: SyncState;
  readonly #report: PassReport = { sent: 0, bytes: 0, found: 0, failed: [] };
  #all = 0;
  /** Whether something is known that the manifest does not say. */
  #fresh = true;
  #noted = 0;
  #told: number;

  constructor(readonly context: PassContext) {
    const destination = destinationOf(context.target);
    this.#sent = new SentFiles(context.folder, destination);
    this.#state = readState(context.folder, destination);
    this.#told = context.clock.now();
  }

  async run(): Promise<PassReport> {
    const { context: { folder, clock } } = this;
    const state = this.#state;
    const clean = state.ended !== undefined && state.waiting === undefined;
    delete state.ended;
    state.began = clock.now();
    writeState(folder, state);
    try {
      await this.#use(clean);
      delete state.waiting;
    } catch (error) {
      if (!(error instanceof DestinationError)) throw error;
      this.#report.error = error;
      const until = backOff(state.waiting, clock.now(), this.context.random);
      state.waiting = failureOf({ reason: error.message, hint: error.hint }, until);
    } finally {
      this.#sent.close();
    }
    state.ended = clock.now();
    writeState(folder, state);
    return this.#report;
  }

  async #use(clean: boolean): Promise<void> {
    const { context: { transport, project, target, clock } } = this;
    await transport.prepare();
    const trusted = await this.#compareManifest(clean);
    const { files, young } = scan(project, target, clock.now());
    this.#forget(files);
    this.#all = files.length;
    const waits = (path: string) =>
      !this.context.now && (this.#state.failures[path]?.until ?? 0) > clock.now();
    const wanted = files.filter((file) => !this.#sent.holds(file) && !waits(file.path));
    const missing = clean && trusted ? wanted : await this.#notThere(wanted);
    try {
      for (const batch of batches(missing)) {
        this.context.signal?.throwIfAborted();
        await transport.send(batch, (outcome) => this.#take(outcome));
        this.#sent.flush();
        if (clock.now() - this.#told > MANIFEST_MS) await this.#writeManifest();
      }
    } finally {
      this.#sent.flush();
      if (!this.context.signal?.aborted) await this.#writeManifest();
    }
    await transport.finish();
    const whole = young.length === 0 && files.every((file) => this.#sent.holds(file));
    if (whole && files.every(({ upTo, bytes }) => upTo === bytes)) {
      this.#state.complete = clock.now();
    }
  }

  /** Whether the destination says of itself what was last written there; else nothing is known. */
  async #compareManifest(clean: boolean): Promise<boolean> {
    const text = await this.context.transport.read(manifestPath(this.context.name)) ?? "";
    const trusted = this.#state.manifests.includes(sha256(text));
    if (!trusted) this.#sent.learn(parseManifest(text));
    this.#fresh = !trusted || !clean || this.#state.manifests.length > 1;
    return trusted;
  }

  /** Failures of files that are there no more. */
  #forget(files: readonly Source[]): void {
    const there = new Set(files.map(({ path }) => path));
    for (const path of Object.keys(this.#state.failures)) {
      if (!there.has(path)) delete this.#state.failures[path];
    }
  }

  /** Those that the destination does not hold, by checksum; the others are noted. */
  async #notThere(files: readonly Source[]): Promise<Source[]> {
    const there = await this.context.transport.hashes(
      files.map(({ path, upTo }) => ({ path, bytes: upTo })),
    );
    const missing: Source[] = [];
    await eachOf(files, { atOnce: 4, signal: this.context.signal }, async (file) => {
      const expected = there.get(file.path);
      const own = expected && await hashSource(file).catch(() => undefined);
      if (own === undefined || own !== expected) return void missing.push(file);
      this.#report.found++;
      this.#note(file, expected);
    });
    return missing;
  }

  #take(outcome: Outcome): void {
    const { file } = outcome;
    if ("sha256" in outcome) {
      this.#report.sent++;
      this.#report.bytes += file.upTo;
      return this.#note(file, outcome.sha256);
    }
    if (outcome.problem.changing) return;
    this.#report.failed.push(file.path);
    const before = this.#state.failures[file.path];
    const until = backOff(before, this.context.clock.now(), this.context.random);
    this.#state.failures[file.path] = failureOf(outcome.problem, until);
  }

  #note(file: Source, sha256: string): void {
    this.#sent.add(file, sha256);
    this.#fresh = true;
    delete this.#state.failures[file.path];
    const now = this.context.clock.now();
    if (now - this.#noted > NOTE_MS) {
      this.#sent.flush();
      this.#noted = now;
    }
    this.context.onProgress?.(this.#report.sent + this.#report.found, this.#all);
  }

  async #writeManifest(): Promise<void> {
    const { context: { transport, name, folder } } = this;
    if (!this.#fresh) return;
    const sums = new Map([...this.#sent.all].map(([path, sent]) => [path, sent.sha256]));
    const text = formatManifest(sums);
    const sum = sha256(text);
    this.#state.manifests = [...this.#state.manifests, sum].slice(-2);
    writeState(folder, this.#state);
    await transport.write(manifestPath(name), text);
    this.#state.manifests = [sum];
    this.#fresh = false;
    this.#told = this.context.clock.now();
  }
}

function* batches(files: readonly Source[]): Generator<Source[]> {
  let batch: Source[] = [];
  let bytes = 0;
  for (const file of files) {
    batch.push(file);
    bytes += file.upTo;
    if (batch.length < TOGETHER.files && bytes < TOGETHER.bytes) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}
