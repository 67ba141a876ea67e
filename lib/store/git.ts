import { join } from "node:path";
import { ExpflowError } from "../core/errors.ts";
import { makeFolder } from "../system/files.ts";
import type { Runner } from "../system/runner.ts";

const GIT_TIMEOUT_MS = 120_000;

/** What git is asked for, as a message says it. */
export interface GitPurpose {
  /** Before the folder: `take a snapshot of`. */
  doing: string;
  hint: string;
}

const SNAPSHOT: GitPurpose = {
  doing: "take a snapshot of",
  hint: "mend the repository, or set `snapshot: off` in the experiment to run in place",
};

/** Runs git on one repository; every call is an argv, without the user's pagers and prompts. */
export class Git {
  constructor(
    private readonly runner: Runner,
    private readonly folder: string,
    private readonly env: Record<string, string> = {},
    private readonly purpose: GitPurpose = SNAPSHOT,
  ) {}

  /** The same with further variables. */
  with(env: Record<string, string>): Git {
    return new Git(this.runner, this.folder, { ...this.env, ...env }, this.purpose);
  }

  /** What it prints; `undefined` where it fails. */
  async try(...args: string[]): Promise<string | undefined> {
    return (await this.reply(args)).out;
  }

  /** What it prints. @throws {ExpflowError} where it fails. */
  async get(args: string[], stdin?: string): Promise<string> {
    const { out, error } = await this.reply(args, stdin);
    if (out !== undefined) return out;
    const { doing, hint } = this.purpose;
    throw new ExpflowError(`Cannot ${doing} ${this.folder}: git ${args[0]}: ${error}`, { hint });
  }

  /** Names that it prints with a NUL behind each. */
  async list(args: string[]): Promise<string[]> {
    return (await this.get(args)).split("\0").filter((name) => name !== "");
  }

  private async reply(args: string[], stdin?: string) {
    const { code, stdout, stderr } = await this.runner.run({
      argv: ["git", "-C", this.folder, ...args],
      stdin,
      timeoutMs: GIT_TIMEOUT_MS,
      env: { GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C", ...this.env },
    });
    return code === 0
      ? { out: stdout, error: "" }
      : { out: undefined, error: stderr.trim().split("\n")[0] ?? `exit code ${code}` };
  }
}

/** Git with index and new objects in `scratch`: the repository is only read. */
export async function shadowOf(git: Git, scratch: string): Promise<Git> {
  const objects = (await git.get(["rev-parse", "--path-format=absolute", "--git-path", "objects"]))
    .trim();
  makeFolder(join(scratch, "objects"));
  return git.with({
    GIT_INDEX_FILE: join(scratch, "index"),
    GIT_OBJECT_DIRECTORY: join(scratch, "objects"),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: objects,
  });
}
