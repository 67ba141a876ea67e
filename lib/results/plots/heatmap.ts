import { UsageError } from "../../core/errors.ts";
import { numberText, plainNumber } from "../numbers.ts";
import type { ResultRecord } from "../records.ts";
import { inkOn, viridis } from "./colors.ts";
import { AXIS, drawing, PAGE_WIDTH, picture, roomFor } from "./figure.ts";
import { type HeatCell, heatmapOf, type HeatmapOptions } from "./heatmap_data.ts";
import { FONT, labelWidth } from "./labels.ts";
import { xmlText } from "./svg.ts";

const MOST_CELLS = 900;
/** Of labels that are longer than a cell is wide, in degrees. */
const TILT = 60;

/**
 * Draws the mean of a metric over two parameters: a colour and a number for each pair of values.
 *
 * @throws {UsageError} for names that no run has, or nothing to draw.
 *
 * @example
 * ```ts
 * import { plotHeatmap, type ResultRecord } from "@expflow/cli";
 *
 * const records = [0, 1, 2, 3].map((run): ResultRecord => ({
 *   experiment: "exp001",
 *   run,
 *   state: "completed",
 *   params: { lr: run < 2 ? 0.1 : 0.01, width: run % 2 ? 64 : 128 },
 *   metrics: { acc: { last: 0.9 + run / 100, source: "result.json" } },
 *   jobs: {},
 *   sources: [],
 *   problems: [],
 * }));
 * const svg = await plotHeatmap(records, { metric: "acc", x: "lr", y: "width" });
 * if (!svg.includes("0.9300")) throw new Error(svg);
 * ```
 */
export async function plotHeatmap(
  records: readonly ResultRecord[],
  options: HeatmapOptions,
): Promise<string> {
  const { width = PAGE_WIDTH, metric } = options;
  const { cells, x, y, xs, ys, caption } = heatmapOf(records, options);
  if (cells.length > MOST_CELLS) {
    throw new UsageError(
      `Cannot plot ${xs.length} × ${ys.length} fields: at most ${MOST_CELLS} can be read`,
      { hint: "choose values with --where" },
    );
  }
  const draw = await drawing();
  const { Plot } = draw;
  const means = cells.flatMap(({ mean }) => mean ?? []);
  const low = means.reduce((a, b) => Math.min(a, b));
  const high = means.reduce((a, b) => Math.max(a, b));
  const color = viridis(draw, low, high);
  const left = 34 + roomFor(ys, width * 0.3);
  const cellWidth = (width - left - 12) / xs.length;
  const texts = cells.map((cell) => ({
    ...cell,
    text: cell.mean === undefined ? "–" : plainNumber(numberText(cell.mean)),
    ink: cell.mean === undefined ? "#444" : inkOn(color(cell.mean)),
  }));
  const font = [12, 11, 10, 9].find((size) =>
    texts.every(({ text }) => labelWidth(text, size) < cellWidth - 2)
  );
  const tilted = xs.some((text) => labelWidth(text) > cellWidth - 4);
  const every = tilted ? Math.ceil(1.2 * FONT / cellWidth) : 1;
  const below = tilted ? Math.ceil(roomFor(xs, 200) * Math.sin(TILT * Math.PI / 180)) + 42 : 46;
  const plot = draw.part({
    width,
    height: options.height ?? Math.min(560, ys.length * 34) + below + 8,
    marginLeft: left,
    marginRight: 12,
    marginTop: 8,
    marginBottom: below,
    x: {
      ...AXIS,
      tickSize: 0,
      label: xmlText(x),
      domain: xs,
      ticks: xs.filter((_, at) => at % every === 0),
      padding: 0.03,
      labelOffset: below - 8,
      tickRotate: tilted ? -TILT : 0,
    },
    y: {
      ...AXIS,
      tickSize: 0,
      label: xmlText(y),
      domain: ys,
      padding: 0.05,
      labelOffset: left - 8,
      reverse: true,
    },
    marks: [
      Plot.cell(cells, {
        x: "x",
        y: "y",
        fill: ({ mean }: HeatCell) => mean === undefined ? "#ececec" : color(mean),
      }),
      ...(font === undefined
        ? []
        : [Plot.text(texts, { x: "x", y: "y", text: "text", fill: "ink", fontSize: font })]),
    ],
  });
  const ramp = { label: metric, low, high, color };
  return picture([plot], { ...options, width, left, ramp, caption });
}
