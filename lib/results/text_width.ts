const LONGEST = 40;
const PLAIN = /^[\x20-\x7e–±↑↓…]*$/;
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3]|[\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;
const graphemes = new Intl.Segmenter();

/** How many cells of a terminal a text takes. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** Pads with spaces to a width in terminal cells. */
export function pad(text: string, width: number, side: "left" | "right"): string {
  const blanks = " ".repeat(Math.max(0, width - textWidth(text)));
  return side === "left" ? text + blanks : blanks + text;
}

/** Makes a text safe for one cell: one line, at most 40 characters. */
export function printable(text: string): string {
  const escaped = oneLine(text);
  if (escaped.length <= LONGEST) return escaped;
  return `${Array.from(escaped).slice(0, LONGEST - 1).join("")}…`;
}

/** Escapes what would break a line or steer a terminal. */
export function oneLine(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (found) => `\\u{${found.codePointAt(0)!.toString(16)}}`,
  );
}
