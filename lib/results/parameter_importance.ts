import type { ParamValue } from "../core/params.ts";
import { showParam, splitParams } from "./factors.ts";
import { fieldsOf } from "./fields.ts";
import { numberText, plainNumber } from "./numbers.ts";
import { metricsNamed } from "./pivot.ts";
import type { ResultRecord } from "./records.ts";
import { type Feature, permutationImportance } from "./statistics/importance.ts";
import { seededDraw, shuffled } from "./statistics/random.ts";
import { metricOf, type Use } from "./summary.ts";
import type { Table } from "./table_model.ts";

/** How importance is found. */
export interface ImportanceOptions {
  /** `last` unless told. */
  use?: Use;
  /** `seed` unless told; it is no parameter here. */
  seedKey?: string;
  /** Of the forest; 0 unless told. */
  seed?: number;
}

/** Which parameters a metric depends on, most first. */
export interface ParameterImportance {
  /** Name of the metric. */
  metric: string;
  /** Runs that were looked at. */
  n: number;
  /** Share of the variance of unseen runs that the forest explains; absent when there is none. */
  r2?: number;
  /** Rise of the squared error when a parameter is permuted, as a share of the variance. */
  params: { name: string; importance: number }[];
  /** What a reader must know, one line each. */
  warnings: string[];
}

/** More runs than these are sampled. */
const MOST = 2000;
const FEW = 20;
const POOR = 0.5;

/**
 * Permutation importance of each parameter that differs, on a random forest over completed runs.
 *
 * @throws {UsageError} when no run has the metric as a number.
 *
 * @example
 * ```ts
 * import { parameterImportance, type ResultRecord } from "@expflow/cli";
 *
 * const records = Array.from({ length: 16 }, (_, run): ResultRecord => ({
 *   experiment: "exp001",
 *   run,
 *   state: "completed",
 *   params: { lr: 0.1 * (run % 4), width: Math.floor(run / 4) },
 *   metrics: { acc: { last: run % 4, source: "result.json" } },
 *   jobs: {},
 *   sources: [],
 *   problems: [],
 * }));
 * const { params } = parameterImportance(records, "acc");
 * if (params[0]?.name !== "lr") throw new Error(JSON.stringify(params));
 * ```
 */
export function parameterImportance(
  records: readonly ResultRecord[],
  metric: string,
  { use = "last", seedKey = "seed", seed = 0 }: ImportanceOptions = {},
): ParameterImportance {
  const { name } = metricsNamed([metric], records, fieldsOf(records))[0]!;
  const all = records.filter((record) =>
    record.state === "completed" && Number.isFinite(metricOf(record, name, use))
  );
  const usable = all.length <= MOST
    ? all
    : shuffled(all.length, seededDraw(seed)).slice(0, MOST).map((at) => all[at]!);
  const { varying } = splitParams(usable.map(({ params }) => params));
  const features = varying.filter((name) => name !== seedKey).map((name) =>
    featureOf(name, usable.map(({ params }) => params[name]))
  );
  const target = Float64Array.from(usable, (record) => metricOf(record, name, use)!);
  const found = permutationImportance(features, target, seed);
  const params = Array.from(found?.importance ?? [], ([name, importance]) => ({ name, importance }))
    .sort((a, b) => b.importance - a.importance);
  const warnings = [
    ...(usable.length < all.length ? [`${MOST} of ${all.length} runs were sampled`] : []),
    ...(usable.length < FEW
      ? [`only ${usable.length} ${usable.length === 1 ? "run" : "runs"}`]
      : []),
    ...(found ? [] : ["too few runs, or nothing varies"]),
    ...(found && found.r2 < POOR
      ? [`the forest explains ${percent(found.r2)} of unseen runs: importances say little`]
      : []),
  ];
  return { metric: name, n: usable.length, r2: found?.r2, params, warnings };
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}

/** Numbers are one column, where what is absent is below all; choices one column for each value. */
function featureOf(name: string, values: readonly (ParamValue | undefined)[]): Feature {
  const given = values.filter((value) => value !== undefined && value !== null);
  const numbers = given.filter((value) => typeof value === "number");
  if (numbers.length === given.length) {
    const below = numbers.reduce((least, value) => Math.min(least, value), Infinity) - 1;
    return { name, columns: [Float64Array.from(values, (value) => (value ?? below) as number)] };
  }
  const choices = [...new Set(values.map(showParam))];
  const columns = choices.map((choice) =>
    Float64Array.from(values, (value) => showParam(value) === choice ? 1 : 0)
  );
  return { name, columns };
}

/** Lays out importances: a row a parameter. */
export function importanceTable(
  { metric, n, r2, params, warnings }: ParameterImportance,
): Table {
  return {
    columns: [{ name: "parameter", kind: "key" }, { name: "importance", kind: "value" }],
    rows: params.map(({ name, importance }) => {
      const number = numberText(importance);
      return [{ text: name }, { text: plainNumber(number), number }];
    }),
    notes: [
      `${metric}: n = ${n} runs`,
      ...(r2 === undefined
        ? []
        : [`the forest explains ${percent(r2)} of the variance of unseen runs`]),
      "importance: rise of the squared error when permuted, as a share of the variance",
      ...warnings.map((warning) => `warning: ${warning}`),
    ],
  };
}
