/**
 * Waits for something, and no longer than until the signal is given: then it rejects with the
 * signal's reason. Nothing of it stays with the signal, which may outlive a million of them.
 */
export async function untilAborted<T>(doing: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return await doing;
  const { promise: given, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([doing, given]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
