import type { LineStyle } from "./line_styles.ts";
import { escapeXml, type SvgPart } from "./svg.ts";
import { textWidth } from "./text_width.ts";

const FONT = 12;
const LINE = 18;
const SWATCH = 30;
const GAP = 22;
/** Width of an average letter of a sans-serif font, in ems. */
const LETTER = 0.56;

/** A legend in as many columns as fit, each entry with a piece of its line. */
export function legend(styles: readonly LineStyle[], left: number, width: number): SvgPart {
  const letters = Math.floor((width - SWATCH) / (FONT * LETTER));
  const labels = styles.map(({ label }) => shorten(label, letters));
  const widest = Math.max(...labels.map(textWidth)) * FONT * LETTER;
  const step = SWATCH + widest + GAP;
  const fitting = Math.max(1, Math.floor((width + GAP) / step));
  const rows = Math.ceil(styles.length / fitting);
  const entries = styles.map(({ color, dash }, at) => {
    const x = left + Math.floor(at / rows) * step;
    const y = (at % rows) * LINE + LINE / 2;
    return `<line x1="${x}" x2="${x + SWATCH - 7}" y1="${y}" y2="${y}" stroke="${color}" ` +
      `stroke-width="2"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}/>` +
      `<text x="${x + SWATCH}" y="${y}" dy="0.35em">${escapeXml(labels[at]!)}</text>`;
  });
  return {
    svg: `<g aria-label="legend" font-size="${FONT}">${entries.join("")}</g>`,
    height: rows * LINE,
  };
}

function shorten(text: string, letters: number): string {
  return text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;
}
