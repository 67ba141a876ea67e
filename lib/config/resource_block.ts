import type { Resources } from "../core/resources.ts";
import { isTextResource } from "./resource_words.ts";

/** What a block of resources says: texts as texts, `sbatch` as a list. */
export function resourcesOf(block: object = {}): Resources {
  return Object.fromEntries(
    Object.entries(block).map(([name, value]) => {
      if (name === "sbatch") return [name, asArray(value)];
      return [name, isTextResource(name) ? String(value) : value];
    }),
  );
}

/** One text or several, as a list. */
export function asArray(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}
