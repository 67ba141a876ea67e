import { join } from "node:path";
import { USUAL_FILES } from "../core/experiment.ts";
import { flattenParams } from "../core/params.ts";
import type { PlacedRun } from "../imports/points.ts";
import { harvestFolder, mergeMetrics } from "../results/harvest.ts";
import type { ResultRecord } from "../results/records.ts";
import { MetricTracker } from "../results/series.ts";
import { oneLine } from "../results/text_width.ts";

/** Where runs are imported from, and into which experiment. */
export interface ImportPlace {
  /** Id of the experiment here. */
  experiment: string;
  /** The tool, as `dr_exp`. */
  from: string;
  /** Its folder, absolute. */
  folder: string;
}

const LONGEST_ERROR = 500;

/**
 * What is known of a run that another tool ran; `undefined` for one that had not begun. What the tool
 * recorded itself counts before what the program wrote.
 */
export function recordOf({ run, index }: PlacedRun, place: ImportPlace): ResultRecord | undefined {
  if (run.state === "queued") return undefined;
  const problems = [...run.problems];
  const tracker = new MetricTracker({ direction: {}, keep: [], series: false });
  tracker.row(run.metrics ?? {});
  const metrics = tracker.metrics(run.file);
  const wrote = run.output === undefined ? undefined : harvestFolder(run.output, {}, USUAL_FILES);
  problems.push(...wrote?.problems ?? []);
  problems.push(...mergeMetrics(metrics, new Map(Object.entries(wrote?.metrics ?? {}))));
  if (run.error !== undefined) problems.push(`${place.from}: ${lastLine(run.error)}`);
  if (run.state === "completed" && metrics.size === 0) problems.push("no metrics were found");
  const { seed } = run.params ?? {};
  return {
    experiment: place.experiment,
    run: index,
    state: run.state,
    ...typeof seed === "number" && Number.isInteger(seed) ? { seed } : {},
    params: Object.fromEntries(flattenParams(run.params ?? {})),
    ...Object.keys(wrote?.reported ?? {}).length > 0 ? { reported: wrote!.reported } : {},
    metrics: Object.fromEntries(metrics),
    ...timesOf(run),
    ...run.attempt ? { attempt: run.attempt } : {},
    jobs: {},
    imported: {
      from: place.from,
      folder: place.folder,
      id: run.id,
      ...run.output === undefined ? {} : { output: run.output },
      details: run.details,
    },
    sources: [
      join(place.folder, run.file),
      ...wrote?.sources.map((source) => join(run.output!, source)) ?? [],
    ],
    ...wrote && wrote.formats.length > 0 ? { formats: wrote.formats } : {},
    problems: problems.map(oneLine),
  };
}

function timesOf({ started, ended }: PlacedRun["run"]) {
  const elapsed = started === undefined || ended === undefined
    ? undefined
    : (Date.parse(ended) - Date.parse(started)) / 1000;
  return {
    ...started === undefined ? {} : { started },
    ...ended === undefined ? {} : { ended },
    ...elapsed === undefined || elapsed < 0 ? {} : { elapsed },
  };
}

/** The last line of an error, where Python names it; all of it is in the text that is kept. */
function lastLine(error: string): string {
  const line = error.trimEnd().split(/\r?\n/).at(-1)!.trim();
  return line.length <= LONGEST_ERROR ? line : `${line.slice(0, LONGEST_ERROR)}…`;
}
