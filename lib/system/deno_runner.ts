import { processTree } from "./processes.ts";
import type { Command, Reply, Runner } from "./runner.ts";

const DEFAULT_TIMEOUT_MS = 30_000;

function environmentOf(changes: Command["env"]): Record<string, string> {
  const merged: Record<string, string | undefined> = { ...Deno.env.toObject(), ...changes };
  const defined = Object.entries(merged).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as Record<string, string>;
}

async function run(command: Command): Promise<Reply> {
  const [program, ...args] = command.argv;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      cwd: command.cwd,
      clearEnv: true,
      env: environmentOf(command.env),
      stdin: command.stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { code: 127, stdout: "", stderr: `${program}: command not found`, timedOut: false };
  }
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killTree(child);
  }, command.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  try {
    if (command.stdin !== undefined) await feed(child, command.stdin);
    const [stdout, stderr, { code }] = await Promise.all([
      new Response(child.stdout).text(),
      readUntil(child, command.killOn),
      child.status,
    ]);
    return { code, stdout, stderr, timedOut };
  } finally {
    clearTimeout(timer);
  }
}

/** All of stderr. Kills the process when the words are in it. */
async function readUntil(child: Deno.ChildProcess, words: RegExp | undefined): Promise<string> {
  if (!words) return await new Response(child.stderr).text();
  let text = "";
  let killed = false;
  for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (killed || !words.test(text)) continue;
    killed = true;
    killTree(child);
  }
  return text;
}

/** Kills a program with what it started: one that is left would hold the output open. */
function killTree(child: Deno.ChildProcess): void {
  const started = processTree(child.pid).slice(1);
  orGone(() => child.kill("SIGKILL"));
  for (const pid of started) orGone(() => Deno.kill(pid, "SIGKILL"));
}

/** What has just ended, or belongs to another user, is left alone. */
function orGone(kill: () => void): void {
  try {
    kill();
  } catch (error) {
    const { NotFound, PermissionDenied } = Deno.errors;
    const expected = [TypeError, NotFound, PermissionDenied].some((kind) => error instanceof kind);
    if (!expected) throw error;
  }
}

async function feed(child: Deno.ChildProcess, text: string): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

function detach(command: Command & { output: string }): number {
  const [program, ...args] = command.argv;
  const child = new Deno.Command("/bin/bash", {
    args: ["-c", 'exec "$@" >>"$0" 2>&1 </dev/null', command.output, program, ...args],
    cwd: command.cwd,
    clearEnv: true,
    env: environmentOf(command.env),
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  child.unref();
  return child.pid;
}

/** The real thing: processes of this machine. */
export const denoRunner: Runner = { run, detach };
