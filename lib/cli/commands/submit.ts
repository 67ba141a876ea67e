import type { Command } from "@commander-js/extra-typings";
import { ExitCode, InterruptedError, UsageError } from "../../core/errors.ts";
import { parseRunReference } from "../../core/ids.ts";
import type { Project } from "../../manager/project.ts";
import { previewSubmit, submit, type SubmitOptions, wait } from "../../manager/submit.ts";
import { countStates } from "../../submission/status.ts";
import { openForCommand } from "../open.ts";
import { ProgressLine, tellCounts } from "../progress.ts";
import type { CommandPorts } from "../registry.ts";
import { SITE_OPTION } from "../tell_site.ts";
import { tellOutcome, tellPreview, tellSkipped } from "../tell_submission.ts";

/** Above this many runs a person is asked. */
const CONFIRM_ABOVE = 20;

/** `expflow submit ID[/run]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("<id>", "an experiment, or one run as ID/run")
    .option("--stage <name>", "only this stage")
    .option("--train-only", "as --stage train")
    .option("--eval-only", "as --stage eval")
    .option("--dry-run", "say exactly what would be done, and do nothing")
    .option("--wait", "wait until every run has ended; exit code 1 when one did not complete")
    .option("-y, --yes", `do not ask, even above ${CONFIRM_ABOVE} runs`)
    .option("--force", "run again what is completed or queued")
    .option(SITE_OPTION[0], SITE_OPTION[1])
    .action(async (text, options) => {
      const project = await openForCommand(ports, options.site);
      const { experiment: id, run } = parseRunReference(text);
      const only = options.trainOnly ? "train" : options.evalOnly ? "eval" : undefined;
      const wanted: SubmitOptions = {
        stage: options.stage ?? only,
        force: options.force,
        runs: run === undefined ? undefined : [run],
      };
      if (options.dryRun) return tellPreview(ports, await previewSubmit(project, id, wanted));
      if (!options.yes) await confirm(ports, project, id, wanted);
      await submitAndTell(ports, project, id, wanted, options.wait ?? false);
    });
}

/** Submits, says what was done and, when asked, waits with a progress line. */
export async function submitAndTell(
  ports: CommandPorts,
  project: Project,
  id: string,
  wanted: SubmitOptions,
  waiting: boolean,
): Promise<void> {
  const outcome = await submit(project, id, wanted);
  if (!waiting) return tellOutcome(ports, id, outcome);
  tellSkipped(ports, outcome.selected);
  const { context } = ports;
  const line = new ProgressLine(context);
  const status = await untilInterrupted(id, (signal) =>
    wait(project, id, {
      runs: wanted.runs,
      signal,
      onProgress: (counts) => line.update(counts),
    })).finally(() => line.finish());
  const counts = countStates(status.runs);
  if (ports.globals().json) context.out(`${JSON.stringify({ id, counts })}\n`);
  else context.out(`${id}: ${tellCounts(counts)}\n`);
  if (status.runs.some(({ state }) => state !== "completed")) ports.exitWith(ExitCode.failed);
}

/** Lets Ctrl-C end the wait, and says what becomes of the runs. */
async function untilInterrupted<T>(
  id: string,
  waiting: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const hint = `\`expflow status ${id}\` shows them, \`expflow cancel ${id}\` ends them`;
  const interrupt = () =>
    controller.abort(new InterruptedError("Stopped waiting; the runs go on", { hint }));
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    return await waiting(controller.signal);
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}

async function confirm(
  ports: CommandPorts,
  project: Project,
  id: string,
  wanted: SubmitOptions,
): Promise<void> {
  const { selected } = await previewSubmit(project, id, wanted);
  const count = selected.runs.length;
  if (count <= CONFIRM_ABOVE) return;
  const answer = ports.context.ask(`Submit ${count} runs of ${id}? [y/N]`, "n");
  if (answer !== undefined && /^y(es)?$/i.test(answer.trim())) return;
  throw new UsageError(
    answer === undefined
      ? `Cannot ask whether to submit ${count} runs of ${id}: this is no terminal`
      : `Not submitted: ${count} runs of ${id}`,
    { hint: "--yes submits without a question, --dry-run shows what would be submitted" },
  );
}
