const BLOCK = 64 * 1024;

/** How many of the first `bytes` bytes of a file are whole lines. */
export function endOfLines(path: string, bytes: number): number {
  using file = Deno.openSync(path);
  const block = new Uint8Array(BLOCK);
  for (let end = bytes; end > 0;) {
    const start = Math.max(0, end - BLOCK);
    file.seekSync(start, Deno.SeekMode.Start);
    const count = file.readSync(block.subarray(0, end - start)) ?? 0;
    const last = block.subarray(0, count).lastIndexOf(10);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
}
