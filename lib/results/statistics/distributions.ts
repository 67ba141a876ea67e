import jstat from "jstat";

/** The part of jstat, which has no types, that is used here. */
const { studentt, normal } = jstat as {
  studentt: Distribution<[df: number]>;
  normal: Distribution<[mean: number, std: number]>;
};

interface Distribution<Parameters extends number[]> {
  cdf(x: number, ...parameters: Parameters): number;
  inv(p: number, ...parameters: Parameters): number;
}

/** Probability of a value below `x` under Student's t with `df` degrees of freedom. */
export function studentCdf(x: number, df: number): number {
  if (!Number.isFinite(x)) return x > 0 ? 1 : 0;
  return studentt.cdf(x, df);
}

/** The value that Student's t with `df` degrees of freedom stays below with probability `p`. */
export function studentQuantile(p: number, df: number): number {
  return studentt.inv(p, df);
}

/** Probability of a value below `x` under the standard normal distribution. */
export function normalCdf(x: number): number {
  return normal.cdf(x, 0, 1);
}

/** The value that a standard normal stays below with probability `p`; infinite at 0 and 1. */
export function normalQuantile(p: number): number {
  if (p <= 0) return -Infinity;
  return p >= 1 ? Infinity : normal.inv(p, 0, 1);
}
