import { Option } from "@commander-js/extra-typings";
import { checkId } from "../../core/ids.ts";
import { queryResults, type ResultsQuery } from "../../manager/results.ts";
import { importedNote } from "../../results/imported_note.ts";
import type { Found } from "../../results/query.ts";
import { renderTable } from "../../results/table.ts";
import type { Table } from "../../results/table_model.ts";
import { openForCommand } from "../open.ts";
import type { CommandPorts } from "../registry.ts";

/** The option for conditions, as help tells it. */
export const WHERE = [
  "--where <condition>",
  "only runs that fulfil it, as lr > 0.01 and model = 'r50'",
] as const;

/** Which value of a run counts. */
export function useOption() {
  return new Option("--use <value>", "the last value of a metric, or the best of its series")
    .choices(["last", "best"] as const).default("last" as const);
}

/** The runs that a command is about; says how many it could not decide on. */
export async function selectRuns(ports: CommandPorts, query: ResultsQuery): Promise<Found> {
  const project = await openForCommand(ports);
  const ids = query.ids?.length
    ? query.ids.map((id) => checkId(id, "an experiment id"))
    : undefined;
  const found = queryResults(project, { ...query, ids });
  if (found.undecided > 0) {
    ports.context.err(`left out: ${found.undecided} runs that lack what the condition asks for\n`);
  }
  const imported = importedNote(found.records);
  if (imported !== undefined) ports.context.err(`${imported}\n`);
  return found;
}

/** Prints data as JSON where that was asked for, else as a table. */
export function tell({ context, globals }: CommandPorts, data: unknown, table: () => Table): void {
  if (globals().json) context.out(`${JSON.stringify(data)}\n`);
  else {
    const style = { width: context.columns, color: context.color };
    context.out(`${renderTable(table(), style)}\n`);
  }
}
