import type { Command } from "@commander-js/extra-typings";
import { defineBars } from "../plots/bars.ts";
import { defineCurves } from "../plots/curves.ts";
import { defineGpuHours } from "../plots/gpu_hours.ts";
import { defineHeatmap } from "../plots/heatmap.ts";
import { defineImportance } from "../plots/importance.ts";
import { defineParallel } from "../plots/parallel.ts";
import { definePareto } from "../plots/pareto.ts";
import { defineScatter } from "../plots/scatter.ts";
import type { CommandPorts } from "../registry.ts";

/** `expflow plot curves|bars|parallel|scatter|heatmap|importance|pareto|gpu-hours` */
export function define(command: Command, ports: CommandPorts): void {
  defineCurves(command.command("curves"), ports);
  defineBars(command.command("bars"), ports);
  defineParallel(command.command("parallel"), ports);
  defineScatter(command.command("scatter"), ports);
  defineHeatmap(command.command("heatmap"), ports);
  defineImportance(command.command("importance"), ports);
  definePareto(command.command("pareto"), ports);
  defineGpuHours(command.command("gpu-hours"), ports);
}
