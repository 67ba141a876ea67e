import type { Experiment, Stage } from "../core/experiment.ts";
import type { Params } from "../core/params.ts";
import type { Harvest } from "../results/harvest.ts";
import type { MetricScalar, MetricValue } from "../results/records.ts";

/** What a manager is told when it decides how a stage runs. */
export interface StageContext {
  /** As it will be submitted, but for the commands. */
  experiment: Experiment;
  /** The one whose command is wanted; `command` holds what the file says. */
  stage: Stage;
}

/** What a manager is told when it reads the results of a run. */
export interface HarvestContext {
  /** As it was submitted last, with `harvest:` as the file has it now. */
  experiment: Experiment;
  /** Index of the run. */
  run: number;
  /** The run's folder. */
  folder: string;
  /** What this run was started with. */
  params: Params;
  /** Reads what `harvest:` declares, or the usual files. */
  read(): Harvest;
}

/** Metrics as a manager may give them: plain values, or with their best and its step. */
export type HarvestedMetrics = Record<string, MetricScalar | MetricValue>;

/** What a user's own manager decides. The YAML file's `command` is the default of the same thing. */
export interface Hooks {
  /** Stages that the manager has a script for, even when the file does not name them. */
  readonly ownStages: readonly string[];
  /** The bash command of a stage, with placeholders such as `{params.lr}`. */
  stageScript(context: StageContext): string;
  /** The metrics of a run. */
  harvestResults(context: HarvestContext): HarvestedMetrics | Promise<HarvestedMetrics>;
}

/** What happens without a manager of the user's own. */
export const DEFAULT_HOOKS: Hooks = {
  ownStages: [],
  stageScript: ({ stage }) => stage.command,
  harvestResults: (context) => context.read().metrics,
};
