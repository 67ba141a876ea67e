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
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" ` +
    `viewBox="0 0 ${width} ${y}" font-family="${FONTS}" fill="#000" color="#000">` +
    `<rect width="${width}" height="${y}" fill="#fff"/>${placed.join("")}</svg>\n`;
}

/** One line of text from `x` on. */
export function textLine(
  text: string,
  x: number,
  font: { size: number; weight: string; fill: string },
): SvgPart {
  const { size, weight, fill } = font;
  const height = Math.round(size * 1.7);
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
