/** What the letters of `--output` and `--error` stand for. */
export interface PatternValues {
  /** `%j`: the task's own job id. */
  job: number;
  /** `%A`: the array's job id; the same as `job` without one. */
  array: number;
  /** `%a`: index in the array; 0 without one. */
  task: number;
  /** `%x` */
  name: string;
  /** `%u` */
  user: string;
  /** `%N`: short host name. */
  node: string;
}

/** Fills in a file name pattern as Slurm does; a number between pads with zeros (`%4a`). */
export function expandPattern(pattern: string, values: PatternValues): string {
  const texts: Record<string, string | number> = {
    j: values.job,
    A: values.array,
    a: values.task,
    x: values.name,
    u: values.user,
    N: values.node,
    n: 0,
    t: 0,
  };
  return pattern.replace(/%(\d{0,9})([%jAaxuNnt])/g, (_, width: string, letter: string) => {
    if (letter === "%") return "%";
    const value = texts[letter]!;
    return typeof value === "number"
      ? String(value).padStart(Math.min(Number(width), 10), "0")
      : value;
  });
}
