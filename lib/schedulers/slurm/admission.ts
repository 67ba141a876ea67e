import { scrubbed } from "../../core/slurm_variables.ts";
import type { Runner } from "../../system/runner.ts";
import { readStartEstimate } from "./refusals.ts";

/** Where a job would go; what is absent is left to Slurm. */
export interface Destination {
  partition: string;
  account?: string;
  qos?: string;
}

/** Slurm's answer. `unknown`: it refused for another reason than access, or did not answer. */
export interface Admission {
  access: "allowed" | "denied" | "unknown";
  /** In Slurm's words. */
  reason: string;
  /** Slurm said nothing at all: to ask for more would take as long and give as little. */
  silent?: true;
}

const TIMEOUT_MS = 30_000;
/** Refusals of the account, the QOS or the user, as opposed to those of what a job asks for. */
const NOT_YOU =
  /invalid account|account\/partition|group not permitted|not permitted to use|invalid qos|qos not permitted|access.*denied|permission denied/i;

/** Asks whether a job of one minute would be taken there. Submits nothing, but uses up a job id. */
export function admissionCommand({ partition, account, qos }: Destination): [string, ...string[]] {
  return [
    "sbatch",
    "--test-only",
    "--export=NONE",
    "--time=1",
    `--partition=${partition}`,
    ...account === undefined ? [] : [`--account=${account}`],
    ...qos === undefined ? [] : [`--qos=${qos}`],
    "--wrap=true",
  ];
}

/** Asks Slurm itself whether a user may submit there. Never throws for what Slurm says. */
export async function askAdmission(
  { runner, env }: { runner: Runner; env: Readonly<Record<string, string | undefined>> },
  destination: Destination,
): Promise<Admission> {
  const argv = admissionCommand(destination);
  const reply = await runner.run({
    argv,
    timeoutMs: TIMEOUT_MS,
    env: { ...scrubbed(env), SLURM_TIME_FORMAT: "%s" },
  });
  const estimate = readStartEstimate(reply);
  if (estimate.kind === "start") {
    return { access: "allowed", reason: "Slurm would take a job there" };
  }
  if (estimate.kind === "unknown") {
    return { access: "unknown", reason: estimate.why, silent: true };
  }
  const access = NOT_YOU.test(estimate.reason) ? "denied" : "unknown";
  return { access, reason: estimate.reason.replace(/^allocation failure: /, "") };
}
