import type { SearchStatus } from "../manager/search.ts";
import type { ReportedTrial, SearchReport } from "../manager/search_report.ts";
import { importanceTable } from "../results/parameter_importance.ts";
import { renderTable } from "../results/table.ts";
import type { Started, Told } from "../search/journal.ts";
import type { CommandPorts } from "./registry.ts";
import { textTable } from "./text_table.ts";

/** One line on a trial that begins, goes on or ends. */
export function tellEvent(event: Started | Told): string {
  const name = `trial ${event.trial}`;
  if (event.event === "started") {
    return event.rung === 0 ? `${name} begins` : `${name} goes on at rung ${event.rung}`;
  }
  const { run, value, failed } = event;
  return value === undefined
    ? `${name} failed (run ${run}): ${failed}`
    : `${name}: ${value} (run ${run})`;
}

/** Says how far a search is. */
export function tellSearch({ context }: CommandPorts, status: SearchStatus): void {
  const { id, wanted, begun, valued, failed, open, best, driver } = status;
  context.out(
    `${id}: ${begun} of ${wanted} trials: ${valued} with a value, ${failed} failed, ${open} open\n`,
  );
  if (best) context.out(`best: ${best.value} (trial ${best.trial}, run ${id}/${best.run})\n`);
  if (driver) {
    const since = new Date(driver.since * 1000).toISOString();
    context.out(`driven by process ${driver.pid} on ${driver.host} since ${since}\n`);
  } else if (begun < wanted || open > 0) {
    context.out(`next: expflow search run ${id}\n`);
  }
}

/** Prints everything a search found. */
export function tellReport(ports: CommandPorts, report: SearchReport): void {
  const { context } = ports;
  tellSearch(ports, report);
  const { trials, curve, importance, metric, direction } = report;
  if (trials.length === 0) return;
  const keys = Object.keys(trials[0]!.params);
  const budgets = trials.some(({ budget }) => budget !== undefined);
  const head = ["trial", ...keys, ...budgets ? ["budget"] : [], metric, "run", ""];
  const rows = trials.map((trial) => rowOf(trial, keys, budgets, report.best?.trial));
  context.out(`\n${textTable(head, rows, context.columns)}`);
  const steps = curve.filter((best, index) => best.trial !== curve[index - 1]?.trial);
  if (steps.length > 0) {
    const told = steps.map(({ trial, value }) => `${value} (trial ${trial})`).join(", ");
    context.out(`\nbest so far (${direction}): ${told}\n`);
  }
  if (!importance) return;
  const style = { width: context.columns, color: context.color };
  context.out(`\n${renderTable(importanceTable(importance), style)}\n`);
}

function rowOf(
  { trial, params, state, run, budget, value, failed }: ReportedTrial,
  keys: readonly string[],
  budgets: boolean,
  best: number | undefined,
): string[] {
  const note = state === "open" ? "open" : failed ?? (trial === best ? "best" : "");
  return [
    String(trial),
    ...keys.map((key) => {
      const param = params[key];
      return typeof param === "string" ? param : JSON.stringify(param ?? null);
    }),
    ...budgets ? [String(budget ?? "")] : [],
    String(value ?? ""),
    String(run ?? ""),
    note,
  ];
}
