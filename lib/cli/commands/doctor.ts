import type { Command } from "@commander-js/extra-typings";
import { resolve } from "node:path";
import { type ExportTreatment, probeExport } from "../../advisor/export_probe.ts";
import type { Finding } from "../../cluster/checks/finding.ts";
import { detectEnvironment } from "../../cluster/detect.ts";
import { diagnose } from "../../cluster/diagnose.ts";
import type { Environment } from "../../cluster/environment.ts";
import { machinePorts } from "../../cluster/ports.ts";
import { parseDuration } from "../../core/durations.ts";
import { ExitCode, UsageError } from "../../core/errors.ts";
import type { Project } from "../../manager/project.ts";
import { findProject } from "../../store/find.ts";
import { untilInterrupted } from "../interrupt.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { tellExport } from "../tell_export.ts";

interface DoctorOptions {
  probe?: true;
  partition?: string;
  account?: string;
  wait: string;
}

/** `expflow doctor [--probe]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .option("--probe", "submit three tiny jobs that show what --export does here")
    .option("--partition <name>", "partition of the probe (default: the project's)")
    .option("--account <name>", "account of the probe (default: the project's)")
    .option("--wait <time>", "how long the probe may take", "5m")
    .action(async (options) => {
      const { context, globals, exitWith } = ports;
      const project = await projectHere(ports);
      const found = await detectEnvironment(machinePorts(context.runner));
      const wantsSlurm = project?.settings.scheduler === "slurm";
      const findings = diagnose(found, { wantsSlurm });
      const json = globals().json;
      if (!json) context.out(findings.map(tellFinding).join(""));
      const treatments = options.probe
        ? await probe(ports, options as DoctorOptions, { found, project })
        : undefined;
      const columns = context.terminal.out ? context.columns : Infinity;
      if (json) context.out(`${JSON.stringify({ findings, export: treatments })}\n`);
      else if (treatments) context.out(`\n${tellExport(treatments, columns)}`);
      const silent = treatments?.some(({ batch, srun }) => !batch || !srun);
      if (silent || findings.some(({ state }) => state === "wrong")) exitWith(ExitCode.failed);
    });
}

/** The project of this folder; what is wrong with the machine concerns those without one, too. */
async function projectHere(ports: CommandPorts): Promise<Project | undefined> {
  const { context, globals } = ports;
  if (globals().project === undefined && !findProject(resolve(context.cwd))) return undefined;
  return await openForCommand(ports);
}

async function probe(
  { context }: CommandPorts,
  { partition, account, wait }: DoctorOptions,
  { found, project }: { found: Environment; project?: Project },
): Promise<ExportTreatment[]> {
  if (found.slurm.value === undefined) {
    throw new UsageError(`Cannot probe --export: ${found.slurm.source}`, {
      hint: "--probe submits jobs to Slurm: run it on a login node",
    });
  }
  const { runner, clock } = context;
  context.err("three jobs of a few seconds are submitted; Ctrl-C cancels them\n");
  const treatments = await untilInterrupted(
    "Stopped the probe",
    "its jobs are cancelled and its files removed",
    async (signal) => {
      const done = await probeExport({
        runner,
        clock,
        parent: found.scratch.value,
        partition: partition ?? project?.settings.partition,
        account: account ?? project?.settings.account,
        timeoutMs: parseDuration(wait) * 1000,
        signal,
      });
      signal.throwIfAborted();
      return done;
    },
  );
  return treatments;
}

function tellFinding({ check, state, found, hint }: Finding): string {
  const line = `${state.padEnd(8)} ${check.padEnd(11)} ${found}\n`;
  return hint ? `${line}${" ".repeat(21)}hint: ${hint}\n` : line;
}
