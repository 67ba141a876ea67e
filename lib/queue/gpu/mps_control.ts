import type { Runner } from "../../system/runner.ts";
import { reasonOf } from "./find_gpus.ts";

const PROGRAM = "nvidia-cuda-mps-control";
const PATIENCE_MS = 10_000;

/** What a daemon said, or why it said nothing. */
export type MpsAnswer = { said: string } | { why: string; absent: boolean };

/** Says something to the daemon of a pipe folder, as NVIDIA's program reads it. */
export async function tellMps(runner: Runner, pipe: string, words: string): Promise<MpsAnswer> {
  const command = {
    argv: [PROGRAM] as [string],
    env: { CUDA_MPS_PIPE_DIRECTORY: pipe },
    stdin: `${words}\n`,
    timeoutMs: PATIENCE_MS,
  };
  const reply = await runner.run(command);
  return reply.code === 0 && !reply.timedOut
    ? { said: reply.stdout.trim() }
    : { why: reasonOf(command, reply), absent: reply.code === 127 };
}

/** Why a daemon does not answer as one that works does, or `undefined` where it does. */
export async function whySilent(
  runner: Runner,
  pipe: string,
): Promise<{ why: string; absent: boolean } | undefined> {
  const share = await tellMps(runner, pipe, "get_default_active_thread_percentage");
  if ("why" in share) return share;
  if (!/^\d+(?:\.\d+)?$/m.test(share.said)) {
    return { why: `it answered ${JSON.stringify(share.said)}, not a percentage`, absent: false };
  }
  const servers = await tellMps(runner, pipe, "get_server_list");
  return "why" in servers ? servers : undefined;
}

/** How the daemon of a folder is started; it goes to the background by itself. */
export function startCommand(
  pipe: string,
  log: string,
  devices: string,
): { argv: [string, string]; env: Record<string, string | undefined> } {
  return {
    argv: [PROGRAM, "-d"],
    env: {
      CUDA_VISIBLE_DEVICES: devices,
      CUDA_MPS_PIPE_DIRECTORY: pipe,
      CUDA_MPS_LOG_DIRECTORY: log,
      CUDA_MPS_ACTIVE_THREAD_PERCENTAGE: undefined, // a worker's; here they would be everyone's
      CUDA_MPS_PINNED_DEVICE_MEM_LIMIT: undefined,
    },
  };
}
