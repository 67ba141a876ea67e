import { escapeXml, type SvgPart } from "./svg.ts";
import { fitText, FONT, labelWidth, tickLabel } from "./labels.ts";

/** Colours that stand for numbers: viridis, which keeps its order in grey and for the colour-blind. */
export interface Ramp {
  label: string;
  low: number;
  high: number;
  /** `#RRGGBB` or `rgb(…)` of a number. */
  color: (value: number) => string;
}

const STEPS = 40;
const WIDTH = 120;
const BAR = 12;
const HEIGHT = 26;

/** A strip of the colours between the lowest and the highest number, with its label. */
export function colorRamp({ label, low, high, color }: Ramp, left: number, width: number): SvgPart {
  const ends = [tickLabel(low), tickLabel(high)] as const;
  const room = width - WIDTH - labelWidth(ends.join("")) - 22;
  const text = fitText(label, room);
  const start = left + labelWidth(text) + 10 + labelWidth(ends[0]) + 6;
  const step = WIDTH / STEPS;
  const cells = Array.from({ length: STEPS }, (_, at) => {
    const fill = color(low + (high - low) * (at + 0.5) / STEPS);
    return `<rect x="${start + at * step}" y="3" width="${step + 0.5}" height="${BAR}" ` +
      `fill="${fill}"/>`;
  });
  const word = (x: number, anchor: string, content: string) =>
    `<text x="${x}" y="${3 + BAR / 2}" dy="0.35em" text-anchor="${anchor}">${
      escapeXml(content)
    }</text>`;
  const words = [
    word(left, "start", text),
    word(start - 6, "end", ends[0]),
    word(start + WIDTH + 6, "start", ends[1]),
  ];
  return {
    svg: `<g aria-label="colours" font-size="${FONT}">${cells.join("")}${words.join("")}</g>`,
    height: HEIGHT,
  };
}
