import type { Command } from "@commander-js/extra-typings";
import { type QueueStatus, queueStatus, type WorkerStatus } from "../../manager/queue_status.ts";
import { unattendedLine } from "../../manager/unattended.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";
import { outlookText, span } from "../tell_outlook.ts";
import { textTable } from "../text_table.ts";
import { heardOf } from "./items.ts";

/** Names of runs that are printed for one worker. */
const RUNS_SHOWN = 4;

/** `expflow queue status` */
export function defineStatus(command: Command, ports: CommandPorts): void {
  command
    .description("count what is in the queue, and show its workers, their rate and the time left")
    .action(async () => {
      const status = await queueStatus(await openForCommand(ports));
      const { context } = ports;
      context.out(ports.globals().json ? `${JSON.stringify(status)}\n` : tell(status, ports));
      if (status.unattended > 0) context.err(`warning: ${unattendedLine(status.unattended)}\n`);
    });
}

function tell(status: QueueStatus, { context }: CommandPorts): string {
  const { counts, priorities, workers, oldest } = status;
  const counted = Object.entries(counts).map(([state, n]) => `${n} ${state.replaceAll("_", " ")}`);
  if (counted.length === 0) return "the queue is empty\n";
  const waits = oldest ? `oldest: ${oldest.item}, waits ${span(oldest.seconds)}\n` : "";
  const rows = priorities.map(({ priority, running, queued, held }) =>
    [priority, running, queued, held].map(String)
  );
  return [
    `${counted.join(", ")}\n`,
    outlookText(status),
    waits,
    rows.length > 0
      ? `\n${textTable(["priority", "running", "queued", "held"], rows, Infinity)}`
      : "",
    workers.length > 0 ? `\n${workerTable(workers, context.columns)}` : "",
  ].join("");
}

function workerTable(workers: readonly WorkerStatus[], columns: number): string {
  const head = ["worker", "heard of", "CPUs", "GPUs", "allocation", "runs"];
  const rows = workers.map(({ id, silent, cpus, gpus, allocation, runs }) => [
    id,
    heardOf(silent),
    cpus === undefined ? "" : String(cpus),
    gpus?.join(",") ?? "",
    allocation ? `${allocation.scheduler} ${allocation.job}` : "",
    runs.slice(0, RUNS_SHOWN).join(" ") + (runs.length > RUNS_SHOWN ? " …" : ""),
  ]);
  return textTable(head, rows, columns);
}
