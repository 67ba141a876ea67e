import { equal } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CLIENTS } from "../../lib/client/clients.gen.ts";
import { PYTHONS } from "./pythons.ts";

/** A program with the client in it. */
export interface Client {
  /** `Python 3.8`, `Deno` */
  name: string;
  language: keyof typeof CLIENTS;
  /** What starts a program of this language. */
  argv: string[];
}

const DENO: Client = {
  name: "Deno",
  language: "deno",
  argv: [Deno.execPath(), "run", "-A", "--no-config", "--no-lock", "--cached-only", "--no-check"],
};

/** Every language and version of it that is here. */
export const EVERY: readonly Client[] = [
  ...PYTHONS.map(({ version, program }): Client => ({
    name: `Python ${version}`,
    language: "python",
    argv: [program],
  })),
  DENO,
];

/** One of each language. */
export const EACH: readonly Client[] = EVERY.filter(({ language }, at) =>
  EVERY.findIndex((other) => other.language === language) === at
);

/** What the client answered; or what it raised. */
type Answer = { is: unknown } | { raised: string };

/** A program that calls the client as it is told, in a run's folder of its own. */
export class Session implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;
  readonly #err: Promise<string>;
  /** What it printed besides answers. */
  readonly printed: string[] = [];

  constructor({ language, argv }: Client, folder: string, env: Record<string, string> = {}) {
    const program = programIn(folder, language);
    this.#process = new Deno.Command(argv[0]!, {
      args: [...argv.slice(1), program],
      cwd: folder,
      clearEnv: true,
      env: {
        PATH: Deno.env.get("PATH")!,
        HOME: folder,
        PYTHONDONTWRITEBYTECODE: "1",
        EXPFLOW_RUN_DIR: join(folder, "run"),
        EXPFLOW_STAGE: "train",
        EXPFLOW_ATTEMPT: "1",
        ...env,
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#lines = linesOf(this.#process.stdout);
    this.#err = new Response(this.#process.stderr).text();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Calls a function, and gives what it returned; fails when it raised. */
  async ask(verb: string, ...given: unknown[]): Promise<unknown> {
    const answer = await this.try(verb, ...given);
    if ("raised" in answer) throw new Error(answer.raised);
    return answer.is;
  }

  async try(verb: string, ...given: unknown[]): Promise<Answer> {
    await this.tell(verb, ...given);
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`it ended: ${await this.#err}`);
      if (value.startsWith("> ")) return JSON.parse(value.slice(2));
      this.printed.push(value);
    }
  }

  /** Calls a function, and does not wait. */
  async tell(verb: string, ...given: unknown[]): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify([verb, ...given])}\n`));
  }

  /** Ends it as a program ends. @returns what it said on stderr. */
  async end(): Promise<string> {
    await this.#writer.close();
    const { code } = await this.#process.status;
    const err = await this.#err;
    equal(code, 0, err);
    return err;
  }

  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // it has ended
    }
    await this.#process.status;
    await this.#writer.abort().catch(() => {});
    await this.#lines.return?.();
    await this.#err;
  }
}

/** Writes the client and the program that drives it into a folder. @returns the program's path. */
function programIn(folder: string, language: Client["language"]): string {
  const { file, text } = CLIENTS[language];
  const driver = language === "python" ? "driver.py" : "driver.js";
  const path = join(folder, driver);
  if (existsSync(path)) return path; // another session may be reading it
  Deno.mkdirSync(join(folder, "run"), { recursive: true });
  Deno.writeTextFileSync(join(folder, file), text);
  Deno.copyFileSync(join(import.meta.dirname!, driver), join(folder, driver));
  return path;
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** Rows of metrics as they are in a file; fails on a line that is none. */
export function rowsOf(path: string): Record<string, unknown>[] {
  return Deno.readTextFileSync(path).split("\n").filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line));
}
