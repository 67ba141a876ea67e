/**
 * Does something with each of many things, so many at once. After an error nothing more is begun;
 * it is thrown when what was begun has ended.
 */
export async function eachOf<T>(
  things: Iterable<T>,
  { atOnce, signal }: { atOnce: number; signal?: AbortSignal },
  act: (thing: T) => Promise<void>,
): Promise<void> {
  const queue = things[Symbol.iterator]();
  let failed: { error: unknown } | undefined;
  const worker = async () => {
    for (let next = queue.next(); !next.done && !failed; next = queue.next()) {
      try {
        signal?.throwIfAborted();
        await act(next.value);
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failed) throw failed.error;
}
