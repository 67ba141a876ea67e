import { equal } from "node:assert/strict";
import { join } from "node:path";
import { labIsUp, LabUser } from "../tests/slurm/lab.ts";
import type { Measurement } from "./measure.ts";

const SINGLE = 500;
const POINTS = 5000;
const ARRAY = 1000;

async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** A bare loop of sbatch, as a person would write it. */
async function bash(user: LabUser, loop: string): Promise<void> {
  const { code, err } = await user.do(["bash", "-euc", loop]);
  equal(code, 0, err);
}

/** Submitting on real Slurm, held so that nothing but submission is measured; needs the lab. */
export async function submission(): Promise<Measurement[]> {
  if (!labIsUp) return [];
  await using alice = await LabUser.login("alice");
  const cwd = await alice.project();
  const script = join(alice.scratch, "bare.sh");
  Deno.writeTextFileSync(script, "#!/bin/bash\ntrue\n");
  const bare = "sbatch --parsable --hold --mem=10M -o /dev/null";
  const settings = 'resources: { mem: 10M, sbatch: ["--hold"] }\nargs: none\nsnapshot: false\n';

  const ids = Array.from({ length: SINGLE }, (_, at) => `single${at}`);
  for (const id of ids) alice.write(cwd, id, `command: 'true'\n${settings}`);
  const loop = `for i in $(seq ${SINGLE}); do ${bare} ${script}; done`;
  const singleFloor = await timed(() => bash(alice, loop));
  const single = await timed(() => alice.ok(["submit", "--all", "--yes"], cwd));
  await alice.do(["scancel", "--me", "--state=PENDING"]);

  const list = Array.from({ length: POINTS }, (_, x) => x).join();
  alice.write(cwd, "points", `command: 'true'\n${settings}sweep: { grid: { x: [${list}] } }\n`);
  const arrays = `for i in $(seq ${POINTS / ARRAY}); do ${bare} --array=0-${
    ARRAY - 1
  } ${script}; done`;
  const arrayFloor = await timed(() => bash(alice, arrays));
  const array = await timed(() => alice.ok(["submit", "points", "--yes"], cwd));
  await alice.do(["scancel", "--me", "--state=PENDING"]);

  return [
    {
      what: `submit ${SINGLE} experiments`,
      ours: single,
      floor: singleFloor,
      floorIs: `a bash loop of ${SINGLE} sbatch`,
      limit: 1,
    },
    {
      what: `submit ${POINTS} points (MaxArraySize 1,001)`,
      ours: array,
      floor: arrayFloor,
      floorIs: `${POINTS / ARRAY} sbatch --array`,
      limit: 2,
    },
  ];
}
