/** Values of the same metric in two places, matched by what they have in common (their seeds). */
export interface Pairs {
  /** Second minus first, in the order of the second. */
  differences: number[];
  /** Keys that only one of the two has. */
  unmatched: string[];
}

/** Matches values by key. */
export function pairUp(
  first: ReadonlyMap<string, number>,
  second: ReadonlyMap<string, number>,
): Pairs {
  const differences: number[] = [];
  const unmatched: string[] = [];
  for (const [key, value] of second) {
    const other = first.get(key);
    if (other === undefined) unmatched.push(key);
    else differences.push(value - other);
  }
  return {
    differences,
    unmatched: [...unmatched, ...[...first.keys()].filter((k) => !second.has(k))],
  };
}
