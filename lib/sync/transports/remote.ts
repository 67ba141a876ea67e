import { quote } from "../../script/quote.ts";
import type { Reply, Runner } from "../../system/runner.ts";
import { parseManifest } from "../manifest.ts";
import { OWN_FOLDER } from "../transport.ts";
import { sshError } from "./ssh_errors.ts";

/** Nothing is asked for, as nobody may be there to answer. */
export const SSH_OPTIONS = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=15"] as const;

const CONTROL_MS = 60_000;
/** A checksum of everything there takes its time. */
const READING_MS = 86_400_000;
/** What comes before is a greeting of the host. */
const BEGIN = "expflow-begins-here\n";
const ABSENT = 9;

// Each is one line of POSIX sh; values are its arguments and its input, never part of it.
const PREPARE = '[ -d "$1" ] || mkdir -- "$1" || exit 1; mkdir -p -- "$1/$2/tmp" || exit 1; ' +
  "for p in rsync sha256sum xargs; do command -v $p >/dev/null || " +
  '{ echo "$p: not found" >&2; exit 127; }; done';
const HASH = 'cd -- "$1" || exit 1; xargs -0 -r sha256sum -- 2>/dev/null; exit 0';
const READ = `cd -- "$1" || exit 1; [ -e "$2" ] || exit ${ABSENT}; cat -- "$2"`;
const WRITE = 'cd -- "$1" && cat >"$2.tmp" && [ "$(wc -c <"$2.tmp")" -eq "$3" ] && ' +
  'mv -f -- "$2.tmp" "$2"';
const FINISH = 'rm -rf -- "$1/$2/tmp"';

/** A folder of another host, through the user's own ssh. */
export class RemoteFolder {
  constructor(readonly host: string, readonly path: string, readonly runner: Runner) {}

  /** Makes the folder, in one that is there, and looks for what is needed. */
  async prepare(): Promise<void> {
    await this.#ok(PREPARE, [OWN_FOLDER], "");
  }

  /** SHA-256 of those files that are there. */
  async hashes(paths: readonly string[]): Promise<Map<string, string>> {
    if (paths.length === 0) return new Map();
    const names = paths.map((path) => `./${path}\0`).join("");
    const { stdout } = await this.#ok(HASH, [], names, READING_MS);
    return new Map(
      [...parseManifest(afterGreeting(stdout))].map(([path, sum]) => [path.slice(2), sum]),
    );
  }

  /** The text of a file, or that there is none. */
  async read(path: string): Promise<string | undefined> {
    const reply = await this.#run(READ, [path], "");
    if (reply.code === ABSENT) return undefined;
    if (reply.code !== 0) throw sshError(this.host, reply);
    return afterGreeting(reply.stdout);
  }

  /** Writes a file, whole. */
  async write(path: string, text: string): Promise<void> {
    await this.#ok(WRITE, [path, String(new TextEncoder().encode(text).length)], text);
  }

  /** Removes the folder for what is on its way. */
  async finish(): Promise<void> {
    await this.#ok(FINISH, [OWN_FOLDER], "");
  }

  async #ok(script: string, values: string[], stdin: string, timeoutMs?: number): Promise<Reply> {
    const reply = await this.#run(script, values, stdin, timeoutMs);
    if (reply.code !== 0) throw sshError(this.host, reply);
    return reply;
  }

  async #run(
    script: string,
    values: string[],
    stdin: string,
    timeoutMs = CONTROL_MS,
  ): Promise<Reply> {
    const words = ["sh", "-c", `echo ${BEGIN.trim()}; ${script}`, "sh", this.path, ...values];
    const argv = ["ssh", ...SSH_OPTIONS, "--", this.host, words.map(quote).join(" ")] as const;
    return await this.runner.run({ argv: [...argv], stdin, timeoutMs });
  }
}

function afterGreeting(text: string): string {
  const at = text.indexOf(BEGIN);
  return at < 0 ? "" : text.slice(at + BEGIN.length);
}
