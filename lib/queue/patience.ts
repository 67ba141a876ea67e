import { StorageError } from "../core/errors.ts";
import type { Working } from "./working.ts";

/** Milliseconds between two attempts to write what cannot be written. */
const RETRY_EVERY = 2000;

/** Does something on the queue's files; while those cannot be written, tries again and again. */
export async function patiently<T>(
  { system: { clock }, tell, orders }: Pick<Working, "tell" | "orders"> & {
    system: Pick<Working["system"], "clock">;
  },
  action: () => T,
): Promise<T> {
  while (true) {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof StorageError) || orders.order === "stop") throw error;
      tell("retry", { error: error.message, hint: error.hint });
      await clock.sleep(RETRY_EVERY);
    }
  }
}
