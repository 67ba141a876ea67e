import { parseArgs } from "node:util";
import { UsageError } from "../../core/errors.ts";

/** How an agent is started: its words on the command line, in a batch script. */
export interface AgentSettings {
  /** The queue's folder. */
  queue: string;
  /** Number of the fleet that its allocation belongs to. */
  fleet: number;
  /** Who runs the allocation: `slurm`, `local`. */
  scheduler: string;
  /** GPUs on this node; with none, `workers` counts. */
  gpus: number;
  workersPerGpu: number;
  /** How they share it: through MPS of our own, of the site's, or without. */
  sharing: "own" | "site" | "turns";
  /** What a run needs of a GPU, in MiB; 0 where it is not known. */
  gpuMem: number;
  /** Workers on this node where there are no GPUs. */
  workers: number;
  /** Seconds that a worker waits for new items when there are none. */
  linger: number;
  /** Seconds between TERM and KILL of what a worker runs. */
  killWait: number;
  /** Seconds without a sign of life after which a worker is killed. */
  lease: number;
}

/** Option → setting; each must be given once. */
const WORDS = {
  "queue": "queue",
  "fleet": "fleet",
  "scheduler": "scheduler",
  "gpus": "gpus",
  "workers-per-gpu": "workersPerGpu",
  "sharing": "sharing",
  "gpu-mem": "gpuMem",
  "workers": "workers",
  "linger": "linger",
  "kill-wait": "killWait",
  "lease": "lease",
} as const satisfies Record<string, keyof AgentSettings>;

const TEXTS: ReadonlySet<string> = new Set(["queue", "scheduler", "sharing"]);

/** The words that {@linkcode parseAgentWords} reads. */
export function agentWords(settings: AgentSettings): string[] {
  return Object.entries(WORDS).map(([word, key]) => `--${word}=${settings[key]}`);
}

/** @throws {UsageError} unless every option is there, and nothing else. */
export function parseAgentWords(words: string[]): AgentSettings {
  const options = Object.fromEntries(
    Object.keys(WORDS).map((word) => [word, { type: "string" }] as const),
  );
  const given = parsed(words, options);
  const settings = Object.entries(WORDS).map(([word, key]) => [key, read(word, given[word])]);
  return Object.fromEntries(settings);
}

function parsed(words: string[], options: Record<string, { type: "string" }>) {
  try {
    return parseArgs({ args: words, options, strict: true }).values;
  } catch (error) {
    throw new UsageError(`Cannot start an agent: ${(error as Error).message.split("\n")[0]}`);
  }
}

function read(word: string, text: string | boolean | undefined): string | number {
  if (typeof text === "string" && text !== "") {
    if (TEXTS.has(word)) return text;
    if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  }
  throw new UsageError(`Cannot start an agent: --${word} is ${JSON.stringify(text)}`, {
    hint: "expflow launch writes these words; do not change them",
  });
}
