const SIGNALS = [["SIGINT", 130], ["SIGTERM", 143]] as const;
const open = new Set<() => Promise<void>>();

/** Cleans up once: at the end of its block, or when the benchmark is interrupted. */
export function cleaning(cleanUp: () => unknown): AsyncDisposable {
  let begun: Promise<void> | undefined;
  const once = () => begun ??= (async () => void await cleanUp())();
  if (open.size === 0) listen();
  open.add(once);
  return {
    [Symbol.asyncDispose]: async () => {
      await once();
      open.delete(once);
      if (open.size === 0) unlisten();
    },
  };
}

const handlers = SIGNALS.map(([signal, code]) => {
  const handle = async () => {
    await Promise.allSettled(Array.from(open, (once) => once()));
    Deno.exit(code);
  };
  return [signal, handle] as const;
});

function listen(): void {
  for (const [signal, handle] of handlers) Deno.addSignalListener(signal, handle);
}

function unlisten(): void {
  for (const [signal, handle] of handlers) Deno.removeSignalListener(signal, handle);
}

/** A folder that is not left behind. */
export function temporaryFolder(): AsyncDisposable & { path: string } {
  const path = Deno.makeTempDirSync({ prefix: "expflow-bench-" });
  return { path, ...cleaning(() => Deno.removeSync(path, { recursive: true })) };
}
