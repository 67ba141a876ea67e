import { InterruptedError } from "../core/errors.ts";

/** Does something that Ctrl-C ends in good order: the signal is aborted with this message. */
export async function untilInterrupted<T>(
  message: string,
  hint: string,
  doing: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => controller.abort(new InterruptedError(message, { hint }));
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    return await doing(controller.signal);
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}
