import type { Started, Told } from "./journal.ts";

/** The best trial so far: the best value at the highest rung that any trial has a value at. */
export interface Best {
  /** Its number, from 0. */
  trial: number;
  /** From 0; 0 where there is no asha. */
  rung: number;
  /** Index of its run. */
  run: number;
  /** Of the metric. */
  value: number;
}

/** The best after each value that was told, in the order of the journal. */
export function bestSoFar(
  events: readonly (Started | Told)[],
  direction: "min" | "max",
): Best[] {
  const sign = direction === "min" ? -1 : 1;
  const curve: Best[] = [];
  for (const event of events) {
    if (event.event !== "told" || event.value === undefined) continue;
    const { trial, rung, run, value } = event;
    const before = curve.at(-1);
    const isBetter = !before || rung > before.rung ||
      (rung === before.rung && sign * value > sign * before.value);
    curve.push(isBetter ? { trial, rung, run, value } : before);
  }
  return curve;
}
