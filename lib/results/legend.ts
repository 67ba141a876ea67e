import type { LineStyle } from "./line_styles.ts";
import { textWidth } from "./text_width.ts";

const FONT = 12;
const LINE = 18;
const SWATCH = 30;
const GAP = 22;

/** Part of a picture, as SVG elements from y = 0 on. */
export interface SvgPart {
  svg: string;
  height: number;
}

/** A legend in as many columns as fit, each entry with a piece of its line. */
export function legend(styles: readonly LineStyle[], left: number, width: number): SvgPart {
  const widest = Math.max(...styles.map(({ label }) => textWidth(label))) * FONT * 0.56;
  const step = SWATCH + widest + GAP;
  const fitting = Math.max(1, Math.floor((width + GAP) / step));
  const rows = Math.ceil(styles.length / fitting);
  const entries = styles.map(({ label, color, dash }, at) => {
    const x = left + Math.floor(at / rows) * step;
    const y = (at % rows) * LINE + LINE / 2;
    return `<line x1="${x}" x2="${x + SWATCH - 7}" y1="${y}" y2="${y}" stroke="${color}" ` +
      `stroke-width="2"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}/>` +
      `<text x="${x + SWATCH}" y="${y}" dy="0.35em">${escapeXml(label)}</text>`;
  });
  return {
    svg: `<g aria-label="legend" font-size="${FONT}">${entries.join("")}</g>`,
    height: rows * LINE,
  };
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Text for XML; characters that XML cannot hold become U+FFFD. */
export function escapeXml(text: string): string {
  return text.replaceAll(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll(/[&<>"]/g, (found) => ENTITIES[found]!);
}
