const LARGEST = 256 * 1024 * 1024;

/** The text of a file that a format needs whole, or why it cannot be had. */
export function wholeText(path: string): { text: string } | { problem: string } {
  const { size } = Deno.statSync(path);
  if (size > LARGEST) return { problem: `too large to read: ${size} bytes, at most ${LARGEST}` };
  const text = Deno.readTextFileSync(path).replace(/^\uFEFF/, "");
  if (isBinary(text)) return { problem: "not text: holds NUL characters" };
  return { text };
}

/** Whether text cannot be text: UTF-16, an image, a checkpoint. */
export function isBinary(text: string): boolean {
  return text.includes("\0");
}
