import { UsageError } from "../../core/errors.ts";
import { systemClock } from "../../system/clock.ts";
import { denoRunner } from "../../system/deno_runner.ts";
import { supervise } from "./supervisor.ts";

/** Supervises the folder that is the only argument. @returns the exit code. */
export async function superviseFromArguments(args: readonly string[]): Promise<number> {
  const [folder, ...rest] = args;
  if (folder === undefined || rest.length > 0) {
    throw new UsageError(`Cannot supervise ${args.length} folders, expected one`);
  }
  await supervise(folder, { runner: denoRunner, clock: systemClock });
  return 0;
}
