import { scrubbed } from "../../core/slurm_variables.ts";
import type { Command, Runner } from "../../system/runner.ts";
import type { StartEstimate } from "../scheduler.ts";
import { readStartEstimate } from "./refusals.ts";

const TIMEOUT_MS = 30_000;

/** The question: nothing is submitted, but a job id is used up. */
export function testStartCommand(directives: readonly string[]): Pick<Command, "argv" | "stdin"> {
  return {
    argv: ["sbatch", "--test-only", "--export=NONE"],
    stdin: ["#!/bin/bash", ...directives, "true", ""].join("\n"),
  };
}

/**
 * Asks Slurm when a job with these `#SBATCH` lines would start. Submits nothing, but uses up a job
 * id. Never throws for what Slurm says.
 */
export async function testStart(
  { runner, env }: { runner: Runner; env: Readonly<Record<string, string | undefined>> },
  directives: readonly string[],
): Promise<StartEstimate> {
  const reply = await runner.run({
    ...testStartCommand(directives),
    timeoutMs: TIMEOUT_MS,
    env: { ...scrubbed(env), SLURM_TIME_FORMAT: "%s" },
  });
  const estimate = readStartEstimate(reply);
  return estimate.kind === "refused"
    ? { ...estimate, reason: estimate.reason.replace(/^allocation failure: /, "") }
    : estimate;
}
