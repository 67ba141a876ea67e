import type { WaitOptions } from "../manager/submit.ts";
import { untilInterrupted } from "./interrupt.ts";
import { ProgressLine } from "./progress.ts";
import type { CommandPorts } from "./registry.ts";

/** Does something that waits, with a progress line; when it is interrupted, the runs go on. */
export async function waiting<T>(
  { context }: CommandPorts,
  id: string,
  act: (options: WaitOptions) => Promise<T>,
  poll: number | undefined,
): Promise<T> {
  const line = new ProgressLine(context);
  const hint = `\`expflow status ${id}\` shows them, \`expflow cancel ${id}\` ends them`;
  return await untilInterrupted(
    "Stopped waiting; the runs go on",
    hint,
    (signal) =>
      act({
        signal,
        intervalMs: poll,
        onProgress: (counts) => line.update(counts),
        onNotice: (text) => line.note(text),
      }),
  ).finally(() => line.finish());
}
