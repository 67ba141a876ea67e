import type { ForeignRun } from "../imports/foreign.ts";
import { noPoint, type PlacedRun, pointRuns } from "../imports/points.ts";
import type { KeptRun } from "./imported.ts";

/** Something that is to be known of runs. */
export interface ImportProblem {
  /** One line. */
  problem: string;
  /** Ids of the runs in the other tool; none where it is about the experiment. */
  runs: string[];
}

/** What is to be known of the runs of an experiment: the same of several once, in the order of runs. */
export function problemsOf(
  placed: readonly PlacedRun[],
  kept: readonly KeptRun[],
): ImportProblem[] {
  const found = new Map<string, string[]>();
  const note = (problem: string, id: string) => {
    const runs = found.get(problem);
    if (runs) runs.push(id);
    else found.set(problem, [id]);
  };
  const standing = pointRuns(kept);
  const first = new Map<string, string>();
  for (const [at, { run, point }] of placed.entries()) {
    for (const problem of kept[at]!.record?.problems ?? run.problems) note(problem, run.id);
    if (point === undefined) note(withoutPoint(run), run.id);
    else if (!first.has(point)) first.set(point, run.id);
    else {
      const same = standing.get(point)!;
      const other = same.id === run.id ? first.get(point)! : same.id;
      note(duplicate(run, other, same.state), run.id);
    }
  }
  return Array.from(found, ([problem, runs]) => ({ problem, runs }));
}

function withoutPoint(run: ForeignRun): string {
  const lost = run.state === "queued" ? "it is not run by `submit`" : "only its results are there";
  return `${noPoint(run)}: it is no run of the sweep, ${lost}`;
}

function duplicate({ state, id }: ForeignRun, other: string, standing: string): string {
  const same = `it has the parameters of ${other}`;
  if (state !== "queued") return `${same}: its results are kept beside`;
  return standing === "queued"
    ? `${same}: ${id === other ? "they are" : "both are"} one run of the sweep`
    : `${same}, which is ${standing}: \`submit\` does not run them again`;
}
