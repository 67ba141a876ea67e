import { isAbsolute, join } from "node:path";
import type { JobSpec } from "./job_spec.ts";
import { expandPattern, type PatternValues } from "./patterns.ts";

/** What file name patterns of a task stand for. */
export function patternValues(
  spec: JobSpec,
  { id, position, task, node }: { id: number; position: number; task: number; node: string },
): PatternValues {
  return {
    job: id + position,
    array: id,
    task,
    name: spec.name,
    user: spec.environment.USER ?? "",
    node,
  };
}

/** Where a task writes: absolute, as sbatch has it unless the script says. */
export function outputPaths(
  spec: JobSpec,
  values: PatternValues,
): { output: string; error: string } {
  const resolve = (pattern: string): string => {
    const path = expandPattern(pattern, values);
    return isAbsolute(path) ? path : join(spec.chdir, path);
  };
  const standard = spec.array === undefined ? "slurm-%j.out" : "slurm-%A_%a.out";
  const output = resolve(spec.output ?? standard);
  return { output, error: spec.error === undefined ? output : resolve(spec.error) };
}
