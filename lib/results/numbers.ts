const DIGITS = 4;

/** A number, or a mean with its spread, as text; `exponent` belongs to both. */
export interface NumberText {
  /** The number, or the mean. */
  mean: string;
  /** The spread, with the same decimals. */
  std?: string;
  /** Power of ten, for numbers too large or too small to write out. */
  exponent?: number;
}

/**
 * Writes a mean with 4 significant digits and its standard deviation with the same decimals:
 * `0.9123 ± 0.0041`. When the spread is the larger one, the digits are counted from it.
 */
export function numberText(mean: number, std?: number): NumberText {
  const size = Math.max(Math.abs(mean), std ?? 0);
  if (Number.isInteger(mean) && !std && size < 1e7) {
    return { mean: String(mean), ...(std === undefined ? {} : { std: "0" }) };
  }
  const magnitude = size === 0 ? 0 : Number(size.toExponential(DIGITS - 1).split("e")[1]);
  const exponent = magnitude < -3 || magnitude >= 7 ? Math.max(magnitude, -300) : 0;
  const decimals = Math.max(0, DIGITS - 1 - (magnitude - exponent));
  const write = (value: number) => (value / 10 ** exponent).toFixed(decimals);
  return {
    mean: write(mean),
    ...(std === undefined ? {} : { std: write(std) }),
    ...(exponent === 0 ? {} : { exponent }),
  };
}

/** {@linkcode NumberText} on one line: `0.9123 ± 0.0041`, `(1.200 ± 0.030)e-6`, `1.200e-6`. */
export function plainNumber({ mean, std, exponent }: NumberText): string {
  const pair = std === undefined ? mean : `${mean} ± ${std}`;
  if (exponent === undefined) return pair;
  return std === undefined ? `${pair}e${exponent}` : `(${pair})e${exponent}`;
}
