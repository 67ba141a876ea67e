import type { ParamValue } from "../../core/params.ts";
import { showParam } from "../factors.ts";
import { oneLine, textWidth } from "../text_width.ts";
import { xmlText } from "./svg.ts";

/** Size of text in CSS pixels: 9 points on paper. */
export const FONT = 12;
/** Width of an average letter of a sans-serif font, in ems. */
const LETTER = 0.56;
const LONGEST = 24;

/** Width of a text on one line, about, in CSS pixels. */
export function labelWidth(text: string, font = FONT): number {
  return textWidth(text) * font * LETTER;
}

/** A text that is at most so wide, with `…` where it was longer. */
export function fitText(text: string, width: number, font = FONT): string {
  const letters = Math.max(1, Math.floor(width / (font * LETTER)));
  return text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;
}

/** A value as the axis shows it: one line that nothing in it can turn or steer. */
export function valueLabel(value: ParamValue | undefined, longest = LONGEST): string {
  const text = value === undefined ? "–" : value === "" ? '""' : xmlText(oneLine(showParam(value)));
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** Prose has narrower letters than labels, which are often figures and capitals. */
const PROSE = 0.92;

/** A text in lines of at most so many pixels, broken between words. */
export function wrapText(text: string, width: number, font: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && labelWidth(longer, font * PROSE) <= width) {
      lines[lines.length - 1] = longer;
    } else lines.push(fitText(word, width, font * PROSE));
  }
  return lines;
}

/** A number on an axis: at most 4 digits that count. */
export function tickLabel(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) {
    return value.toExponential(3).replace(/\.?0+e/, "e").replace("e+", "e");
  }
  return String(Number(value.toPrecision(4)));
}

/** Labels that are cut to the same text, told apart by a number behind. */
export function distinctLabels(labels: readonly string[]): string[] {
  const times = new Map<string, number>();
  return labels.map((label) => {
    const count = (times.get(label) ?? 0) + 1;
    times.set(label, count);
    return count === 1 ? label : `${label} #${count}`;
  });
}
