import type { Command } from "@commander-js/extra-typings";
import { UsageError } from "../../core/errors.ts";
import { launch, previewLaunch } from "../../manager/launch.ts";
import { keepToppedUp, orderFleets, recoverLost, topUp } from "../../manager/launch_control.ts";
import { launchLogs } from "../../manager/launch_logs.ts";
import { chosenFleets, launchStatus } from "../../manager/launch_status.ts";
import type { Project } from "../../manager/project.ts";
import { untilInterrupted } from "../interrupt.ts";
import { openForCommand } from "../open.ts";
import { collect, readCount, readPoll, readWait } from "../options.ts";
import type { CommandPorts } from "../registry.ts";
import {
  recoveredLine,
  tellFleets,
  tellLaunched,
  tellPreview,
  toppedUpLine,
} from "../tell_launch.ts";

const NO_FLEETS = "there are no fleets; `expflow launch` makes one\n";

/** `expflow launch [--jobs 4 --gpus 2 --workers-per-gpu 3 …]`, `expflow launch status|stop|…` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .option("--jobs <count>", "allocations, at most; fewer where less waits", readCount, 1)
    .option("--gpus <count>", "GPUs a node")
    .option("--workers-per-gpu <count>", "workers that share a GPU", readCount)
    .option(
      "--gpu-mem <size>",
      "GPU memory that a run needs: fewer workers share where it is little",
    )
    .option("--no-mps", "workers share a GPU in turns, without MPS")
    .option("--workers <count>", "workers a node, without GPUs", readCount)
    .option("--time <limit>", "time limit of an allocation, as 12h or 1-12:00:00")
    .option("--cpus-per-task <count>", "CPUs of a node, for all its workers; one each unless told")
    .option("--mem <size>", "memory of a node, as 16G")
    .option("--partition <name>", "partition")
    .option("--account <name>", "account")
    .option("--qos <name>", "quality of service")
    .option("--set <key=value>", "any resource, as resources.gpu_type=a100", collect, [])
    .option(
      "--max-jobs <count>",
      "allocations at the same time; `launch keep` adds them",
      readCount,
    )
    .option("--linger <time>", "how long a worker waits for new items, as 30s or 10m", readWait)
    .option("--lease <time>", "a worker without a sign of life for so long is ended", readPoll)
    .option("--dry-run", "print the batch script, submit nothing")
    .option("--keep", "go on adding allocations while items wait")
    .action(async (options) => {
      const project = await openForCommand(ports);
      const { gpus, cpusPerTask, gpuMem, mem, time, partition, account, qos } = options;
      const words = { gpus, cpus_per_task: cpusPerTask, gpu_mem: gpuMem, mem };
      const asked = { ...words, time, partition, account, qos };
      const set = Object.entries(asked).filter(([, value]) => value !== undefined)
        .map(([key, value]) => `resources.${key}=${value}`);
      const { jobs, workersPerGpu, workers, keep } = options;
      const maxJobs = options.maxJobs ?? (keep ? jobs : undefined);
      const sharing = options.mps ? undefined : "turns" as const;
      const linger = options.linger === undefined ? undefined : options.linger / 1000;
      const lease = options.lease === undefined ? undefined : options.lease / 1000;
      const counts = { jobs, maxJobs, workersPerGpu, workers };
      const request = { ...counts, sharing, linger, lease, set: [...set, ...options.set] };
      if (options.dryRun) {
        const preview = await previewLaunch(project, request);
        if (ports.globals().json) return ports.context.out(`${JSON.stringify(preview)}\n`);
        return tellPreview(ports, preview);
      }
      const launched = await launch(project, request);
      if (ports.globals().json) ports.context.out(`${JSON.stringify(launched)}\n`);
      else tellLaunched(ports, launched);
      if (keep && launched.fleet !== undefined) await goOn(ports, project, [launched.fleet]);
    });
  command.command("status")
    .description("show fleets, their allocations, agents and workers")
    .argument("[fleets...]", "numbers; all without one")
    .action(async (fleets) => {
      const reports = await launchStatus(await openForCommand(ports), numbersOf(fleets));
      if (ports.globals().json) ports.context.out(`${JSON.stringify(reports)}\n`);
      else tellFleets(ports, reports);
    });
  defineOrder(command, ports, "stop", "end workers now; what they run goes back to the queue");
  defineOrder(command, ports, "drain", "let workers finish what they run, and take nothing more");
  defineKeep(command, ports);
  defineLogs(command, ports);
}

function defineOrder(
  command: Command,
  ports: CommandPorts,
  order: "stop" | "drain",
  description: string,
): void {
  command.command(order)
    .description(description)
    .argument("[fleets...]", "numbers; all without one")
    .action(async (fleets) => {
      const done = await orderFleets(await openForCommand(ports), order, numbersOf(fleets));
      if (ports.globals().json) return ports.context.out(`${JSON.stringify(done)}\n`);
      if (done.length === 0) ports.context.err(NO_FLEETS);
      for (const { fleet, cancelled, told } of done) {
        const words = order === "stop" ? "stop" : "finish what they run";
        ports.context.out(
          `fleet ${fleet}: ${told} allocations are to ${words}, ${cancelled} that waited cancelled\n`,
        );
      }
    });
}

function defineKeep(command: Command, ports: CommandPorts): void {
  command.command("keep")
    .description("add allocations of fleets with --max-jobs while items wait")
    .argument("[fleets...]", "numbers; all without one")
    .option("--once", "look once, as from cron")
    .option("--poll <time>", "time between two looks: 30s, 2m", readPoll)
    .action(async (fleets, { once, poll }) => {
      const project = await openForCommand(ports);
      if (chosenFleets(project, numbersOf(fleets)).length === 0) ports.context.err(NO_FLEETS);
      if (!once) return await goOn(ports, project, numbersOf(fleets), poll);
      for (const one of await recoverLost(project)) ports.context.err(`${recoveredLine(one)}\n`);
      const done = await topUp(project, numbersOf(fleets));
      if (ports.globals().json) return ports.context.out(`${JSON.stringify(done)}\n`);
      for (const one of done) ports.context.out(`${toppedUpLine(one)}\n`);
    });
}

function defineLogs(command: Command, ports: CommandPorts): void {
  command.command("logs")
    .description("print what agents and workers wrote")
    .argument("[fleets...]", "numbers; all without one")
    .option("--errors", "only what went wrong")
    .action(async (fleets, { errors }) => {
      const project = await openForCommand(ports);
      const logs = launchLogs(project, { fleets: numbersOf(fleets), errors });
      if (ports.globals().json) return ports.context.out(`${JSON.stringify(logs)}\n`);
      if (logs.length === 0) {
        ports.context.err(
          errors ? "nothing is noted that went wrong\n" : "no logs are there yet\n",
        );
      }
      for (const { path, text } of logs) {
        ports.context.out(`==> ${path} <==\n${text.trimEnd()}\n\n`);
      }
    });
}

async function goOn(
  ports: CommandPorts,
  project: Project,
  fleets: readonly number[] | undefined,
  intervalMs?: number,
): Promise<void> {
  await untilInterrupted(
    "Cannot go on adding allocations: interrupted; those that there are go on",
    "`expflow launch keep` goes on where it was, `expflow launch stop` ends them",
    (signal) =>
      keepToppedUp(project, fleets, {
        intervalMs,
        signal,
        onToppedUp: (one) => ports.context.err(`${toppedUpLine(one)}\n`),
        onRecovered: (one) => ports.context.err(`${recoveredLine(one)}\n`),
      }),
  );
}

function numbersOf(words: readonly string[]): number[] {
  return words.map((word) => {
    if (/^\d{1,9}$/.test(word)) return Number(word);
    throw new UsageError(`Cannot use ${JSON.stringify(word)} as a fleet: expected its number`, {
      hint: "`expflow launch status` shows the numbers",
    });
  });
}
