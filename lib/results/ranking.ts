import type { Direction } from "./records.ts";

/** Whether a cell is the best or the second of its column. */
export interface Rank {
  best?: boolean;
  second?: boolean;
}

/** A cell to rank; it is not sound when a run of it diverged. */
export interface Candidate {
  value?: number;
  sound: boolean;
}

/**
 * Finds the best and the second of a column; ties share a place. Nothing is marked where there is
 * nothing to choose, and no second of two. What is not sound has no place while another is.
 */
export function rankCells(cells: readonly Candidate[], direction: Direction): Rank[] {
  const sign = direction === "min" ? -1 : 1;
  const usable = someSound(cells);
  const scores = cells.map(({ value, sound }) =>
    value === undefined || (usable && !sound) ? undefined : sign * value
  );
  const places = [...new Set(scores.filter((score) => score !== undefined))].sort((a, b) => b - a);
  const present = cells.filter(({ value }) => value !== undefined).length;
  const [best, second] = [places[0], places[1]];
  if (scores.filter((score) => score === best).length === cells.length) {
    return cells.map(() => ({}));
  }
  return scores.map((score) => {
    if (score === undefined) return {};
    if (score === best) return { best: true };
    return score === second && present > 2 ? { second: true } : {};
  });
}

/** Says why a better mean may have no mark; nothing where each has its place. */
export function unrankedNotes(columns: readonly (readonly Candidate[])[]): string[] {
  const count = columns.filter(someSound).flat()
    .filter(({ value, sound }) => value !== undefined && !sound).length;
  return count === 0
    ? []
    : [`not ranked: ${count} ${count === 1 ? "mean" : "means"} with a run that is not finite`];
}

function someSound(cells: readonly Candidate[]): boolean {
  return cells.some(({ value, sound }) => value !== undefined && sound);
}
