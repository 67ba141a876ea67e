import { UsageError } from "../core/errors.ts";
import { flattenParams, type Params, type ParamValue } from "../core/params.ts";

/** How a design is drawn. Sizes are CSS pixels. */
export interface DesignPlotOptions {
  /** Dotted key of the horizontal axis; the first parameter that varies unless told. */
  x?: string;
  /** Of the vertical axis; the second one that varies unless told. */
  y?: string;
  /** 480 unless told. */
  width?: number;
}

/** Runs that share both values. */
interface Place {
  x: ParamValue;
  y: ParamValue;
  runs: number;
}

const DOT = "#0072B2";
/** From this ratio of largest to smallest on, an axis of positive numbers is logarithmic. */
const LOG_RATIO = 20;

/**
 * Draws which combinations of two parameters a sweep tries, as SVG: a dot for each, with the number of
 * its runs where there are several.
 *
 * @throws {UsageError} where no parameter varies.
 *
 * @example
 * ```ts
 * import { expandSweep, parseSweepLine, plotDesign } from "@expflow/cli";
 *
 * const points = [...expandSweep(parseSweepLine("lr=0.1,0.01 width=8,16,32 seed=0,1"), {})];
 * const svg = await plotDesign(points.map(({ params }) => params), { x: "lr", y: "width" });
 * if (svg.split("<circle").length !== 7) throw new Error("six combinations");
 * ```
 */
export async function plotDesign(
  points: readonly Params[],
  options: DesignPlotOptions = {},
): Promise<string> {
  const flat = points.map((params) => new Map(flattenParams(params)));
  const varying = [...new Set(flat.flatMap((one) => [...one.keys()]))]
    .filter((key) => new Set(flat.map((one) => JSON.stringify(one.get(key)))).size > 1);
  const x = options.x ?? varying.find((key) => key !== options.y);
  if (x === undefined) {
    throw new UsageError(
      `Cannot plot the design: no parameter varies over its ${points.length} runs`,
      {
        hint: "give a parameter several values, as in lr=0.1,0.01",
      },
    );
  }
  const y = options.y ?? varying.find((key) => key !== x) ?? "";
  const places = placesOf(flat.map((one) => [one.get(x) ?? null, one.get(y) ?? null]));
  return await draw(places, { x, y, width: options.width ?? 480 });
}

function placesOf(pairs: readonly (readonly [ParamValue, ParamValue])[]): Place[] {
  const places = Map.groupBy(pairs, (pair) => JSON.stringify(pair));
  return Array.from(places.values(), (same) => {
    const [x, y] = same[0]!;
    return { x, y, runs: same.length };
  });
}

async function draw(
  places: readonly Place[],
  { x, y, width }: { x: string; y: string; width: number },
): Promise<string> {
  const [Plot, { parseHTML }] = await Promise.all([
    import("@observablehq/plot"),
    import("linkedom"),
  ]);
  const { document } = parseHTML("<html></html>") as unknown as { document: unknown };
  const horizontal = axisOf(places.map((place) => place.x));
  const vertical = axisOf(places.map((place) => place.y));
  const shown = places.map((place) => ({
    x: horizontal.numeric ? place.x : String(place.x),
    y: vertical.numeric ? place.y : String(place.y),
    runs: place.runs > 1 ? `×${place.runs}` : "",
  }));
  const svg = Plot.plot({
    document,
    width,
    height: Math.round(width * 0.6),
    marginLeft: 64,
    marginBottom: 44,
    marginRight: 34,
    inset: 20,
    insetRight: 36,
    x: { label: x, labelAnchor: "center", labelArrow: "none", ...horizontal.scale },
    y: { label: y, labelAnchor: "center", labelArrow: "none", grid: true, ...vertical.scale },
    marks: [
      Plot.frame({ stroke: "#333" }),
      Plot.dot(shown, { x: "x", y: "y", r: 5, fill: DOT }),
      Plot.text(shown, { x: "x", y: "y", text: "runs", dx: 9, textAnchor: "start" }),
    ],
  });
  svg.querySelector("style")?.remove();
  const size = `width="${width}" height="${Math.round(width * 0.6)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-size="12" ` +
    `font-family="Helvetica, Arial, sans-serif" text-anchor="middle" fill="#000" color="#000">` +
    `<rect ${size} fill="#fff"/>${svg.innerHTML}</svg>\n`;
}

/** Numbers on a line, with a tick at each of a few; words side by side. */
function axisOf(values: readonly ParamValue[]): { numeric: boolean; scale: object } {
  const numbers = values.filter((value): value is number => typeof value === "number");
  if (numbers.length < values.length || numbers.length === 0) {
    return { numeric: false, scale: { type: "point" } };
  }
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const distinct = [...new Set(numbers)];
  const type = low > 0 && high / low >= LOG_RATIO ? "log" : "linear";
  const ticks = distinct.length <= 8
    ? { ticks: distinct, tickFormat: (value: number) => String(value) }
    : {};
  return { numeric: true, scale: { type, ...ticks } };
}
