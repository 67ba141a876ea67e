import { UsageError } from "../../core/errors.ts";

/** How a picture becomes pixels. */
export interface PngOptions {
  /** Pixels an inch; 300 unless told, as journals ask for. A column of 85 mm is 1,003 pixels then. */
  dpi?: number;
}

const CSS_DPI = 96;
const MOST_DPI = 1200;
/** A picture of 14,000 × 14,000; the renderer fails without a word where its memory ends. */
const MOST_PIXELS = 200e6;
const FAMILY = "DejaVu Sans Condensed";
const RESVG = "npm:@resvg/resvg-wasm@2.6.2/index_bg.wasm";
const FONTS = ["DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf"]
  .map((name) => `npm:dejavu-fonts-ttf@2.37.3/ttf/${name}`);

let loaded: Promise<Renderer> | undefined;

interface Renderer {
  render(svg: string, zoom: number): Uint8Array;
}

/**
 * Draws an SVG as PNG, with fonts that are part of the packages: the same on every machine. Needs no
 * network once the packages are cached. Letters of Latin, Greek, Cyrillic, Arabic and Hebrew are
 * there, and signs of mathematics; see {@linkcode lettersWithoutFont}.
 *
 * @throws {UsageError} for pixels an inch that are not from 10 to 1,200, or more than 200 million pixels.
 *
 * @example
 * ```ts
 * import { svgToPng } from "@expflow/cli";
 *
 * const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="48"><text y="20">lr</text></svg>`;
 * const png = await svgToPng(svg, { dpi: 300 });
 * const width = new DataView(png.buffer, png.byteOffset).getUint32(16);
 * if (width !== 300) throw new Error(`${width} pixels`);
 * ```
 */
export async function svgToPng(
  svg: string,
  { dpi = 300 }: PngOptions = {},
): Promise<Uint8Array> {
  if (!(dpi >= 10 && dpi <= MOST_DPI)) {
    throw new UsageError(`Cannot draw at ${dpi} dpi: expected 10 to ${MOST_DPI}`);
  }
  refuseHuge(svg, dpi / CSS_DPI);
  loaded ??= load();
  return (await loaded).render(svg, dpi / CSS_DPI);
}

function refuseHuge(svg: string, zoom: number): void {
  const [width = 0, height = 0] = ["width", "height"].map((name) =>
    Math.round(Number(new RegExp(`^<svg[^>]* ${name}="([\\d.]+)"`).exec(svg)?.[1]) * zoom)
  );
  if (!(width * height > MOST_PIXELS)) return;
  throw new UsageError(
    `Cannot draw ${width} × ${height} pixels: at most ${MOST_PIXELS / 1e6} million are expected`,
    { hint: "fewer dots an inch with --dpi, or a smaller --width and --height" },
  );
}

async function load(): Promise<Renderer> {
  const [{ initWasm, Resvg }] = await Promise.all([
    import("@resvg/resvg-wasm"),
    import("dejavu-fonts-ttf/package.json", { with: { type: "json" } }),
  ]);
  await initWasm(bytesOf(RESVG));
  const fontBuffers = FONTS.map(bytesOf);
  return {
    render(svg, zoom) {
      const font = { fontBuffers, defaultFontFamily: FAMILY, sansSerifFamily: FAMILY };
      const renderer = new Resvg(svg, { font, fitTo: { mode: "zoom", value: zoom } });
      const image = renderer.render();
      const png = image.asPng();
      image.free();
      renderer.free();
      return png;
    },
  };
}

/** A file of a package that the module graph holds. */
function bytesOf(specifier: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(import.meta.resolve(specifier)));
}

/** Letters of a picture that the fonts of a PNG do not have; an SVG shows them by fonts of its reader. */
export function lettersWithoutFont(svg: string): string[] {
  const found = svg.match(
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Devanagari}\p{Script=Thai}\p{Emoji_Presentation}]/gu,
  );
  return [...new Set(found ?? [])];
}
