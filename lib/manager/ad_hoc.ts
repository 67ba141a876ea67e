import { basename } from "node:path";
import { isId } from "../core/ids.ts";
import { quote } from "../script/quote.ts";
import { listSubmissions } from "../store/plan.ts";
import { removeIfThere } from "../system/files.ts";
import { createExperiment, type NewExperiment } from "./experiments.ts";
import type { Project } from "./project.ts";

/** One command to run, without a file of one's own. */
export interface AdHocRequest extends Pick<NewExperiment, "args" | "sweep" | "set"> {
  /** Made of the program and the time unless told. */
  id?: string;
  /** The command, word by word. */
  words: readonly string[];
  /** Where it runs. */
  workdir: string;
}

/** Writes the experiment that a command line describes. @returns its id. */
export function createAdHoc(project: Project, request: AdHocRequest): string {
  const { words, id = nameOf(words, project.context.clock.now()), ...rest } = request;
  createExperiment(project, id, {
    ...rest,
    command: words.map(quote).join(" "),
    description: `expflow run -- ${words.join(" ")}`.replaceAll(/\s+/g, " ").slice(0, 200),
  });
  return id;
}

/** Takes the file of an ad-hoc experiment away again, when nothing of it was submitted. */
export function discardAdHoc({ layout }: Project, id: string): void {
  if (listSubmissions(layout, id).length === 0) removeIfThere(layout.experiment(id));
}

/** `train-20261122-101500-123`, from the first script named, else from the program. */
function nameOf(words: readonly string[], now: number): string {
  const script = words.find((word) => /\.\w{1,4}$/.test(word) && !word.startsWith("-")) ?? words[0];
  const stem = basename(script ?? "").replace(/\.\w+$/, "").replaceAll(/[^A-Za-z0-9_-]/g, "");
  const stamp = new Date(now).toISOString().replaceAll(/[-:Z]/g, "").replace("T", "-")
    .replace(".", "-");
  return `${isId(stem) ? stem : "run"}-${stamp}`;
}
