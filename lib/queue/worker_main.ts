import { UsageError } from "../core/errors.ts";
import { systemClock } from "../system/clock.ts";
import { denoRunner } from "../system/deno_runner.ts";
import { appendText } from "../system/files.ts";
import { work } from "./worker.ts";
import type { WorkerEvent, WorkerOrders, WorkerSettings } from "./working.ts";

/** What an agent tells a worker that it starts; the worker's only argument is the path of this. */
export interface WorkerFile {
  version: 1;
  settings: WorkerSettings;
  /** Where the worker writes what happens, one JSON object a line. */
  log: string;
}

/**
 * Works as a file says, until there is nothing more to do, or the standard input ends: whoever
 * started it is gone then. TERM and INT stop it, USR2 lets it finish what it runs, USR1 warns that.
 *
 * @returns the exit code.
 */
export async function workFromFile([path, ...rest]: string[]): Promise<number> {
  if (path === undefined || rest.length > 0) {
    throw new UsageError("Cannot work: expected the path of one file");
  }
  const { settings, log }: WorkerFile = JSON.parse(Deno.readTextFileSync(path));
  const orders: WorkerOrders = {};
  listen(orders);
  const stdin = Deno.stdin.readable.getReader();
  untilEnd(stdin).then(() => orders.order = "stop");
  const tell = (event: WorkerEvent) => note(log, `${JSON.stringify(event)}\n`);
  await work(settings, { runner: denoRunner, clock: systemClock, tell }, orders);
  await stdin.cancel();
  return 0;
}

/** Takes signals as orders, for as long as this process lives. */
export function listen(orders: WorkerOrders): void {
  const stop = () => orders.order = "stop";
  Deno.addSignalListener("SIGTERM", stop);
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGUSR2", () => orders.order ??= "drain");
  Deno.addSignalListener("SIGUSR1", () => {
    orders.warned = true;
    orders.order ??= "drain";
  });
}

async function untilEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

/** Neither a full disk nor an agent that is gone ends a worker. */
function note(log: string, line: string): void {
  for (const write of [() => appendText(log, line), () => print(line)]) {
    try {
      write();
    } catch {
      // the other one may get through
    }
  }
}

function print(line: string): void {
  const bytes = new TextEncoder().encode(line);
  for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
}
