import { distinctLabels, fitText, FONT, labelWidth } from "./labels.ts";
import type { LineStyle } from "./line_styles.ts";
import { escapeXml, type SvgPart } from "./svg.ts";

const LINE = 18;
const SWATCH = 30;
const GAP = 22;
/** Room for the number that tells labels apart. */
const NUMBER = 22;

/** A legend in as many columns as fit, each entry with a piece of its line. */
export function legend(
  styles: readonly LineStyle[],
  left: number,
  width: number,
  thickness = 2,
): SvgPart {
  const labels = distinctLabels(styles.map(({ label }) => fitText(label, width - SWATCH - NUMBER)));
  const widest = Math.max(...labels.map((label) => labelWidth(label)));
  const step = SWATCH + widest + GAP;
  const fitting = Math.max(1, Math.floor((width + GAP) / step));
  const rows = Math.ceil(styles.length / fitting);
  const entries = styles.map(({ color, dash }, at) => {
    const x = left + Math.floor(at / rows) * step;
    const y = (at % rows) * LINE + LINE / 2;
    return `<line x1="${x}" x2="${x + SWATCH - 7}" y1="${y}" y2="${y}" stroke="${color}" ` +
      `stroke-width="${thickness}"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}/>` +
      `<text x="${x + SWATCH}" y="${y}" dy="0.35em">${escapeXml(labels[at]!)}</text>`;
  });
  return {
    svg: `<g aria-label="legend" font-size="${FONT}">${entries.join("")}</g>`,
    height: rows * LINE,
  };
}
