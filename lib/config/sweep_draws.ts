import { createHash } from "node:crypto";
import { ConfigError } from "../core/errors.ts";
import type { ParamValue } from "../core/params.ts";
import type { Draws } from "../core/sweep.ts";
import { parseDistribution } from "./sweep_distributions.ts";
import { sobol, SOBOL_DIMENSIONS } from "./sweep_sobol.ts";

/** How the points of a sweep are drawn. */
export const DRAW_KINDS = ["random", "sobol", "lhs"] as const;

/** One of {@linkcode DRAW_KINDS}. */
export type DrawKind = typeof DRAW_KINDS[number];

/** One drawn parameter: its value in each point, from the 0th. */
export interface DrawnParam {
  key: string;
  at(index: number): ParamValue;
}

/**
 * The parameters of a draw. A value depends on the seed, the parameter and the point alone: more
 * points or another parameter leave those there were as they are (but for `lhs`, whose slices
 * depend on `n`).
 *
 * @throws {ConfigError} when a distribution cannot be read, or there are too many for Sobol.
 */
export function drawnParams(kind: DrawKind, draws: Draws): DrawnParam[] {
  return Object.entries(draws.params).map(([key, given], dimension) => {
    const { at } = parseDistribution(given);
    const share = shareOf(kind, draws, key, dimension);
    return { key, at: (index) => at(share(index)) };
  });
}

function shareOf(
  kind: DrawKind,
  { n, seed }: Draws,
  key: string,
  dimension: number,
): (index: number) => number {
  if (kind === "random") return (index) => hashed(seed ?? 0, key, index);
  if (kind === "lhs") return latin(seed ?? 0, key, n);
  if (dimension >= SOBOL_DIMENSIONS) {
    throw new ConfigError(
      `Cannot draw ${dimension + 1} parameters by sobol: it has ${SOBOL_DIMENSIONS} dimensions`,
      { hint: "use random, or sweep over fewer parameters" },
    );
  }
  return sobol(dimension, seed === undefined ? 0 : Math.floor(hashed(seed, key, 0) * 2 ** 32));
}

/** One share in each of `n` equal slices, in random order. */
function latin(seed: number, key: string, n: number): (index: number) => number {
  const order = Array.from(
    { length: n },
    (_, slice) => ({ slice, by: hashed(seed, key, -1 - slice) }),
  )
    .sort((a, b) => a.by - b.by || a.slice - b.slice);
  return (index) => (order[index]!.slice + hashed(seed, key, index)) / n;
}

/** 48 bits of SHA-256, which is the same everywhere, as a share of 1. */
function hashed(seed: number, key: string, index: number): number {
  const digest = createHash("sha256").update(`${seed}/${key}/${index}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
