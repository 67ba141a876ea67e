import type { Drawing } from "./figure.ts";

/** Okabe and Ito's blue: for plots that need one colour only. */
export const ONE_COLOR = "#0072B2";
/** Okabe and Ito's vermilion: for what stands out. */
export const ACCENT = "#D55E00";
/** For what is there and does not matter. */
export const FAINT = "#9a9a9a";

/** Viridis over a range of numbers. */
export function viridis({ Plot }: Drawing, low: number, high: number): (value: number) => string {
  const domain = low === high ? [low - 0.5, high + 0.5] : [low, high];
  const scale = Plot.scale({ color: { type: "linear", scheme: "viridis", domain } });
  return (value) => String(scale!.apply(value));
}

/** Black or white, whichever reads better on a colour (`#RRGGBB` or `rgb(…)`; WCAG's luminance). */
export function inkOn(color: string): "#000" | "#fff" {
  const parts = color.startsWith("#")
    ? [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16))
    : (color.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  const [red = 0, green = 0, blue = 0] = parts.map((part) => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
}
