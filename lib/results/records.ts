import type { HarvestFormat } from "../core/experiment.ts";
import type { ParamValue } from "../core/params.ts";
import type { Resources } from "../core/resources.ts";
import type { RunState } from "../core/states.ts";

/** Whether lower or higher values of a metric are better. */
export type Direction = "min" | "max";

/**
 * What a metric can be. Numbers are finite: JSON has no NaN, so a value that is not finite is kept
 * as one of {@linkcode NON_FINITE}, where a reader and `jq` can see it.
 */
export type MetricScalar = number | string | boolean | null;

/** How values that are not finite are written, in memory and in every file. */
export const NON_FINITE = ["NaN", "Infinity", "-Infinity"] as const;

/** One metric of one run. */
export interface MetricValue {
  /** The last value that was written. */
  last: MetricScalar;
  /** The best finite value of a series; absent for a metric written once. */
  best?: number;
  /** Step at which `best` was first reached, where the file has steps. */
  bestStep?: number;
  /** For numbers only. */
  direction?: Direction;
  /** The file it was read from, relative to the run's folder; `stdout` or `stderr`. */
  source: string;
}

/** A file that a run left. */
export interface Artifact {
  /** Relative to the run's folder. */
  path: string;
  /** Its size. */
  bytes: number;
  /** Whether its name, or its folder's, is that of a checkpoint. */
  checkpoint?: true;
  /** Absent for a file over 1 MiB that `harvest.artifacts` does not name. */
  sha256?: string;
}

/** Of a run that another tool ran: expflow did not. */
export interface ImportedFrom {
  /** The tool, as `dr_exp`. */
  from: string;
  /** Its folder, absolute, as it was at the import. */
  folder: string;
  /** The run's name in that tool. */
  id: string;
  /** Absolute path of the folder with what its program wrote; curves are read from there. */
  output?: string;
  /** What else that tool said of it, by its own names. */
  details: Record<string, string | number | boolean>;
}

/** Everything known of one run after a harvest. A metric that was not found is not in `metrics`. */
export interface ResultRecord {
  /** Id of the experiment. */
  experiment: string;
  /** Index of the run. */
  run: number;
  /** When it was harvested; the metrics of a run that did not complete are partial. */
  state: RunState;
  /** Absent when the sweep has no seeds. */
  seed?: number;
  /** By dotted key. */
  params: Record<string, ParamValue>;
  /** Parameters as files of the program name them, by dotted key; absent when none do. */
  reported?: Record<string, ParamValue>;
  /** By name. */
  metrics: Record<string, MetricValue>;
  /** ISO 8601. */
  started?: string;
  /** ISO 8601. */
  ended?: string;
  /** Seconds. */
  elapsed?: number;
  /** Stage → seconds of its last execution, from its start to its end; absent until then. */
  stageElapsed?: Record<string, number>;
  /** Number of the last execution: 1, and one more for each restart or retry. */
  attempt?: number;
  /** Stage → id of its job. */
  jobs: Record<string, string>;
  /** Stage → what its job asked for. */
  resources?: Record<string, Resources>;
  /** Hash of the code that ran, with `+dirty` when files differed; absent outside git. */
  commit?: string;
  /** `EXPERIMENT/INDEX` of the run that it reproduces. */
  reproduces?: string;
  /** Present where another tool ran it, and `import` took the record over. */
  imported?: ImportedFrom;
  /** What was read. */
  sources: string[];
  /** How it was read. */
  formats?: HarvestFormat[];
  /** Checkpoints and other files the run left, but for those that were read; absent without any. */
  artifacts?: Artifact[];
  /** One line each; empty when all is well. */
  problems: string[];
}

/** Whether a metric was written but is not finite (a loss that diverged). */
export function isNonFinite(value: MetricScalar): boolean {
  return (NON_FINITE as readonly MetricScalar[]).includes(value);
}

/** A number as metrics keep it: itself, or its name when it is not finite. */
export function metricNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
