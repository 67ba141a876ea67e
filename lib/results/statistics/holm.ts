/**
 * Holm's correction: p-values such that the chance of any false finding among all tests stays below
 * the level. In the order given, at most 1.
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((p, at) => ({ p, at })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(values.length);
  let highest = 0;
  for (const [rank, { p, at }] of order.entries()) {
    highest = Math.max(highest, Math.min(1, p * (values.length - rank)));
    adjusted[at] = highest;
  }
  return adjusted;
}
