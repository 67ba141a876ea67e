import { UsageError } from "../core/errors.ts";
import type { ParamValue } from "../core/params.ts";
import { type BandKind, type BandPoint, curveBand } from "./curve_bands.ts";
import { legend } from "./legend.ts";
import { type LineStyle, lineStyles, MOST_LINES } from "./line_styles.ts";
import type { Curve } from "./series.ts";
import { compose, type SvgPart, textLine, xmlText } from "./svg.ts";

/** One line of the plot: replicates that differ by their seed only. */
export interface CurveGroup {
  /** By dotted key, without the seed. */
  params: Record<string, ParamValue>;
  /** One a run. */
  curves: Curve[];
}

/** How learning curves are drawn. Sizes are CSS pixels; 640 fills the width of a paper's page. */
export interface CurvePlotOptions {
  /** None unless told: a paper has captions. */
  title?: string;
  /** With its unit, such as `time (s)`; the key of the steps unless told. */
  xLabel?: string;
  /** With its unit; the metric unless told. */
  yLabel?: string;
  /** 640 unless told. */
  width?: number;
  /** Of the plot without title and legend. */
  height?: number;
  /** `minmax` unless told. */
  band?: BandKind;
  /** A logarithmic y axis, for positive values. */
  log?: boolean;
}

interface DrawnGroup {
  style: LineStyle;
  points: BandPoint[];
}

const TITLE = { size: 14, weight: "bold", fill: "#000" };
const REMARK = { size: 11, weight: "normal", fill: "#555" };
const MARGIN = { left: 74, right: 14, top: 10, bottom: 46 };

/**
 * Draws learning curves as a self-contained SVG: for each group the mean over its runs, with a band
 * of their spread.
 *
 * @throws {UsageError} when there is nothing to draw, or more lines than can be told apart.
 */
export async function plotCurves(
  groups: readonly CurveGroup[],
  options: CurvePlotOptions = {},
): Promise<string> {
  const styles = lineStyles(groups.map((group) => group.params));
  const kind = options.band ?? "minmax";
  const drawn = groups.map(({ curves }, at): DrawnGroup => ({
    style: styles[at]!,
    points: curveBand(curves, kind).filter(({ low }) => !options.log || low > 0),
  })).filter(({ points }) => points.length > 0);
  if (drawn.length === 0) {
    throw new UsageError("Cannot plot curves: no run has finite values of the metric", {
      hint: "harvest shows which metrics there are",
    });
  }
  if (drawn.length > MOST_LINES) {
    throw new UsageError(
      `Cannot plot curves: ${drawn.length} groups, at most ${MOST_LINES} can be told apart`,
      { hint: "choose some of the parameters' values" },
    );
  }
  const { metric, stepKey } = groups.flatMap((group) => group.curves)
    .find(({ points }) => points.length > 0)!;
  const width = options.width ?? 640;
  const plot = await drawPlot(drawn, {
    ...options,
    width,
    height: options.height ?? Math.round(width / 2 + 80),
    xLabel: xmlText(options.xLabel ?? stepKey),
    yLabel: xmlText(options.yLabel ?? metric),
  });
  return compose([...above(drawn, width, kind, options.title), plot], width);
}

function above(drawn: DrawnGroup[], width: number, kind: BandKind, title?: string): SvgPart[] {
  const inner = width - MARGIN.left - MARGIN.right;
  const styles = drawn.map(({ style }) => style);
  return [
    ...(title === undefined ? [] : [textLine(title, MARGIN.left, TITLE)]),
    ...(styles.length > 1 ? [legend(styles, MARGIN.left, inner)] : []),
    ...explain(drawn, kind).map((text) => textLine(text, MARGIN.left, REMARK)),
  ];
}

/** What line and band are, where there is more than one run to a line. */
function explain(drawn: DrawnGroup[], kind: BandKind): string[] {
  const counts = drawn.flatMap(({ points }) => points.map(({ n }) => n));
  const fewest = counts.reduce((a, b) => Math.min(a, b));
  const most = counts.reduce((a, b) => Math.max(a, b));
  if (most === 1) return [];
  const runs = fewest === most ? `${most} runs` : `${fewest} to ${most} runs`;
  const band = kind === "minmax" ? "lowest to highest" : "± one standard deviation";
  return [`line: mean of ${runs}; band: ${band}`];
}

async function drawPlot(
  drawn: DrawnGroup[],
  options: CurvePlotOptions & { width: number; height: number },
): Promise<SvgPart> {
  const [Plot, { parseHTML }] = await Promise.all([
    import("@observablehq/plot"),
    import("linkedom"),
  ]);
  const { document } = parseHTML("<html></html>") as unknown as { document: unknown };
  const { width, height, xLabel, yLabel, log } = options;
  const axis = { labelAnchor: "center", labelArrow: "none", tickSize: 4 } as const;
  const svg = Plot.plot({
    document,
    width,
    height,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { label: xLabel, ...axis, labelOffset: 38, ticks: 8 },
    y: {
      label: yLabel,
      ...axis,
      labelOffset: 68,
      nice: true,
      grid: true,
      ...(log ? { type: "log", tickFormat: logTick(drawn) } : { ticks: 6 }),
    },
    marks: [
      Plot.frame({ anchor: "bottom", stroke: "#333" }),
      Plot.frame({ anchor: "left", stroke: "#333" }),
      ...drawn.map(({ style, points }) =>
        Plot.areaY(points, {
          x: "step",
          y1: "low",
          y2: "high",
          fill: style.color,
          fillOpacity: 0.16,
        })
      ),
      ...drawn.map(({ style, points }) =>
        Plot.lineY(points, {
          x: "step",
          y: "mean",
          stroke: style.color,
          strokeWidth: 2,
          strokeDasharray: style.dash || undefined,
          marker: points.length === 1 ? "circle" : undefined,
        })
      ),
    ],
  });
  svg.querySelector("style")?.remove();
  return { svg: `<g text-anchor="middle" font-size="12">${svg.innerHTML}</g>`, height };
}

/** Powers of ten, or every tick where the values span less than two of them. */
function logTick(drawn: DrawnGroup[]): (value: number) => string {
  const means = drawn.flatMap(({ points }) => points.map(({ mean }) => Math.log10(mean)));
  const span = means.reduce((a, b) => Math.max(a, b)) - means.reduce((a, b) => Math.min(a, b));
  return (value) => {
    const power = Math.log10(value);
    return span < 1 || Math.abs(power - Math.round(power)) < 1e-9 ? String(value) : "";
  };
}
