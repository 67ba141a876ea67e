import { join, relative } from "node:path";
import { importedText, withSomeCommand } from "../config/imported_text.ts";
import { SCHEMA_FILES } from "../config/json_schema.ts";
import { expandSweep } from "../config/sweep.ts";
import { paramsFingerprint, sha256 } from "../core/fingerprint.ts";
import type { PlacedRun } from "../imports/points.ts";
import { readIfThere } from "../system/files.ts";
import { readExperimentText } from "./experiments.ts";
import type { ImportProblem } from "./import_problems.ts";
import type { Project } from "./project.ts";

/** What the file of an imported experiment says. */
export interface FileContent {
  id: string;
  from: string;
  folder: string;
  name: string;
  counts: string;
  command?: string;
  placed: readonly PlacedRun[];
}

/** The file of an imported experiment, and what becomes of it. */
export interface ImportedFile {
  /** Absolute. */
  path: string;
  text: string;
  /** `edited`: a user changed it, so that it stays; `none`: there is nothing to write. */
  state: "new" | "rewritten" | "unchanged" | "edited" | "none";
  /** Number of points. */
  points: number;
  /** SHA-256 of every text that an import gave it. */
  texts: string[];
  problems: ImportProblem[];
}

/** Works out the file of an experiment, of which imports wrote `texts` before. */
export function importedFile(
  project: Project,
  content: FileContent,
  texts: readonly string[],
): ImportedFile {
  const { layout } = project;
  const { id, placed, command, ...told } = content;
  const path = layout.experiment(id);
  const points = pointsOf(placed);
  const text = importedText({
    ...told,
    command,
    tags: tagsOf(placed),
    points: points.map(({ run }) => run.params!),
    schema: relative(layout.experiments, join(layout.schemas, SCHEMA_FILES.experiment)),
  });
  const state = points.length === 0 ? "none" : stateOf(readIfThere(path), text, texts);
  const known = texts.includes(sha256(text));
  const file = { path, text, state, points: points.length };
  const about = (problem: string) => [{ problem, runs: [] }];
  switch (state) {
    case "none":
      return { ...file, texts: [...texts], problems: about("no run has parameters: no file") };
    case "edited": {
      const problem = `${path} was edited since it was imported: left as it is`;
      return { ...file, texts: [...texts], problems: known ? [] : about(problem) };
    }
    case "unchanged":
      return { ...file, texts: known ? [...texts] : [...texts, sha256(text)], problems: [] };
    default: {
      const whole = command === undefined ? withSomeCommand(text) : text;
      const problems = problemsIn(project, id, whole, points);
      return { ...file, texts: known ? [...texts] : [...texts, sha256(text)], problems };
    }
  }
}

/** Whether it has to be written. */
export function isWritten({ state }: Pick<ImportedFile, "state">): boolean {
  return state === "new" || state === "rewritten";
}

/** The first run with each set of parameters. */
function pointsOf(placed: readonly PlacedRun[]): PlacedRun[] {
  const seen = new Set<string>();
  return placed.filter(({ point }) => point !== undefined && !seen.has(point) && seen.add(point));
}

function tagsOf(placed: readonly PlacedRun[]): string[] {
  const tags = new Set(placed.flatMap(({ run }) => run.tags));
  return [...tags].filter((tag) => !/\p{Cc}/u.test(tag)).sort();
}

function stateOf(
  there: string | undefined,
  text: string,
  texts: readonly string[],
): ImportedFile["state"] {
  if (there === undefined) return "new";
  if (there === text) return "unchanged";
  return texts.includes(sha256(there)) ? "rewritten" : "edited";
}

/** What the checks of an experiment's file say of a text that is about to be written. */
function problemsIn(
  project: Project,
  id: string,
  text: string,
  points: readonly PlacedRun[],
): ImportProblem[] {
  try {
    const { sweep, params } = readExperimentText(project, id, text);
    const spanned = new Set(
      Array.from(expandSweep(sweep, params), (point) => paramsFingerprint(point.params)),
    );
    const runs = points.filter(({ point }) => !spanned.has(point!)).map(({ run }) => run.id);
    const problem = "the project's defaults change its parameters: `submit` would run it again";
    return runs.length === 0 ? [] : [{ problem, runs }];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [{ problem: `its file has to be mended before it is submitted: ${reason}`, runs: [] }];
  }
}
