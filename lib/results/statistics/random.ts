import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Draws whole numbers from 0 to `below` − 1, each as likely as the others. */
export type Draw = (below: number) => number;

/** The same seed draws the same numbers on every machine. */
export function seededDraw(seed: number): Draw {
  const generator = xoroshiro128plus(seed);
  return (below) => uniformInt(generator, 0, below - 1);
}

/** The numbers from 0 to `n` − 1 in random order. */
export function shuffled(n: number, draw: Draw): number[] {
  const order = Array.from({ length: n }, (_, at) => at);
  for (let last = n - 1; last > 0; last--) {
    const other = draw(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
