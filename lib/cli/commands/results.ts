import type { Command } from "@commander-js/extra-typings";
import type { CommandPorts } from "../registry.ts";
import { defineBest } from "../results/best.ts";
import { defineCompare } from "../results/compare.ts";
import { defineDiff } from "../results/diff.ts";
import { defineImportance } from "../results/importance.ts";
import { defineQuery } from "../results/query.ts";
import { defineStats } from "../results/stats.ts";
import { defineTable } from "../results/table.ts";
import { define as defineExport } from "./export.ts";

/** `expflow results query|stats|best|table|importance|compare|diff|export` */
export function define(command: Command, ports: CommandPorts): void {
  defineQuery(command.command("query"), ports);
  defineStats(command.command("stats"), ports);
  defineBest(command.command("best"), ports);
  defineTable(command.command("table"), ports);
  defineImportance(command.command("importance"), ports);
  defineCompare(command.command("compare"), ports);
  defineDiff(command.command("diff"), ports);
  defineExport(command.command("export").description("the same as `expflow export`"), ports);
}
