import type { HarvestSpec } from "../core/experiment.ts";
import { type HarvestLogs, locate, type Source } from "./locate.ts";
import type { MetricValue } from "./records.ts";
import { oneLine } from "./text_width.ts";
import { type Curve, CurveCollector, MetricTracker, type Sink } from "./series.ts";

/** What was found in the folder of one run. */
export interface Harvest {
  /** By name; groups in a file give dotted names. */
  metrics: Record<string, MetricValue>;
  /** Files that were read, in the order of precedence. */
  sources: string[];
  /** Required files that are not there or may not be read. */
  missing: string[];
  /** One line each: what was skipped, and why. */
  problems: string[];
}

/** What a harvest knows beside the folder. */
export interface HarvestOptions {
  logs?: HarvestLogs;
}

/**
 * Reads the metrics of one run. Never throws for what a program wrote or did not write: that is in
 * `problems`. Of two files that hold one metric the first counts.
 */
export function harvestFolder(
  folder: string,
  options: HarvestOptions,
  spec: HarvestSpec,
): Harvest {
  const { sources, missing, problems } = locate(folder, options.logs ?? {}, spec);
  const metrics = new Map<string, MetricValue>();
  for (const source of sources) {
    const tracker = new MetricTracker(spec.direction, source.keep, source.reader.series);
    problems.push(...readSource(source, tracker));
    const found = tracker.metrics(source.file.name);
    problems.push(...merge(metrics, found), ...notFound(source, found));
  }
  return {
    metrics: Object.fromEntries(metrics),
    sources: sources.map((source) => source.file.name),
    missing,
    problems: problems.map(oneLine),
  };
}

/**
 * Reads how one metric of a run developed, from the first file that has it as a series;
 * `undefined` when none has.
 */
export function readCurve(
  folder: string,
  options: HarvestOptions,
  spec: HarvestSpec,
  metric: string,
): Curve | undefined {
  for (const source of locate(folder, options.logs ?? {}, spec).sources) {
    const wanted = source.keep.length === 0 || source.keep.includes(metric);
    if (!source.reader.series || !wanted) continue;
    const collector = new CurveCollector(metric);
    readSource(source, collector);
    const curve = collector.curve();
    if (curve) return curve;
  }
  return undefined;
}

function readSource({ reader, file }: Source, sink: Sink): string[] {
  try {
    return reader.read(file, sink);
  } catch (error) {
    return [`${file.name}: cannot be read: ${error instanceof Error ? error.message : error}`];
  }
}

function merge(into: Map<string, MetricValue>, found: Map<string, MetricValue>): string[] {
  const problems: string[] = [];
  for (const [name, value] of found) {
    const first = into.get(name);
    if (!first) into.set(name, value);
    else if (first.last === value.last) into.set(name, { ...value, ...first });
    else {
      problems.push(
        `${name}: ${first.last} in ${first.source}, ${value.last} in ${value.source}; ` +
          "the first counts",
      );
    }
  }
  return problems;
}

function notFound({ file, keep, reader }: Source, found: Map<string, MetricValue>): string[] {
  if (reader.format === "regex") return [];
  return keep.filter((name) => !found.has(name)).map((name) => `${file.name}: holds no ${name}`);
}
