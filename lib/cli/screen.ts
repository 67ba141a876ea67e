import type { CliContext } from "./context.ts";
import { untilAborted } from "../system/abortable.ts";
import { untilInterrupted } from "./interrupt.ts";

/** The other screen, without a cursor; lines that are too long are cut by the terminal. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";

/** One look: what to show, and whether there will be nothing new any more. */
export interface Look {
  text: string;
  last: boolean;
}

/**
 * Shows a text on a screen of its own, again every `intervalMs` and when the terminal changes its
 * size, until the last look; that one stays on the usual screen. Lines are written over each other,
 * so that nothing flickers, and Ctrl-C leaves the terminal as it was.
 */
export async function watchOnScreen(
  context: CliContext,
  intervalMs: number,
  look: () => Promise<Look>,
): Promise<void> {
  let wake = () => {};
  let resized = false;
  const resize = () => {
    resized = true;
    wake();
  };
  const terminate = () => {
    context.out(LEAVE);
    Deno.removeSignalListener("SIGTERM", terminate);
    Deno.kill(Deno.pid, "SIGTERM");
  };
  Deno.addSignalListener("SIGWINCH", resize);
  Deno.addSignalListener("SIGTERM", terminate);
  context.out(ENTER);
  let text = "";
  try {
    await untilInterrupted("Stopped watching; the runs go on", HINT, async (signal) => {
      for (;;) {
        resized = false;
        const seen = await untilAborted(look(), signal);
        text = seen.text;
        if (seen.last) return;
        context.out(frame(text, context.rows));
        const woken = new Promise<void>((resolve) => wake = resolve);
        if (resized) continue;
        await untilAborted(Promise.race([context.clock.sleep(intervalMs), woken]), signal);
      }
    });
  } finally {
    Deno.removeSignalListener("SIGWINCH", resize);
    Deno.removeSignalListener("SIGTERM", terminate);
    context.out(LEAVE);
  }
  context.out(text);
}

const HINT = "`expflow status` shows them once";

/** What replaces the screen: each line is cleared to its end, and everything below the last. */
export function frame(text: string, rows: number): string {
  const lines = text.trimEnd().split("\n");
  const shown = lines.length < rows ? lines : [
    ...lines.slice(0, Math.max(0, rows - 2)),
    `… and ${lines.length - Math.max(0, rows - 2)} more lines`,
  ];
  return `\x1b[H${shown.map((line) => `${line}\x1b[K`).join("\r\n")}\x1b[J`;
}
