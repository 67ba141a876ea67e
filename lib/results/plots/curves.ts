import { UsageError } from "../../core/errors.ts";
import type { ParamValue } from "../../core/params.ts";
import type { Curve } from "../series.ts";
import { BAND_WORDS, type BandKind, type BandPoint, curveBand } from "./curve_bands.ts";
import { AXIS, drawing, NUMBERS, PAGE_WIDTH, picture, type PictureOptions } from "./figure.ts";
import { countRange, type LeftOut, leftOutText } from "./left_out.ts";
import { type LineStyle, lineStyles, MOST_LINES } from "./line_styles.ts";
import { xmlText } from "./svg.ts";

/** One line of the plot: replicates that differ by their seed only. */
export interface CurveGroup {
  /** By dotted key, without the seed. */
  params: Record<string, ParamValue>;
  /** One a run. */
  curves: Curve[];
}

/** How learning curves are drawn. */
export interface CurvePlotOptions extends PictureOptions {
  /** With its unit, such as `time (s)`; the key of the steps unless told. */
  xLabel?: string;
  /** With its unit; the metric unless told. */
  yLabel?: string;
  /** `ci` unless told. */
  band?: BandKind;
  /** A logarithmic y axis, for positive values. */
  log?: boolean;
  /** Runs that are not among the curves. */
  leftOut?: LeftOut;
}

interface DrawnGroup {
  style: LineStyle;
  points: BandPoint[];
}

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
  const { width = PAGE_WIDTH, band = "ci", log = false } = options;
  const styles = lineStyles(groups.map((group) => group.params));
  const bands = groups.map(({ curves }) => curveBand(curves, band));
  const drawn = bands.map((points, at): DrawnGroup => ({
    style: styles[at]!,
    points: log ? positive(points) : points,
  })).filter(({ points }) => points.length > 0);
  refuse(drawn, log);
  const curves = groups.flatMap((group) => group.curves);
  const { metric, stepKey } = curves.find(({ points }) => points.length > 0)!;
  const { Plot, part } = await drawing();
  const plot = part({
    width,
    height: options.height ?? Math.round(width * 0.4 + 90),
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: {
      label: xmlText(options.xLabel ?? stepKey),
      ...NUMBERS,
      labelOffset: 38,
      ticks: width < 400 ? 4 : 8,
    },
    y: {
      label: xmlText(options.yLabel ?? metric),
      labelOffset: 68,
      nice: true,
      grid: true,
      ...(log ? { ...AXIS, type: "log", tickFormat: logTick(drawn) } : { ...NUMBERS, ticks: 6 }),
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
  return picture([plot], {
    ...options,
    width,
    left: MARGIN.left,
    legend: drawn.map(({ style }) => style),
    caption: [
      ...explain(drawn, band),
      ...leftOutText(options.leftOut ?? { notCompleted: 0, missing: 0, nonFinite: 0 }, metric),
      ...pointsLeftOut(curves, bands, log),
    ],
  });
}

/** What a logarithmic axis can show; a band that reaches down to 0 ends at the lowest mean. */
function positive(points: readonly BandPoint[]): BandPoint[] {
  const shown = points.filter(({ mean }) => mean > 0);
  const lowest = shown.reduce((low, { mean }) => Math.min(low, mean), Infinity);
  return shown.map((point) =>
    point.low > 0 ? point : { ...point, low: Math.min(lowest, point.mean) }
  );
}

function refuse(drawn: readonly DrawnGroup[], log: boolean): void {
  if (drawn.length === 0) {
    const which = log ? "positive" : "finite";
    throw new UsageError(`Cannot plot curves: no run has ${which} values of the metric`, {
      hint: "harvest shows which metrics there are",
    });
  }
  if (drawn.length > MOST_LINES) {
    throw new UsageError(
      `Cannot plot curves: ${drawn.length} groups, at most ${MOST_LINES} can be told apart`,
      { hint: "choose some of the parameters' values, with --where" },
    );
  }
}

/** What line and band are. */
function explain(drawn: readonly DrawnGroup[], band: BandKind): string[] {
  const counts = drawn.flatMap(({ points }) => points.map(({ n }) => n));
  const runs = countRange(counts, "run");
  if (counts.every((n) => n === 1)) return ["n = 1 run a line"];
  return [`line: mean, ${runs}; band: ${BAND_WORDS[band]}`];
}

function pointsLeftOut(
  curves: readonly Curve[],
  bands: readonly BandPoint[][],
  log: boolean,
): string[] {
  const diverged = curves.reduce((sum, { nonFinite }) => sum + nonFinite, 0);
  const below = log ? bands.flat().filter(({ mean }) => mean <= 0).length : 0;
  const cut = log ? bands.flat().filter(({ mean, low }) => mean > 0 && low <= 0).length : 0;
  return [
    ...(diverged > 0 ? [`left out: ${diverged} points that are NaN or infinite`] : []),
    ...(below > 0 ? [`left out: ${below} means that are not positive`] : []),
    ...(cut > 0 ? [`the band is cut at ${cut} steps where it reaches 0`] : []),
  ];
}

/** Powers of ten, or every tick where the values span less than two of them. */
function logTick(drawn: readonly DrawnGroup[]): (value: number) => string {
  const means = drawn.flatMap(({ points }) => points.map(({ mean }) => Math.log10(mean)));
  const span = means.reduce((a, b) => Math.max(a, b)) - means.reduce((a, b) => Math.min(a, b));
  return (value) => {
    const power = Math.log10(value);
    return span < 1 || Math.abs(power - Math.round(power)) < 1e-9 ? String(value) : "";
  };
}
