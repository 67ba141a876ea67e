import type { Command } from "../../lib/system/runner.ts";
import { fixture } from "../schedulers/slurm_fixtures.ts";
import type { Answers } from "./machine.ts";

/** The lab's answers for alice, to everything that these commands ask. */
export function advising(version: string): Answers {
  const reply = (name: string) => fixture(version, name).reply;
  return {
    sbatch: ({ argv }) =>
      argv.includes("--version") ? { stdout: `slurm-wlm ${version}\n` } : reply("advice-start-now"),
    scontrol: ({ argv }) =>
      argv.includes("assoc_mgr")
        ? reply("advice-standing")
        : argv.includes("partition")
        ? reply("env-partitions")
        : argv.includes("ping")
        ? reply("env-ping")
        : reply("env-config"),
    sinfo: ({ argv }) => reply(argv.includes("--Node") ? "advice-nodes" : "env-nodes"),
    sacctmgr: ({ stdin }: Command) => reply(stdin ? "env-accounting-alice" : "env-accounts-alice"),
    sacct: { stdout: "cpu|1795318000|1795318078|COMPLETED\n" },
    squeue: { stdout: "" },
    id: { stdout: "users\n" },
  };
}
