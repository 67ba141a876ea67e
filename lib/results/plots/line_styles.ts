import type { ParamValue } from "../../core/params.ts";
import { showParam, splitParams } from "../factors.ts";
import { distinctLabels, valueLabel } from "./labels.ts";

/** Okabe and Ito's colours (2008), told apart by colour-blind readers too; yellow is too pale for lines. */
const COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000"];
const DASHES = ["", "6 3", "2 3"];

/** How the line of a group is drawn. */
export interface LineStyle {
  label: string;
  /** `#RRGGBB` */
  color: string;
  /** SVG's `stroke-dasharray`; empty for a solid line. */
  dash: string;
}

/** The most lines that stay tell-apart-able. */
export const MOST_LINES: number = COLORS.length * DASHES.length;

/**
 * A style for each group, and a label of the parameters that vary. Where two parameters vary, one
 * gives the colour and the other, of at most three values, the dashes.
 */
export function lineStyles(groups: readonly Record<string, ParamValue>[]): LineStyle[] {
  const { varying } = splitParams(groups);
  const factors = varying.map((name) => levels(groups.map((params) => showParam(params[name]))));
  const [first, second] = factors.sort((a, b) => a.count - b.count);
  const crossed = factors.length === 2 && first!.count <= DASHES.length &&
    second!.count <= COLORS.length;
  const labels = distinctLabels(
    groups.map((params) => varying.map((name) => `${name}=${valueLabel(params[name])}`).join(", ")),
  );
  return groups.map((_, at) => ({
    label: labels[at]!,
    color: COLORS[crossed ? second!.of[at]! : at % COLORS.length]!,
    dash: DASHES[crossed ? first!.of[at]! : Math.floor(at / COLORS.length) % DASHES.length]!,
  }));
}

function levels(values: string[]): { count: number; of: number[] } {
  const names = [...new Set(values)];
  return { count: names.length, of: values.map((value) => names.indexOf(value)) };
}
