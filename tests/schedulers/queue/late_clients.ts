import { dirname } from "node:path";
import type { Answer, Step } from "../../../lib/schedulers/queue/steps.ts";
import type { MemoryFiles } from "./memory_files.ts";

/** Clients of one file server; each keeps what it saw of a folder for a while. */
export class LateClients {
  readonly #files: MemoryFiles;
  readonly #delay: number;
  readonly #kept = new Map<string, Map<string, { at: number; names: string[] | undefined }>>();

  /** @param delay for so many ticks a client may answer from what it saw. */
  constructor(files: MemoryFiles, delay: number) {
    this.#files = files;
    this.#delay = delay;
  }

  /** Names in a folder, as a client sees them. */
  list(client: string, path: string, now: number): string[] | undefined {
    const kept = this.#keptBy(client).get(path);
    if (kept && now - kept.at < this.#delay) return kept.names;
    const names = this.#files.answer({ do: "list", path }) as string[] | undefined;
    this.#keptBy(client).set(path, { at: now, names });
    return names;
  }

  /** Does a step of a client, which knows what it does itself. */
  answer(client: string, step: Step, now: number): Answer {
    if (step.do === "list") return this.list(client, step.path, now);
    if (step.do !== "exists") {
      const touched = step.do === "rename" ? [step.from, step.to] : [step.path];
      for (const path of touched.flatMap((one) => [one, dirname(one)])) {
        this.#keptBy(client).delete(path);
      }
    }
    return this.#files.answer(step);
  }

  #keptBy(client: string): Map<string, { at: number; names: string[] | undefined }> {
    const kept = this.#kept.get(client) ?? new Map();
    this.#kept.set(client, kept);
    return kept;
  }
}
