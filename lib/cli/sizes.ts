const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** Bytes for a reader: `1.5 TiB`, `640 GiB`, `12 B`. */
export function tellBytes(bytes: number): string {
  let unit = 0;
  let size = bytes;
  for (; size >= 1024 && unit < UNITS.length - 1; unit++) size /= 1024;
  const digits = size < 10 && unit > 0 && !Number.isInteger(size) ? 1 : 0;
  return `${size.toFixed(digits)} ${UNITS[unit]}`;
}

/** MiB for a reader. */
export function tellMib(mib: number | undefined): string {
  return mib === undefined ? "?" : tellBytes(mib * 2 ** 20);
}
