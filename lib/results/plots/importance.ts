import { UsageError } from "../../core/errors.ts";
import { type ImportanceOptions, parameterImportance } from "../parameter_importance.ts";
import type { ResultRecord } from "../records.ts";
import { ONE_COLOR } from "./colors.ts";
import { drawing, NUMBERS, PAGE_WIDTH, picture, type PictureOptions, roomFor } from "./figure.ts";
import { distinctLabels, valueLabel } from "./labels.ts";
import { countOf, leftOutText, measured } from "./left_out.ts";

/** How importances are found and drawn. */
export interface ImportancePlotOptions extends PictureOptions, ImportanceOptions {
  /** Name of the metric. */
  metric: string;
}

const MOST = 40;

/**
 * Draws which parameters a metric depends on, by a random forest, most first.
 *
 * @throws {UsageError} when no run has the metric as a number, or nothing can be said.
 *
 * @example
 * ```ts
 * import { plotImportance, type ResultRecord } from "@expflow/cli";
 *
 * const records = Array.from({ length: 24 }, (_, run): ResultRecord => ({
 *   experiment: "exp001",
 *   run,
 *   state: "completed",
 *   params: { lr: 0.1 * (run % 4), width: Math.floor(run / 4) },
 *   metrics: { acc: { last: run % 4, source: "result.json" } },
 *   jobs: {},
 *   sources: [],
 *   problems: [],
 * }));
 * const svg = await plotImportance(records, { metric: "acc" });
 * if (!svg.includes("n = 24 runs")) throw new Error(svg);
 * ```
 */
export async function plotImportance(
  records: readonly ResultRecord[],
  options: ImportancePlotOptions,
): Promise<string> {
  const { width = PAGE_WIDTH, metric, use = "last" } = options;
  const found = parameterImportance(records, metric, options);
  const shown = found.params.slice(0, MOST);
  if (shown.length === 0) {
    throw new UsageError(`Cannot plot what ${metric} depends on: ${found.warnings.join(", ")}`, {
      hint: "4 or more completed runs with different parameters are needed, 20 are good",
    });
  }
  const labels = distinctLabels(shown.map(({ name }) => valueLabel(name)));
  const bars = shown.map(({ importance }, at) => ({ importance, label: labels[at]! }));
  const { Plot, part } = await drawing();
  const plot = part({
    width,
    height: options.height ?? bars.length * 24 + 58,
    marginLeft: 20 + roomFor(labels, width * 0.4),
    marginRight: 20,
    marginTop: 8,
    marginBottom: 44,
    x: {
      label: "rise of squared error (share of variance)",
      ...NUMBERS,
      labelAnchor: "center",
      grid: true,
      labelOffset: 36,
      ticks: width < 400 ? 4 : 8,
    },
    y: { label: null, tickSize: 0, domain: labels, padding: 0.25 },
    marks: [
      Plot.barX(bars, { x: "importance", y: "label", fill: ONE_COLOR }),
      Plot.ruleX([0], { stroke: "#333" }),
    ],
  });
  const explained = found.r2 === undefined
    ? []
    : [`the forest explains ${Math.round(found.r2 * 100)}% of the variance of unseen runs`];
  const caption = [
    `${found.metric}: n = ${countOf(found.n, "run")}`,
    ...explained,
    ...(found.params.length > MOST ? [`${MOST} of ${found.params.length} parameters`] : []),
    ...found.warnings.map((warning) => `warning: ${warning}`),
    ...leftOutText(measured(records, [found.metric], use).leftOut, found.metric),
  ];
  return picture([plot], { ...options, width, caption });
}
