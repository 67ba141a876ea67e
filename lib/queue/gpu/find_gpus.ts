import { exists } from "../../system/files.ts";
import type { Command, Reply, Runner } from "../../system/runner.ts";
import { type Environment, gpusOf, type Smi } from "./allocation.ts";
import type { GpusFound } from "./devices.ts";
import { gpusCommand, listCommand, parseGpus, parseList, type SmiListed } from "./nvidia_smi.ts";

/** What the search for GPUs needs. */
export interface FindGpus {
  runner: Runner;
  /** Variables of this process, as the scheduler set them. */
  env: Environment;
  /** Whether the allocation shares its nodes with nobody, so that all their GPUs are its own. */
  wholeNodes?: boolean;
}

/** The GPUs that the allocation of this process has on this node. Never throws for want of a tool. */
export async function findGpus({ runner, env, wholeNodes }: FindGpus): Promise<GpusFound> {
  const smi = await askSmi(runner);
  return gpusOf(env, { ...smi, amd: exists("/dev/kfd") }, wholeNodes);
}

async function askSmi(runner: Runner): Promise<Smi> {
  const reply = await runner.run(gpusCommand);
  const gpus = answered(reply) ? parseGpus(reply.stdout) : undefined;
  if (gpus && !gpus.some(({ mig }) => mig)) return { gpus };
  if (reply.code === 127 || reply.timedOut) return { why: reasonOf(gpusCommand, reply) };
  const second = await runner.run(listCommand);
  const list = answered(second) ? parseList(second.stdout) : undefined;
  if (gpus) return { gpus, ...list ? { list } : {} };
  if (!list) return { why: reasonOf(gpusCommand, reply) };
  return { gpus: list.map(asGpu), list };
}

/** 6 is said where there is no GPU. */
function answered({ code }: Reply): boolean {
  return code === 0 || code === 6;
}

/** An old driver does not know every question, and answers none then. */
function asGpu({ index, uuid, model, instances }: SmiListed): NonNullable<Smi["gpus"]>[number] {
  return { index, uuid, model, ...instances.length > 0 ? { mig: true } : {} };
}

/** Why a command gave no answer, in a few words. */
export function reasonOf({ argv, timeoutMs }: Command, reply: Reply): string {
  if (reply.timedOut) return `${argv[0]} did not answer in ${(timeoutMs ?? 0) / 1000} s`;
  const line = `${reply.stderr}\n${reply.stdout}`.split("\n").find((text) => text.trim() !== "");
  return line?.trim() ?? `${argv[0]} ended with ${reply.code}, and said nothing`;
}
