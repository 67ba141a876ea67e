import type { Clock } from "../system/clock.ts";
import { systemClock } from "../system/clock.ts";
import { denoRunner } from "../system/deno_runner.ts";
import type { Runner } from "../system/runner.ts";

/** What a command sees of the world. */
export interface CliContext {
  /** Data: what another program may read. */
  out(text: string): void;
  /** Talk: progress, warnings, errors. */
  err(text: string): void;
  /** Asks on the terminal; `undefined` when nobody can answer. */
  ask(question: string, preset: string): string | undefined;
  env(name: string): string | undefined;
  cwd: string;
  /** Whether stdout, stderr are terminals. */
  terminal: { out: boolean; err: boolean; in: boolean };
  /** Width of the terminal now, in columns. */
  readonly columns: number;
  /** Its height now, in lines. */
  readonly rows: number;
  color: boolean;
  runner: Runner;
  clock: Clock;
}

/** The reader of our output went away (`expflow list | head`): not an error. */
export class OutputClosed extends Error {}

function writer(stream: typeof Deno.stdout): (text: string) => void {
  return (text) => {
    const bytes = new TextEncoder().encode(text);
    try {
      for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) throw new OutputClosed();
      throw error;
    }
  };
}

function terminalSize(): { columns: number; rows: number } {
  try {
    return Deno.consoleSize();
  } catch {
    const [columns, rows] = ["COLUMNS", "LINES"].map((name) => Number(Deno.env.get(name)));
    return { columns: columns || 100, rows: rows || 24 };
  }
}

/** The context of a real process, which may have begun something already. */
export function processContext(runner: Runner = denoRunner): CliContext {
  const terminal = {
    out: Deno.stdout.isTerminal(),
    err: Deno.stderr.isTerminal(),
    in: Deno.stdin.isTerminal(),
  };
  return {
    out: writer(Deno.stdout),
    err: writer(Deno.stderr as typeof Deno.stdout),
    ask: (question, preset) => terminal.in ? prompt(question, preset) ?? preset : undefined,
    env: (name) => Deno.env.get(name),
    cwd: Deno.cwd(),
    terminal,
    get columns() {
      return terminalSize().columns;
    },
    get rows() {
      return terminalSize().rows;
    },
    color: terminal.out && !Deno.noColor,
    runner,
    clock: systemClock,
  };
}
