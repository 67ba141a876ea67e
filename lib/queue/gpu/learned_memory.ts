import { join } from "node:path";
import { namesIn, readIfThere, writeWhole } from "../../system/files.ts";

/** Runs that need about as much GPU memory: of one stage of an experiment, on one model of GPU. */
export interface MemoryClass {
  experiment: string;
  stage: string;
  /** As `Gpu.model` has it. */
  model: string;
}

/** What earlier runs of a class used at most. */
export interface Learned {
  /** In MiB, as samples saw it. */
  peak: number;
  /** At least so many runs were seen. */
  runs: number;
}

/** By {@linkcode classKey}. */
export type LearnedMemory = ReadonlyMap<string, Learned>;

/** A class in one word; ids have no slash. */
export function classKey({ experiment, stage, model }: MemoryClass): string {
  return `${experiment}/${stage}/${model}`;
}

/** Where the workers of a queue write what they learn, a file each. */
export function memoryFolder({ folder }: { folder: string }): string {
  return join(folder, "memory");
}

/** What all writers learnt, together. A file that cannot be read teaches nothing. */
export function readLearned(folder: string): LearnedMemory {
  const all = new Map<string, Learned>();
  for (const name of namesIn(folder)) {
    if (!name.endsWith(".json")) continue;
    for (const [key, { peak, runs }] of entriesOf(readIfThere(join(folder, name)) ?? "")) {
      const before = all.get(key) ?? { peak: 0, runs: 0 };
      all.set(key, { peak: Math.max(before.peak, peak), runs: before.runs + runs });
    }
  }
  return all;
}

/** What one writer learns, in a file of its own: one write where a peak grew or runs doubled. */
export class MemoryLearner {
  readonly #path: string;
  readonly #classes = new Map<string, Learned>();
  readonly #written = new Map<string, Learned>();

  /** `writer` is the name of this writer and of no other, ever. */
  constructor(folder: string, writer: string) {
    this.#path = join(folder, `${writer}.json`);
  }

  /** Adds the peak of a run that ended, in MiB. */
  add(runs: MemoryClass, peak: number): void {
    const key = classKey(runs);
    const before = this.#classes.get(key) ?? { peak: 0, runs: 0 };
    const now = { peak: Math.max(before.peak, peak), runs: before.runs + 1 };
    this.#classes.set(key, now);
    const written = this.#written.get(key) ?? { peak: 0, runs: 0 };
    if (now.peak === written.peak && now.runs < 2 * written.runs) return;
    const classes = Object.fromEntries(this.#classes);
    writeWhole(this.#path, `${JSON.stringify({ version: 1, classes })}\n`);
    for (const [name, value] of this.#classes) this.#written.set(name, value);
  }
}

function entriesOf(text: string): [string, Learned][] {
  try {
    const { version, classes } = JSON.parse(text);
    if (version !== 1) return [];
    return Object.entries(classes as Record<string, Learned>).filter(([, one]) =>
      Number.isFinite(one?.peak) && one.peak > 0 && Number.isInteger(one.runs)
    );
  } catch {
    return [];
  }
}
