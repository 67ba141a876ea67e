import type * as ObservablePlot from "@observablehq/plot";
import { colorRamp, type Ramp } from "./color_ramp.ts";
import { labelWidth, tickLabel, wrapText } from "./labels.ts";
import { legend } from "./legend.ts";
import type { LineStyle } from "./line_styles.ts";
import { compose, type SvgPart, textLine } from "./svg.ts";

/** What draws, loaded when it is needed. */
export interface Drawing {
  Plot: typeof ObservablePlot;
  /** Draws a plot without its style sheet, which would reach out of a picture in a page. */
  part(options: ObservablePlot.PlotOptions & { width: number; height: number }): SvgPart;
}

/** Looks of any plot. Sizes are CSS pixels, 96 an inch. */
export interface PictureOptions {
  /** None unless told: a paper has captions. */
  title?: string;
  /** 680 unless told: 180 mm, the width of a paper's page; a column of 85 mm is 321. */
  width?: number;
  /** Of the plot without title, legend and caption. */
  height?: number;
}

/** 180 mm, the text width of a page, in CSS pixels. */
export const PAGE_WIDTH = 680;
/** 85 mm, a column of a page of two. */
export const COLUMN_WIDTH = 321;

/** Everything around the plot itself. */
export interface Surroundings extends PictureOptions {
  width: number;
  /** Left edge of title, legend and caption. */
  left?: number;
  /** Nothing where fewer than two styles are told apart. */
  legend?: readonly LineStyle[];
  /** Thickness of the pieces of colour in the legend; that of a line unless told. */
  swatch?: number;
  /** Colours of numbers. */
  ramp?: Ramp;
  /** What is shown, with n, and what is left out: a sentence each. */
  caption: readonly string[];
}

const TITLE = { size: 14, weight: "bold", fill: "#000" };
const REMARK = { size: 11, weight: "normal", fill: "#444", leading: 1.4 };
const EDGE = 12;

/** Loads what draws. */
export async function drawing(): Promise<Drawing> {
  const [Plot, { parseHTML }] = await Promise.all([
    import("@observablehq/plot"),
    import("linkedom"),
  ]);
  return {
    Plot,
    part(options) {
      const page = parseHTML("<html></html>") as unknown as { document: typeof options.document };
      const svg = Plot.plot({ document: page.document, ...options });
      svg.querySelector("style")?.remove();
      const height = options.height;
      return { svg: `<g text-anchor="middle" font-size="12">${svg.innerHTML}</g>`, height };
    },
  };
}

/** A self-contained picture: title, legend, plot, and a caption below it. */
export function picture(parts: readonly SvgPart[], around: Surroundings): string {
  const { width, title, legend: styles = [], swatch, ramp, caption } = around;
  const left = around.left ?? EDGE;
  const inner = width - left - EDGE;
  const lines = wrapText(caption.join(" · "), width - 2 * EDGE, REMARK.size);
  return compose([
    ...(title === undefined ? [] : [textLine(title, left, TITLE)]),
    ...(styles.length > 1 ? [legend(styles, left, inner, swatch)] : []),
    ...(ramp ? [colorRamp(ramp, EDGE, width - 2 * EDGE)] : []),
    ...parts,
    ...lines.map((line) => textLine(line, EDGE, REMARK)),
  ], width);
}

/** Axis options that are the same in all plots: a label at the middle, no arrow. */
export const AXIS = { labelAnchor: "center", labelArrow: "none", tickSize: 4 } as const;

/** An axis of numbers. */
export const NUMBERS = {
  ...AXIS,
  tickFormat: (value: number): string => tickLabel(value),
} as const;

/** Room for labels on the left, at most so much. */
export function roomFor(labels: readonly string[], most: number): number {
  return Math.min(most, Math.ceil(Math.max(0, ...labels.map((text) => labelWidth(text)))));
}
