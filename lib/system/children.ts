import type { Command } from "./runner.ts";

/** A program that was started, and is tied to this process by a pipe. */
export interface Child {
  pid: number;
  /** Lines of its standard output, as they come. */
  lines: AsyncIterable<string>;
  /** Its exit code, once it has ended. */
  code: Promise<number>;
}

/** How a child is started. */
export type ChildCommand = Pick<Command, "argv" | "cwd"> & {
  /** All of its environment: nothing is inherited. */
  env: Record<string, string>;
};

/**
 * Starts a program in a session of its own. Its standard input is a pipe that this process holds
 * open and writes nothing to, so that it sees an end when this process does.
 */
export function startChild({ argv: [program, ...args], cwd, env }: ChildCommand): Child {
  const child = new Deno.Command(program, {
    args,
    cwd,
    clearEnv: true,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    detached: true,
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  return {
    pid: child.pid,
    lines: linesOf(lines),
    code: child.status.then(async ({ code }) => {
      await child.stdin.close().catch(() => {}); // nobody reads it any more
      return code;
    }),
  };
}

async function* linesOf(parts: ReadableStream<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const part of parts) {
    const lines = (rest + part).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
