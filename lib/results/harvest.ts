import type { HarvestFormat, HarvestSpec } from "../core/experiment.ts";
import type { ParamValue } from "../core/params.ts";
import { type HarvestLogs, locate, type Source } from "./locate.ts";
import type { MetricScalar, MetricValue } from "./records.ts";
import { RunFolder } from "./run_folder.ts";
import { type Curve, CurveCollector, MetricTracker, type Sink } from "./series.ts";
import { oneLine } from "./text_width.ts";

/** What was found in the folder of one run. */
export interface Harvest {
  /** By name; groups in a file give dotted names. */
  metrics: Record<string, MetricValue>;
  /** Parameters that files of the program name, by dotted key; of two files the first counts. */
  reported: Record<string, ParamValue>;
  /** What was read, in the order of precedence. */
  sources: string[];
  /** How it was read. */
  formats: HarvestFormat[];
  /** The same as single files. */
  files: string[];
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
  folder: string | RunFolder,
  options: HarvestOptions,
  spec: HarvestSpec,
): Harvest {
  const opened = asFolder(folder);
  const { sources, missing, problems } = locate(opened, options.logs ?? {}, spec);
  const metrics = new Map<string, MetricValue>();
  const reported = new Map<string, ParamValue>();
  for (const source of sources) {
    const { keep, prefix, reader } = source;
    const { direction } = spec;
    const tracker = new MetricTracker({ direction, keep, prefix, series: reader.series });
    problems.push(...readSource(source, tracker));
    const found = tracker.metrics(source.name);
    problems.push(...mergeMetrics(metrics, found), ...notFound(source, found));
    for (const [name, value] of tracker.reported) {
      if (!reported.has(name)) reported.set(name, value);
    }
  }
  return {
    metrics: Object.fromEntries(metrics),
    reported: Object.fromEntries(reported),
    sources: sources.map(({ name }) => name),
    formats: [...new Set(sources.map(({ reader }) => reader.format))],
    files: sources.flatMap(({ files }) => files.map(({ name }) => name)),
    missing,
    problems: [...problems, ...opened.problems].map(oneLine),
  };
}

/**
 * Reads how every metric of a run developed, or only one; each from the first source that has it as
 * a series.
 */
export function readCurves(
  folder: string,
  options: HarvestOptions,
  spec: HarvestSpec,
  only?: string,
): Curve[] {
  const curves = new Map<string, Curve>();
  for (const source of locate(asFolder(folder), options.logs ?? {}, spec).sources) {
    const { prefix, keep, reader } = source;
    const names = only === undefined ? keep : [only];
    if (!reader.series || (only !== undefined && keep.length > 0 && !keep.includes(only))) continue;
    const collector = new CurveCollector(names, prefix);
    readSource(source, collector);
    for (const curve of collector.curves()) {
      if (!curves.has(curve.metric)) curves.set(curve.metric, curve);
    }
    if (only !== undefined && curves.size > 0) break;
  }
  return [...curves.values()];
}

/** The curve of one metric, as {@linkcode readCurves} reads it; `undefined` when none has it. */
export function readCurve(
  folder: string,
  options: HarvestOptions,
  spec: HarvestSpec,
  metric: string,
): Curve | undefined {
  return readCurves(folder, options, spec, metric)[0];
}

function asFolder(folder: string | RunFolder): RunFolder {
  return typeof folder === "string" ? new RunFolder(folder) : folder;
}

function readSource({ reader, files }: Source, sink: Sink): string[] {
  return files.flatMap((file) => {
    try {
      return reader.read(file, sink);
    } catch (error) {
      return [`${file.name}: cannot be read: ${error instanceof Error ? error.message : error}`];
    }
  });
}

/** Adds metrics to those that count before them; one line for each that differs. */
export function mergeMetrics(
  into: Map<string, MetricValue>,
  found: ReadonlyMap<string, MetricValue>,
): string[] {
  const problems: string[] = [];
  for (const [name, value] of found) {
    const first = into.get(name);
    if (!first) into.set(name, value);
    else if (same(first.last, value.last)) into.set(name, { ...value, ...first });
    else {
      problems.push(
        `${name}: ${first.last} in ${first.source}, ${value.last} in ${value.source}; ` +
          "the first counts",
      );
    }
  }
  return problems;
}

/** TensorBoard keeps 32 bits of a number, other files 64. */
function same(one: MetricScalar, other: MetricScalar): boolean {
  if (typeof one !== "number" || typeof other !== "number") return one === other;
  return Math.fround(one) === Math.fround(other);
}

function notFound({ name, keep, reader }: Source, found: Map<string, MetricValue>): string[] {
  if (reader.format === "regex") return [];
  return keep.filter((metric) => !found.has(metric)).map((metric) => `${name}: holds no ${metric}`);
}
