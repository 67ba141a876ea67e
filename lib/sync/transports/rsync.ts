import { dirname, join } from "node:path";
import type { Destination } from "../../core/destinations.ts";
import { makeFolder, removeIfThere } from "../../system/files.ts";
import { lookAt } from "../../system/tree.ts";
import type { Reply, Runner } from "../../system/runner.ts";
import { eachOf } from "../each.ts";
import { hashSource, problemOf, readBlocks } from "../reading.ts";
import type { TransportPorts } from "../transports.ts";
import {
  type Listed,
  type Outcome,
  OWN_FOLDER,
  type Problem,
  type Source,
  type Transport,
} from "../transport.ts";
import { RemoteFolder, SSH_OPTIONS } from "./remote.ts";
import { sshError } from "./ssh_errors.ts";

const LONGEST_MS = 86_400_000;
const AT_ONCE = 4;
/** Some files could not be read, written or were gone: the others were sent. */
const PARTLY = [0, 23, 24];

/** Files in one folder here, under the names they have there. */
interface Batch {
  base: string;
  files: Source[];
}

/**
 * A folder of another host, through rsync over the user's own ssh. rsync writes each file beside its
 * place and renames it; then `sha256sum` is asked there.
 */
export class RsyncTransport implements Transport {
  readonly #remote: RemoteFolder;
  readonly #runner: Runner;
  readonly #staging: string;
  readonly #signal?: AbortSignal;

  constructor(
    readonly to: Extract<Destination, { kind: "ssh" }>,
    { runner, folder, signal }: TransportPorts,
  ) {
    this.#runner = runner;
    this.#remote = new RemoteFolder(to.host, to.path, runner);
    this.#staging = join(folder, "staging");
    this.#signal = signal;
  }

  async prepare(): Promise<void> {
    removeIfThere(this.#staging);
    await this.#remote.prepare();
  }

  async hashes(files: readonly Listed[]): Promise<Map<string, string>> {
    return await this.#remote.hashes(files.map(({ path }) => path));
  }

  async send(files: readonly Source[], tell: (outcome: Outcome) => void): Promise<void> {
    const sums = new Map<Source, string>();
    const bases = new Map<string, Source[]>();
    await eachOf(files, { atOnce: AT_ONCE, signal: this.#signal }, async (file) => {
      try {
        const base = baseOf(file);
        sums.set(file, base === undefined ? await this.#stage(file) : await hashSource(file));
        const at = base ?? this.#staging;
        if (!bases.has(at)) bases.set(at, []);
        bases.get(at)!.push(file);
      } catch (error) {
        tell({ file, problem: problemOf(error, "cannot be read") });
      }
    });
    for (const [base, batch] of bases) await this.#sendFrom({ base, files: batch }, sums, tell);
    removeIfThere(this.#staging);
  }

  async #sendFrom(
    { base, files }: Batch,
    sums: ReadonlyMap<Source, string>,
    tell: (outcome: Outcome) => void,
  ): Promise<void> {
    const reply = await this.#rsync(base, files);
    this.#signal?.throwIfAborted();
    const stopped = !PARTLY.includes(reply.code) && sshError(this.to.host, reply);
    const there = await this.#remote.hashes(files.map(({ path }) => path)).catch((error) => {
      throw stopped || error;
    });
    for (const file of files) {
      const sum = sums.get(file)!;
      if (there.get(file.path) === sum) tell({ file, sha256: sum });
      else if (!stopped) tell({ file, problem: problemIn(reply, file, there.has(file.path)) });
    }
    if (stopped) throw stopped;
  }

  async #rsync(base: string, files: readonly Source[]): Promise<Reply> {
    const { host, path } = this.to;
    const options = [
      ...["--times", "--omit-dir-times", "--perms", "--ignore-times", "--protect-args"],
      ...["--from0", "--files-from=-", "--timeout=120"],
      ...[`--temp-dir=${OWN_FOLDER}/tmp`, "--partial-dir=.expflow-partial"],
      `--rsh=${["ssh", ...SSH_OPTIONS].join(" ")}`,
    ];
    return await this.#runner.run({
      argv: ["rsync", ...options, "--", `${base}/`, `${host}:${path}`],
      stdin: files.map((file) => `${file.path}\0`).join(""),
      timeoutMs: LONGEST_MS,
    });
  }

  /** What lies under another name here, or is sent in part, is copied first. */
  async #stage(file: Source): Promise<string> {
    const place = join(this.#staging, file.path);
    makeFolder(dirname(place));
    using copy = Deno.openSync(place, { write: true, create: true, truncate: true });
    const sum = await readBlocks(file, (block) => {
      for (let done = 0; done < block.length;) done += copy.writeSync(block.subarray(done));
    });
    Deno.utimeSync(place, file.changed / 1000, file.changed / 1000);
    return sum;
  }

  read(path: string): Promise<string | undefined> {
    return this.#remote.read(path);
  }

  write(path: string, text: string): Promise<void> {
    return this.#remote.write(path, text);
  }

  finish(): Promise<void> {
    return this.#remote.finish();
  }
}

/** The folder in which a file has the name it is to have there; `undefined` where there is none. */
function baseOf({ at, path, upTo, bytes }: Source): string | undefined {
  return upTo === bytes && at.endsWith(`/${path}`) ? at.slice(0, -path.length - 1) : undefined;
}

function problemIn({ stderr }: Reply, file: Source, isThere: boolean): Problem {
  const { path, at, bytes, changed } = file;
  const line = stderr.split("\n").find((line) => line.includes(path) || line.includes("failed"));
  if (line !== undefined) return problemOf(new Error(line.slice(0, 200)), "did not arrive");
  if (!isThere) return { reason: "did not arrive" };
  const now = lookAt(at);
  return now?.bytes === bytes && now.changed === changed
    ? { reason: "is another one there than was sent", hint: "check the disk there" }
    : { reason: "changed while it was sent", changing: true };
}
