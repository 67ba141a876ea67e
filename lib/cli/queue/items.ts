import { span } from "../tell_outlook.ts";

/** The argument that names what is in the queue. */
export const ITEM_ARGUMENT = [
  "<item>",
  "a run as ID/run, an experiment, a job as 12, or a task of it as 12_3",
] as const;

/** Seconds: workers show that they live every five. */
const JUST_NOW = 10;

/** Names of items that are printed one by one. */
const SHOWN = 5;

/** `exp001/0`, `exp001/0, exp001/1`, or `12 runs (exp001/0, exp001/1, …)`. */
export function named(items: readonly string[]): string {
  const all = [...new Set(items)];
  if (all.length <= SHOWN) return all.join(", ");
  return `${all.length} runs (${all.slice(0, SHOWN).join(", ")}, …)`;
}

/** When a worker was heard of: `just now`, `12 s ago`, `never`. */
export function heardOf(silent: number | undefined): string {
  if (silent === undefined) return "never";
  return silent < JUST_NOW ? "just now" : `${span(silent)} ago`;
}
