import { isAbsolute, join } from "node:path";
import type { Experiment } from "../core/experiment.ts";
import type { SearchSpec } from "../core/search.ts";
import type { Python } from "../search/optuna.ts";
import type { Project } from "./project.ts";

/** The Python that is asked for suggestions: the search's, the environment's, else `python3`. */
export function pythonOf(
  { layout, context }: Project,
  { stages, workdir }: Experiment,
  { python }: SearchSpec,
): Python {
  const venv = stages.find(({ environment }) => environment.venv)?.environment.venv;
  const program = python ?? (venv ? join(venv, "bin", "python") : "python3");
  const isPath = program.includes("/") && !isAbsolute(program);
  return {
    runner: context.runner,
    program: isPath ? join(workdir, program) : program,
    cwd: layout.root,
  };
}
