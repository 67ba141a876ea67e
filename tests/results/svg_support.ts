import assert from "node:assert/strict";
import { parseHTML } from "linkedom";

/** What tests ask of an element. */
export interface Element {
  getAttribute(name: string): string | null;
  textContent: string;
}

/** The elements of a picture that a CSS selector finds. */
export function select(svg: string, css: string): Element[] {
  const { document } = parseHTML(`<html><body>${svg}</body></html>`) as unknown as {
    document: { querySelectorAll(css: string): Iterable<Element> };
  };
  return [...document.querySelectorAll(css)];
}

/** Every text of a picture. */
export function wordsOf(svg: string): string[] {
  return select(svg, "text").map((text) => text.textContent);
}

/** Every element is closed, in order: what an XML parser asks for first. */
export function assertWellFormed(svg: string): void {
  const open: string[] = [];
  const pattern =
    /<(\/?)([a-zA-Z]+)(?:\s+[\w:-]+="[^"<&]*(?:&(?:amp|lt|gt|quot|#\d+);[^"<&]*)*")*\s*(\/?)>/g;
  const text = svg.replaceAll(pattern, (_, close, name, empty) => {
    if (close) assert.equal(open.pop(), name);
    else if (!empty) open.push(name);
    return "";
  });
  assert.deepEqual(open, []);
  assert.doesNotMatch(text, /[<>]|&(?!(amp|lt|gt|quot|#\d+);)/);
}

/** Width, height and decompressed bytes of a PNG. */
export async function readPng(png: Uint8Array<ArrayBuffer>) {
  assert.deepEqual([...png.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const data: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 8; at < png.length;) {
    const length = view.getUint32(at);
    const type = new TextDecoder().decode(png.subarray(at + 4, at + 8));
    if (type === "IDAT") data.push(png.slice(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const stream = new Blob(data).stream().pipeThrough(new DecompressionStream("deflate"));
  const pixels = new Uint8Array(await new Response(stream).arrayBuffer());
  return { width: view.getUint32(16), height: view.getUint32(20), pixels };
}
