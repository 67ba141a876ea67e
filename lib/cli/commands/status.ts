import type { Command } from "@commander-js/extra-typings";
import { parseRunReference } from "../../core/ids.ts";
import { isEnded } from "../../core/states.ts";
import { onlyRun, status } from "../../manager/status.ts";
import { countStates, type ExperimentStatus, type RunStatus } from "../../submission/status.ts";
import { type Lineage, lineageOf } from "../../submission/retry/lineage.ts";
import { lineageText } from "../tell_failure.ts";
import type { CliContext } from "../context.ts";
import { openForCommand } from "../open.ts";
import { tellCounts } from "../progress.ts";
import type { CommandPorts } from "../registry.ts";
import { tellStart } from "../tell_advice.ts";
import { textTable } from "../text_table.ts";

const WATCH_MS = 2000;
const ROWS_SHOWN = 30;

/** `expflow status [ID[/run]] [--watch]` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("[id]", "an experiment, or one run as ID/run; all experiments without it")
    .option("-w, --watch", "show it again every two seconds until everything has ended")
    .option("-a, --all", "every run, not only the first ones")
    .action(async (id, options) => {
      const project = await openForCommand(ports);
      const { context } = ports;
      for (;;) {
        const found = await statusFor(project, id);
        const text = ports.globals().json
          ? `${JSON.stringify(found.map(asJson))}\n`
          : found.map((one) => describe(one, context, options.all ?? false)).join("\n");
        const redraw = options.watch && context.terminal.out && !ports.globals().json;
        context.out(redraw ? `\x1b[H\x1b[2J${text}` : text);
        const ended = found.every(({ runs }) => runs.every(({ state }) => isEnded(state)));
        if (!options.watch || ended) return;
        await context.clock.sleep(WATCH_MS);
      }
    });
}

/** What is shown of an experiment; its lineage knows all runs. */
type Shown = ExperimentStatus & { lineage: Lineage };

async function statusFor(
  project: Awaited<ReturnType<typeof openForCommand>>,
  text: string | undefined,
): Promise<Shown[]> {
  const { experiment, run } = text === undefined ? {} : parseRunReference(text);
  const found = await status(project, { ids: experiment === undefined ? undefined : [experiment] });
  return found.map((one) => ({
    ...run === undefined ? one : onlyRun(one, run),
    lineage: lineageOf(one.plans, one.runs),
  }));
}

/** The documented shape of `status --json`: one object an experiment. */
export function asJson({ id, runs, plans, lineage }: Shown): unknown {
  return {
    id,
    submissions: plans.map((plan) => plan.submission),
    counts: countStates(runs),
    runs: runs.map(({ index, state, params, seed, stages, parent }) => ({
      run: index,
      state,
      params,
      seed,
      stages,
      ...lineageJson(lineage, index, parent),
    })),
  };
}

function lineageJson(lineage: Lineage, run: number, parent: number | undefined): object {
  const retries = lineage.retriesOf(run);
  const children = lineage.childrenOf(run);
  return {
    ...parent === undefined ? {} : { parent },
    ...children.length > 0 ? { children } : {},
    ...retries.length > 0 ? { retries } : {},
  };
}

function describe(
  { id, runs, lineage }: Shown,
  context: CliContext,
  all: boolean,
): string {
  const shown = all ? runs : runs.slice(0, ROWS_SHOWN);
  const head = `${id}: ${tellCounts(countStates(runs))}\n`;
  if (runs.length === 0) return head;
  const now = Math.floor(context.clock.now() / 1000);
  const table = textTable(
    ["run", "state", "job", "time", "why", "parameters"],
    shown.map((run) => rowOf(run, now, lineage)),
    context.columns,
  );
  const more = runs.length - shown.length;
  return head + table + (more > 0 ? `… and ${more} more (--all)\n` : "");
}

function rowOf(run: RunStatus, now: number, lineage: Lineage): string[] {
  const stages = Object.values(run.stages);
  const telling = stages.find((stage) => stage.state === run.state) ?? stages.at(-1);
  const seconds = telling?.started === undefined
    ? ""
    : `${Math.max(0, (telling.ended ?? now) - telling.started)}s`;
  const job = telling?.job === undefined
    ? ""
    : telling.job + (telling.task === undefined ? "" : `_${telling.task}`);
  const why = [
    ...run.state === "completed" || !telling?.reason ? [] : [telling.reason],
    ...telling?.expected === undefined
      ? []
      : [tellStart(Math.max(0, telling.expected - now), telling.source)],
    ...lineageText(run, lineage),
  ].join("; ");
  const params = Object.entries(run.params).map(([key, value]) =>
    `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`
  );
  return [String(run.index), run.state.replaceAll("_", " "), job, seconds, why, params.join(" ")];
}
