import { join } from "node:path";
import { createExclusive, makeFolder, namesIn, removeIfThere } from "../system/files.ts";
import type { Layout } from "./layout.ts";

/** What of an experiment clean-up leaves alone. */
export interface Pins {
  /** Everything. */
  all: boolean;
  /** These runs, by index. */
  runs: Set<number>;
}

/** What is pinned, by one listing. */
export function readPins(layout: Layout, id: string): Pins {
  const names = namesIn(layout.pins(id));
  const runs = names.filter((name) => /^\d+$/.test(name)).map(Number);
  return { all: names.includes("all"), runs: new Set(runs) };
}

/** Pins an experiment, or one run. */
export function writePin(layout: Layout, id: string, run?: number): void {
  makeFolder(layout.pins(id));
  createExclusive(join(layout.pins(id), String(run ?? "all")));
}

/** Takes a pin away; all pins of the experiment without a run. */
export function removePin(layout: Layout, id: string, run?: number): void {
  removeIfThere(run === undefined ? layout.pins(id) : join(layout.pins(id), String(run)));
}
