const PART = /^(\d{1,9})(?:-(\d{1,9})(?::(\d{1,9}))?)?$/;
/** MaxArraySize cannot be more in Slurm. */
const HIGHEST = 4_000_001;

/**
 * Reads the tasks of an array as Slurm prints them: `7`, `1-5,7`, `0-998:2%3`. The throttle is left
 * aside. `undefined` when it is no such list: cut off by Slurm (`1,3,5,...`), say.
 */
export function parseTaskList(text: string): number[] | undefined {
  const tasks: number[] = [];
  for (const part of text.replace(/%\d+$/, "").split(",")) {
    const match = PART.exec(part);
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? first);
    const step = Number(match[3] ?? 1);
    if (step === 0 || last > HIGHEST) return undefined;
    for (let task = first; task <= last; task += step) tasks.push(task);
  }
  return tasks;
}

/** The shortest list of these tasks that Slurm takes: `1-5,7`. */
export function formatTaskList(tasks: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const task of [...new Set(tasks)].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range && range[1] === task - 1) range[1] = task;
    else ranges.push([task, task]);
  }
  return ranges.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(",");
}
