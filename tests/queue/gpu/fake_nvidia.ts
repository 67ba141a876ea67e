import { join } from "node:path";
import { denoRunner } from "../../../lib/system/deno_runner.ts";
import { systemClock } from "../../../lib/system/clock.ts";
import type { Command, Runner } from "../../../lib/system/runner.ts";
import type { MpsPorts } from "../../../lib/queue/gpu/mps_daemon.ts";
import { processesOf } from "../../../lib/queue/gpu/mps_processes.ts";

/** A machine with NVIDIA's programs, which are scripts here that hold state and record calls. */
export interface FakeNvidia {
  /** Where daemons get their folders. */
  base: string;
  /** Variables with which the scripts are found. */
  env: Record<string, string>;
  runner: Runner;
  ports: MpsPorts;
  /** Writes a file that the scripts read. */
  set(name: string, content?: string): void;
  /** What was called so far. */
  calls(): string[];
}

const PROGRAMS = {
  "nvidia-smi": "nvidia_smi.sh",
  "nvidia-cuda-mps-control": "nvidia_cuda_mps_control.sh",
};

/** Does something on such a machine, and leaves no process of it. */
export async function withNvidia(
  action: (nvidia: FakeNvidia) => Promise<void>,
  without: (keyof typeof PROGRAMS)[] = [],
): Promise<void> {
  const root = Deno.makeTempDirSync({ prefix: "n" });
  const [bin, base] = [join(root, "bin"), join(root, "b")];
  Deno.mkdirSync(bin);
  Deno.mkdirSync(base);
  for (const [program, script] of Object.entries(PROGRAMS)) {
    if (without.includes(program as keyof typeof PROGRAMS)) continue;
    Deno.copyFileSync(join(import.meta.dirname!, script), join(bin, program));
    Deno.chmodSync(join(bin, program), 0o755);
  }
  const env = { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`, FAKE_NVIDIA: root };
  const here = <C extends Command>(command: C): C => ({
    ...command,
    env: { ...env, ...command.env },
  });
  const runner: Runner = {
    run: (command) => denoRunner.run(here(command)),
    detach: (command) => denoRunner.detach(here(command)),
  };
  try {
    await action({
      ...{ base, env, runner, ports: { runner, clock: systemClock, bases: [base] } },
      set: (name, content = "") => Deno.writeTextFileSync(join(root, name), content),
      calls: () => Deno.readTextFileSync(join(root, "calls")).trim().split("\n"),
    });
  } finally {
    for (const pipe of pipesBelow(base)) {
      for (const pid of [...processesOf(pipe).mps, ...processesOf(pipe).users]) {
        Deno.kill(pid, "SIGKILL");
      }
    }
    Deno.removeSync(root, { recursive: true });
  }
}

function pipesBelow(base: string): string[] {
  const folders = (at: string) => [...Deno.readDirSync(at)].map(({ name }) => join(at, name));
  return folders(base).flatMap(folders).map((folder) => join(folder, "pipe"));
}
