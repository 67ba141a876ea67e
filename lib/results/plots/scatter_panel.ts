import type { Drawing } from "./figure.ts";
import { fitText, labelWidth, tickLabel } from "./labels.ts";
import type { ScatterAxis, ScatterPoint } from "./scatter_data.ts";
import { type SvgPart, xmlText } from "./svg.ts";

/** Height of the edge above a panel. */
export const ABOVE = 8;

/** One panel of a scatter matrix. */
export interface Panel {
  axes: readonly ScatterAxis[];
  points: readonly ScatterPoint[];
  /** Position of the axis. */
  x: number;
  y: number;
  size: number;
  tall: number;
  left: number;
  below: number;
  /** Panels in a row. */
  count: number;
  fill: (point: ScatterPoint) => string;
}

/** Draws one field over another, or the distribution of one. */
export function panel(
  draw: Drawing,
  { axes, points, x, y, size, tall, left, below, count, fill }: Panel,
): SvgPart {
  const { Plot } = draw;
  const [across, up] = [axes[x]!, axes[y]!];
  const bottom = count === 1 || y === count - 1;
  const most = size < 80 ? 1 : Math.max(2, Math.floor(size / 60));
  const own = x === y;
  return draw.part({
    width: left + size,
    height: ABOVE + tall + below,
    marginLeft: left,
    marginRight: 0,
    marginTop: ABOVE,
    marginBottom: below,
    inset: 6,
    x: {
      ...scaleOf(across, size / 22, most),
      tickRotate: crowded(across, size) ? -37 : 0,
      axis: bottom ? "bottom" : null,
      label: fitText(xmlText(across.name), size),
      labelOffset: below - 8,
    },
    y: own ? { axis: x === 0 ? "left" : null, label: null, ticks: [] } : {
      ...scaleOf(up, tall / 14, tall < 60 ? 2 : Math.max(3, Math.floor(tall / 28))),
      axis: x === 0 ? "left" : null,
      label: fitText(xmlText(up.name), tall),
      labelOffset: left - 10,
    },
    marks: [
      Plot.frame({ stroke: "#999" }),
      own ? distribution(draw, across, points, x) : Plot.dot(points, {
        x: ({ at }: ScatterPoint) => at[x],
        y: ({ at }: ScatterPoint) => at[y],
        r: points.length > 300 ? 1.6 : 2.8,
        fill,
        fillOpacity: 0.75,
      }),
    ],
  });
}

const BINS = 12;

/** How many of some positive numbers are in each of twelve parts of the same ratio. */
export function logBins(values: readonly number[]): { from: number; to: number; count: number }[] {
  const low = values.reduce((a, b) => Math.min(a, b));
  const step = Math.log(values.reduce((a, b) => Math.max(a, b)) / low) / BINS;
  const counts = Array<number>(BINS).fill(0);
  for (const value of values) {
    counts[Math.min(BINS - 1, Math.floor(Math.log(value / low) / step))]!++;
  }
  const edge = (at: number) => low * Math.exp(at * step);
  return counts.map((count, at) => ({ from: edge(at), to: edge(at + 1), count }));
}

function distribution(
  { Plot }: Drawing,
  axis: ScatterAxis,
  points: readonly ScatterPoint[],
  x: number,
) {
  const value = ({ at }: ScatterPoint) => at[x] as number;
  if (axis.type === "log" && new Set(points.map(value)).size > BINS) {
    const bins = logBins(points.map(value));
    return Plot.rectY(bins, { x1: "from", x2: "to", y: "count", inset: 0.5, fill: "#999" });
  }
  if (axis.type !== "linear") {
    const counts = Map.groupBy(points, ({ at }) => at[x]!);
    const rows = Array.from(counts, ([at, members]) => ({ at, count: members.length }));
    return Plot.ruleX(rows, { x: "at", y: "count", stroke: "#777", strokeWidth: 6 });
  }
  return Plot.rectY(points, {
    ...Plot.binX({ y: "count" }, { x: value, thresholds: BINS }),
    fill: "#999",
  });
}

function scaleOf({ type, domain }: ScatterAxis, labels: number, ticks: number) {
  const common = { labelAnchor: "center", labelArrow: "none", tickSize: 3 } as const;
  if (type === "point") {
    const every = Math.ceil((domain ?? []).length / labels);
    return { ...common, type, domain, ticks: domain?.filter((_, at) => at % every === 0) };
  }
  return { ...common, type, ticks, tickFormat: type === "log" ? powerTick : tickLabel };
}

/** Whether the labels of choices do not fit beside each other. */
export function crowded({ domain }: ScatterAxis, room: number): boolean {
  return (domain ?? []).some((label) => labelWidth(label) > room / domain!.length);
}

/** Powers of ten only: others of a logarithmic axis are too close. */
function powerTick(value: number): string {
  const power = Math.log10(value);
  return Math.abs(power - Math.round(power)) < 1e-9 ? tickLabel(value) : "";
}
