import { closest, distance } from "fastest-levenshtein";

/** The known word nearest to `word`, when it is near enough to be what was meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const found = closest(word, known as string[]);
  const near = Math.min(word.length - 1, Math.ceil(word.length * 0.4));
  return distance(word, found) <= near ? found : undefined;
}

/** A hint such as `did you mean "lr"?`, or the list of what is known. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0 ? "there are none" : `known: ${known.join(", ")}`;
}
