import { equal } from "node:assert/strict";
import { join } from "node:path";

/** Whether there is a terminal to be had; else tests that need one say that they did not run. */
export const hasTmux = await isThere("tmux");
if (!hasTmux) console.warn("NOT RUN: tests in a real terminal; they need tmux");

async function isThere(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["-V"] }).output()).success;
  } catch {
    return false;
  }
}

/** A terminal with a shell in it, made by tmux on a socket of its own. */
export class Terminal implements AsyncDisposable {
  /** Every byte that was written to it. */
  readonly written: string;

  private constructor(private readonly folder: string, private readonly env: Deno.CommandOptions) {
    this.written = join(folder, "written");
  }

  /** Opens one with 100 columns and 30 lines; `env` is all that its shell has. */
  static async open(folder: string, env: Record<string, string>, cwd: string): Promise<Terminal> {
    const all = { ...env, LC_ALL: "C.UTF-8", TERM: "xterm", TMUX_TMPDIR: folder, PS1: "$ " };
    const terminal = new Terminal(folder, { clearEnv: true, env: all, cwd });
    const shell = "exec bash --norc --noprofile";
    Deno.writeTextFileSync(terminal.written, "");
    await terminal.#tmux("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", shell);
    await terminal.#tmux("pipe-pane", `cat >> ${terminal.written}`);
    return terminal;
  }

  /** Types a line. */
  async type(line: string): Promise<void> {
    await this.#tmux("send-keys", "-l", line);
    await this.press("Enter");
  }

  /** Presses a key, in tmux's words: `C-c`. */
  async press(key: string): Promise<void> {
    await this.#tmux("send-keys", key);
  }

  /** What is to be seen. */
  async screen(): Promise<string> {
    return await this.#tmux("capture-pane", "-p");
  }

  /** Whether the other screen is on, the cursor is visible, and long lines are wrapped. */
  async modes(): Promise<{ alternate: boolean; cursor: boolean; wrap: boolean }> {
    const format = "#{alternate_on} #{cursor_flag} #{wrap_flag}";
    const [alternate, cursor, wrap] = (await this.#tmux("display-message", "-p", format))
      .trim().split(" ").map((flag) => flag === "1");
    return { alternate: alternate!, cursor: cursor!, wrap: wrap! };
  }

  /** Changes its size. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** Waits until `seen` finds what it looks for. */
  async until<T>(what: string, seen: () => T | Promise<T>): Promise<NonNullable<T>> {
    for (const end = Date.now() + 60_000; Date.now() < end;) {
      const found = await seen();
      if (found) return found as NonNullable<T>;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no ${what} within a minute:\n${await this.screen()}`);
  }

  async #tmux(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await new Deno.Command("tmux", { ...this.env, args }).output();
    const decoder = new TextDecoder();
    equal(code, 0, `tmux ${args.join(" ")}: ${decoder.decode(stderr)}`);
    return decoder.decode(stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server");
  }
}
