import type { Command } from "@commander-js/extra-typings";
import { ExitCode, UsageError } from "../../core/errors.ts";
import { parseRunReference } from "../../core/ids.ts";
import { reproduce, type Reproduction } from "../../manager/reproduce.ts";
import type { Project } from "../../manager/project.ts";
import { wait } from "../../manager/submit.ts";
import { verifyReproduction } from "../../manager/verify.ts";
import { countStates } from "../../submission/status.ts";
import { untilInterrupted } from "../interrupt.ts";
import { openForCommand } from "../open.ts";
import { ProgressLine, tellCounts } from "../progress.ts";
import type { CommandPorts } from "../registry.ts";
import { textTable } from "../text_table.ts";

/** `expflow reproduce ID/run [--as ID] [--dry-run] [--verify [--tolerance T]]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<run>", "the run to do again, as ID/run")
    .option("--as <id>", "id of the experiment that is made for it")
    .option("--dry-run", "say what would be restored and what not, and do nothing")
    .option("--verify", "wait, and compare metrics; exit code 1 unless all are equal")
    .option("--tolerance <number>", "with --verify: largest relative difference", readTolerance)
    .action(async (text, { as, dryRun, verify, tolerance }) => {
      const project = await openForCommand(ports);
      const made = await reproduce(project, parseRunReference(text), { as, dryRun });
      tell(ports, made, { dryRun, verify });
      const verified = verify && !dryRun
        ? await verifyAndTell(ports, project, made.id, tolerance)
        : undefined;
      if (ports.globals().json) {
        const { text: _, ...rest } = made;
        ports.context.out(`${JSON.stringify({ ...rest, verification: verified })}\n`);
      }
    });
}

function tell(
  { context, globals }: CommandPorts,
  made: Reproduction,
  { dryRun, verify }: { dryRun?: boolean; verify?: boolean },
): void {
  const { id, reproduces, restored, losses, jobs } = made;
  for (const line of restored) context.err(`restored: ${line}\n`);
  for (const { subject, why } of losses) context.err(`not restored: ${subject}: ${why}\n`);
  if (globals().json) return;
  if (dryRun) context.out(made.text);
  else {
    context.out(`${id}: ${reproduces} again, job ${Object.values(jobs).join(", ")}\n`);
    if (!verify) context.out(`next: expflow status ${id}\n`);
  }
}

async function verifyAndTell(
  ports: CommandPorts,
  project: Project,
  id: string,
  tolerance: number | undefined,
) {
  const { context } = ports;
  const line = new ProgressLine(context);
  const { runs } = await untilInterrupted(
    "Stopped waiting; the run goes on",
    `\`expflow status ${id}\` shows it`,
    (signal) => wait(project, id, { signal, onProgress: (counts) => line.update(counts) }),
  ).finally(() => line.finish());
  const found = await verifyReproduction(project, id, { tolerance });
  if (!found.equal) ports.exitWith(ExitCode.failed);
  if (ports.globals().json) return found;
  context.out(`${id}: ${tellCounts(countStates(runs))}\n`);
  if (found.metrics.length === 0) context.out("no metrics were found in either run\n");
  const rows = found.metrics.map(({ name, original, reproduced, difference, verdict }) => [
    name,
    shown(original),
    shown(reproduced),
    difference === undefined ? "–" : String(difference),
    verdict,
  ]);
  if (rows.length > 0) {
    const columns = ["metric", found.reproduces, found.id, "difference", "verdict"];
    context.out(textTable(columns, rows, Infinity));
  }
  return found;
}

function shown(value: unknown): string {
  return value === null ? "–" : String(value);
}

function readTolerance(value: string): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number) && number >= 0) return number;
  throw new UsageError(`Cannot use the tolerance ${JSON.stringify(value)}`, {
    hint: "a number from 0, as in 1e-6",
  });
}
