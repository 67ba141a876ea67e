import { createHash } from "node:crypto";
import { type Distribution, parseDistribution } from "../config/sweep_distributions.ts";
import { drawnParams } from "../config/sweep_draws.ts";
import { setParam } from "../config/sweep_params.ts";
import type { Params } from "../core/params.ts";
import type { SearchSpec } from "../core/search.ts";
import type { SweepValues } from "../core/sweep.ts";

/** A parameter of a search as a sampler sees it: a share of 1, or the number of a level. */
export interface Dimension {
  key: string;
  /** Number of its values; absent where they are a share from 0 to 1. */
  levels?: number;
  /** Whether levels have an order. */
  ordered: boolean;
}

/** Where a trial is: parameter → share, or number of the level from 0. */
export type Coordinates = Record<string, number>;

/** The dimensions of a space, in the order of its definition. */
export function dimensionsOf(space: SearchSpec["space"]): Dimension[] {
  return Object.entries(space).map(([key, given]) => {
    const { levels, ordered } = parseDistribution(given);
    return levels === undefined ? { key, ordered } : { key, levels, ordered };
  });
}

/** Parameters with those of the space set as coordinates say. */
export function paramsAt(space: SearchSpec["space"], at: Coordinates, params: Params): Params {
  return Object.entries(space).reduce(
    (set, [key, given]) => setParam(set, key, valueAt(given, at[key]!)),
    params,
  );
}

function valueAt(given: SweepValues, coordinate: number): ReturnType<Distribution["at"]> {
  const { levels, at } = parseDistribution(given);
  if (levels !== undefined) return at((coordinate + 0.5) / levels);
  return at(Math.min(Math.max(coordinate, 0), 1 - Number.EPSILON));
}

/** The parameters of a trial that depend on its number and the seed alone. */
export function drawnAt(
  { space, sampler, seed }: Pick<SearchSpec, "space" | "sampler" | "seed">,
  trial: number,
  params: Params,
): Params {
  const kind = sampler === "sobol" ? "sobol" : "random";
  return drawnParams(kind, { n: trial + 1, seed, params: space }).reduce(
    (set, { key, at }) => setParam(set, key, at(trial)),
    params,
  );
}

/** The seed of one suggestion: 31 bits of SHA-256 of the search's seed and the trial. */
export function seedOf(seed: number, trial: number): number {
  return createHash("sha256").update(`${seed}/${trial}`).digest().readUInt32BE(0) >>> 1;
}
