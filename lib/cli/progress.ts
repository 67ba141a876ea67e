import type { RunState } from "../core/states.ts";
import { isEnded } from "../core/states.ts";
import type { CliContext } from "./context.ts";

/** How many runs are in each state. */
export type StateCounts = Partial<Record<RunState, number>>;

/** `12 completed, 3 running, 1 failed`: the states there are, the most advanced first. */
export function tellCounts(counts: Partial<Record<string, number>>): string {
  const told = Object.entries(counts).filter(([, count]) => count! > 0)
    .map(([state, count]) => `${count} ${state.replaceAll("_", " ")}`);
  return told.length > 0 ? told.join(", ") : "no runs";
}

/** A bar of `width` characters for what has ended. */
export function progressBar(counts: StateCounts, width: number): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const ended = Object.entries(counts).reduce(
    (sum, [state, count]) => sum + (isEnded(state as RunState) ? count : 0),
    0,
  );
  const filled = total === 0 ? 0 : Math.floor(width * ended / total);
  return `[${"#".repeat(filled)}${".".repeat(width - filled)}] ${ended}/${total}`;
}

/** Tells how runs get on: one line redrawn on a terminal, elsewhere a line when a run has ended. */
export class ProgressLine {
  #last = "";
  readonly #started: number;

  constructor(private readonly context: CliContext) {
    this.#started = context.clock.now();
  }

  update(counts: StateCounts): void {
    const bar = progressBar(counts, 24);
    const told = tellCounts(counts);
    if (this.context.terminal.err) {
      const seconds = Math.floor((this.context.clock.now() - this.#started) / 1000);
      const line = `${bar}  ${told}  ${seconds}s`.slice(0, this.context.columns - 1);
      this.context.err(`\r\x1b[2K${line}`);
    } else if (bar !== this.#last) {
      this.context.err(`${bar}  ${told}\n`);
    }
    this.#last = bar;
  }

  /** Says something beside the line. */
  note(text: string): void {
    this.context.err(this.context.terminal.err ? `\r\x1b[2K${text}\n` : `${text}\n`);
    this.#last = "";
  }

  finish(): void {
    if (this.context.terminal.err && this.#last !== "") this.context.err("\n");
  }
}
