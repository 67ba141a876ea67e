import type { Environment } from "../environment.ts";
import { type Finding, ok } from "./finding.ts";

/** The first git with `rev-parse --path-format`, which snapshots of code need. */
const GIT: readonly [number, number] = [2, 31];

/** Whether git can take snapshots of code. */
export function checkGit({ git }: Environment): Finding {
  const { value, source } = git;
  if (value === undefined) {
    return {
      check: "git",
      state: "warning",
      found: source,
      hint: "without it no snapshot of your code is taken: `module load git`, or install it",
    };
  }
  const [, major, minor] = /(\d+)\.(\d+)/.exec(value) ?? [];
  const old = Number(major) < GIT[0] || (Number(major) === GIT[0] && Number(minor) < GIT[1]);
  if (!old) return ok("git", value);
  return {
    check: "git",
    state: "wrong",
    found: `${value}; snapshots of code need ${GIT.join(".")}`,
    hint: "load a newer one (`module load git`), or install it from conda-forge",
  };
}

/** Whether there is a Python 3 for the programs of runs; expflow itself needs none. */
export function checkPython({ python, conda, uv, runtime, modules }: Environment): Finding {
  if (python.value !== undefined) return ok("python", `${python.value} (${python.source})`);
  const others = [conda, uv, runtime, modules].flatMap(({ value }) => value ?? []);
  return {
    check: "python",
    state: "warning",
    found: `${python.source}${others.length > 0 ? `; there is ${others.join(", ")}` : ""}`,
    hint: "name the environment of your runs in the experiment: conda, venv, container or modules",
  };
}
