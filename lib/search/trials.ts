import { ConflictError } from "../core/errors.ts";
import { fingerprint } from "../core/fingerprint.ts";
import type { Params } from "../core/params.ts";
import type { AshaSpec } from "../core/search.ts";
import { nextPromotion, type Promotion, type Scored } from "./asha.ts";
import type { SearchEvent, SearchTerms, Started, Told } from "./journal.ts";
import type { Coordinates } from "./space.ts";

/** A trial at one rung; its parameters name the run. */
export interface RungOfTrial {
  rung: number;
  params: Params;
  told?: Told;
}

/** A point of the search, and what became of it. */
export interface Trial {
  number: number;
  at?: Coordinates;
  /** From rung 0; one where there is no asha. */
  rungs: RungOfTrial[];
}

/** Everything a journal says. */
export interface SearchState {
  terms?: SearchTerms;
  /** By number. */
  trials: Trial[];
  /** In the order of the journal. */
  events: (Started | Told)[];
}

/** Reads events in their order. */
export function foldSearch(events: readonly SearchEvent[]): SearchState {
  const state: SearchState = { trials: [], events: [] };
  for (const event of events) {
    if (event.event === "begun") state.terms = event.terms;
    else foldEvent(state, event);
  }
  return state;
}

/** Adds one event to what is known. */
export function foldEvent(state: SearchState, event: Started | Told): void {
  state.events.push(event);
  const { trial: number, rung } = event;
  if (event.event === "told") {
    state.trials[number]!.rungs[rung]!.told = event;
    return;
  }
  const { params, at } = event;
  const trial = state.trials[number] ??= { number, ...at && { at }, rungs: [] };
  trial.rungs[rung] = { rung, params };
}

/** A trial that waits for its run, with the rung that it is at. */
export interface OpenTrial {
  trial: Trial;
  at: RungOfTrial;
}

/** Trials that were not told yet what became of their last rung. */
export function openTrials({ trials }: SearchState): OpenTrial[] {
  return trials.map((trial) => ({ trial, at: trial.rungs.at(-1)! })).filter(({ at }) => !at.told);
}

/** The promotion that is due, if there is one. */
export function promotionDue(
  { trials }: SearchState,
  { reduction }: AshaSpec,
  rungs: number,
  direction: "min" | "max",
): Promotion | undefined {
  const sign = direction === "min" ? -1 : 1;
  const below = Array.from({ length: rungs - 1 }, (_, rung) => rung);
  const known = below.map((rung) =>
    trials.flatMap(({ number, rungs }): Scored[] => {
      const value = rungs[rung]?.told?.value;
      return value === undefined ? [] : [{ trial: number, score: sign * value }];
    })
  );
  const promoted = below.map((rung) =>
    new Set(trials.filter(({ rungs }) => rungs.length > rung + 1).map(({ number }) => number))
  );
  return nextPromotion(known, promoted, reduction);
}

/**
 * Compares what is searched with what the journal began with.
 *
 * @throws {ConflictError} naming what is other than it was.
 */
export function checkTerms(id: string, before: SearchTerms, now: SearchTerms): void {
  const keys = Object.keys({ ...before, ...now }) as (keyof SearchTerms)[];
  const other = keys.find((key) =>
    fingerprint(before[key] ?? null) !== fingerprint(now[key] ?? null)
  );
  if (other === undefined) return;
  const name = other === "fixed" ? "its command or its other parameters are" : `its ${other} is`;
  throw new ConflictError(`Cannot go on with the search ${id}: ${name} not what it was`, {
    hint:
      `put it back, or search anew as another experiment; only trials, at_once and python may change`,
  });
}
