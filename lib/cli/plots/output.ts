import { extname } from "node:path";
import { UsageError } from "../../core/errors.ts";
import type { PictureOptions } from "../../results/plots/figure.ts";
import { lettersWithoutFont, svgToPng } from "../../results/plots/png.ts";
import { writeWhole } from "../../system/files.ts";
import { userPath } from "../open.ts";
import type { CommandPorts } from "../registry.ts";

/** Where a picture goes, and how large it is. */
export interface OutputOptions extends PictureOptions {
  out?: string;
  dpi?: number;
}

/** Options of every kind of plot, as help tells them. */
export const OUT = ["-o, --out <file>", "plot.svg or .png; the ending is the format"] as const;
export const WIDTH = [
  "--width <size>",
  "85mm for a column, 180mm for a page, 3.3in, 680 pixels",
] as const;
export const HEIGHT = ["--height <size>", "of the plot without legend and caption"] as const;
export const TITLE = ["--title <text>", "above the plot"] as const;
export const DPI = ["--dpi <n>", "pixels an inch of a PNG; 300 unless told"] as const;

const PIXELS: Record<string, number> = { mm: 96 / 25.4, cm: 96 / 2.54, in: 96, pt: 96 / 72, px: 1 };
const [SMALLEST, LARGEST] = [160, 8000];

/** Reads a size (`85mm`, `3.3in`, `240pt`, `680`) as CSS pixels. */
export function readSize(text: string): number {
  const found = /^(\d+(?:\.\d+)?)(mm|cm|in|pt|px)?$/.exec(text);
  const size = found ? Number(found[1]) * PIXELS[found[2] ?? "px"]! : NaN;
  if (size >= SMALLEST && size <= LARGEST) return Math.round(size);
  throw new UsageError(
    `Cannot use ${JSON.stringify(text)} as a size: expected ${SMALLEST} to ${LARGEST} pixels`,
    { hint: "as in 85mm, 3.3in or 680" },
  );
}

/** Draws, writes the file and says where it is. */
export async function writePicture(
  ports: CommandPorts,
  name: string,
  { out = `${name}.svg`, dpi, ...options }: OutputOptions,
  draw: (options: PictureOptions) => Promise<string>,
): Promise<void> {
  const format = extname(out).toLowerCase();
  if (format !== ".svg" && format !== ".png") {
    throw new UsageError(`Cannot draw ${out}: ${format || "no extension"} is no format of plots`, {
      hint: "name a file that ends in .svg or .png",
    });
  }
  const svg = await draw(options);
  const { context, globals } = ports;
  const path = userPath(ports, out);
  if (format === ".svg") writeWhole(path, svg);
  else {
    const lost = lettersWithoutFont(svg).slice(0, 10).join("");
    if (lost) context.err(`warning: the fonts of a PNG lack ${lost}; an SVG shows them\n`);
    writeWhole(path, await svgToPng(svg, { dpi }));
  }
  if (globals().json) context.out(`${JSON.stringify({ file: path, format: format.slice(1) })}\n`);
  else context.out(`${out}\n`);
}

/** What a file is called unless told: `exp001.bars`. */
export function nameOf(ids: readonly string[], kind: string): string {
  return `${ids.length === 1 ? ids[0] : "results"}.${kind}`;
}
