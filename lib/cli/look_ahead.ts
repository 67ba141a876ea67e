import { resolve } from "node:path";
import { question } from "../schedulers/slurm/call.ts";
import { squeueCommand } from "../schedulers/slurm/squeue.ts";
import { findProject } from "../store/find.ts";
import { readOpening } from "../store/opening.ts";
import { ahead } from "../system/ahead.ts";
import { denoRunner } from "../system/deno_runner.ts";
import type { Runner } from "../system/runner.ts";

/**
 * Begins the one question to Slurm of a command that looks at runs, before the rest of expflow is
 * loaded; only where the last look needed an answer.
 */
export function lookAhead(args: readonly string[]): Runner {
  const at = args.findIndex((word) => word === "-C" || word === "--project");
  const layout = findProject(resolve(at < 0 ? "." : args[at + 1] ?? "."));
  if (!layout || !readOpening(layout)?.queued) return denoRunner;
  return ahead(denoRunner, question(squeueCommand({}), Deno.env.toObject()));
}
