import { equal } from "node:assert/strict";
import { harvest } from "../mod.ts";
import { completedProject } from "./harvested_project.ts";
import { type Measurement, timed } from "./measure.ts";

const RUNS = 10_000;
const LINES = 1000;
const FILES = 50;

function metrics(seed: number): string {
  const row = (step: number) => ({
    step,
    epoch: Math.floor(step / 100),
    loss: Math.exp(-step / 300) + seed / 1000,
    acc: 1 - Math.exp(-step / 300),
  });
  return Array.from({ length: LINES }, (_, step) => `${JSON.stringify(row(step))}\n`).join("");
}

/** The plainest loop over the same bytes. */
function readAndParse(paths: readonly string[]): number {
  let rows = 0;
  for (const path of paths) {
    for (const line of Deno.readTextFileSync(path).split("\n")) {
      if (line === "") continue;
      JSON.parse(line);
      rows++;
    }
  }
  return rows;
}

/** The first harvest of a large experiment, and one where nothing is new. */
export async function harvesting(): Promise<Measurement[]> {
  const parent = Deno.makeTempDirSync({ prefix: "expflow-bench-" });
  try {
    const contents = Array.from({ length: FILES }, (_, at) => metrics(at));
    const project = await completedProject(parent, { runs: RUNS, contents });
    const paths = Array.from(
      { length: RUNS },
      (_, run) => `${project.layout.run("big", run)}/metrics.jsonl`,
    );
    readAndParse(paths.slice(0, 100));
    const before = await timed(() => Promise.resolve(equal(readAndParse(paths), RUNS * LINES)));
    const first = await timed(async () => {
      const { records, problems, read } = await harvest(project, "big");
      equal(problems.length, 0, problems[0]);
      equal(records.at(-1)!.metrics.acc!.bestStep, LINES - 1);
      equal(read, RUNS);
    });
    console.error(`memory after the first harvest: ${Math.round(Deno.memoryUsage().rss / 1e6)} MB`);
    const after = await timed(() => Promise.resolve(equal(readAndParse(paths), RUNS * LINES)));
    const second = await timed(async () => equal((await harvest(project, "big")).read, 0));
    return [
      {
        what: `harvest ${RUNS} runs of ${LINES} lines`,
        ours: first,
        floor: (before + after) / 2,
        floorIs: "reading and JSON.parse of each line",
        limit: 1.5,
      },
      {
        what: "harvest again, nothing new",
        ours: second,
        floor: 2000,
        floorIs: "two seconds",
        limit: 1,
      },
    ];
  } finally {
    Deno.removeSync(parent, { recursive: true });
  }
}
