const FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";
const PAD = 10;

/** Part of a picture, as SVG elements from y = 0 on. */
export interface SvgPart {
  svg: string;
  /** CSS pixels. */
  height: number;
}

/** Stacks parts into a self-contained picture on white. */
export function compose(parts: readonly SvgPart[], width: number): string {
  let y = PAD;
  const placed = parts.map(({ svg, height }) => {
    const group = `<g transform="translate(0,${y})">${svg}</g>`;
    y += height;
    return group;
  });
  const height = y + PAD;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" font-family="${FONTS}" fill="#000" color="#000">` +
    `<rect width="${width}" height="${height}" fill="#fff"/>${placed.join("")}</svg>\n`;
}

/** How a line of text looks. */
export interface Font {
  /** CSS pixels. */
  size: number;
  weight: string;
  fill: string;
  /** Height of the line in sizes; 1.7 unless told. */
  leading?: number;
}

/** One line of text from `x` on. */
export function textLine(text: string, x: number, font: Font): SvgPart {
  const { size, weight, fill, leading = 1.7 } = font;
  const height = Math.round(size * leading);
  return {
    svg: `<text x="${x}" y="${height / 2}" dy="0.35em" font-size="${size}" ` +
      `font-weight="${weight}" fill="${fill}">${escapeXml(text)}</text>`,
    height,
  };
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Text as XML holds it. */
export function escapeXml(text: string): string {
  return xmlText(text).replaceAll(/[&<>"]/g, (found) => ENTITIES[found]!);
}

/** Text without the characters that XML cannot hold, which become U+FFFD. */
export function xmlText(text: string): string {
  return text.replaceAll(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
}
