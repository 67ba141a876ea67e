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
  const singlePeer = await submitit(alice, "single", SINGLE);

  const list = Array.from({ length: POINTS }, (_, x) => x).join();
  alice.write(cwd, "points", `command: 'true'\n${settings}sweep: { grid: { x: [${list}] } }\n`);
  const arrays = `for i in $(seq ${POINTS / ARRAY}); do ${bare} --array=0-${
    ARRAY - 1
  } ${script}; done`;
  const arrayFloor = await timed(() => bash(alice, arrays));
  const array = await timed(() => alice.ok(["submit", "points", "--yes"], cwd));
  await alice.do(["scancel", "--me", "--state=PENDING"]);
  const arrayPeer = await submitit(alice, "arrays", POINTS, ARRAY);

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
    ...singlePeer.map((floor) => ({
      what: `submit ${SINGLE} experiments`,
      ours: single,
      floor,
      floorIs: `submitit, ${SINGLE} \`submit\``,
      limit: 1,
    })),
    ...arrayPeer.map((floor) => ({
      what: `submit ${POINTS} points`,
      ours: array,
      floor,
      floorIs: `submitit, ${POINTS / ARRAY} \`map_array\``,
      limit: 1,
    })),
  ];
}

/**
 * Milliseconds that submitit takes for the same, its start not counted; empty without a Python that
 * has it, in `EXPFLOW_BENCH_PYTHON`, and that the lab's users can run.
 */
async function submitit(user: LabUser, kind: string, ...numbers: number[]): Promise<number[]> {
  const python = Deno.env.get("EXPFLOW_BENCH_PYTHON");
  const script = join(user.scratch, "submitit_jobs.py");
  Deno.copyFileSync(join(import.meta.dirname!, "submitit_jobs.py"), script);
  const ended = python === undefined
    ? undefined
    : await user.do([python, script, kind, join(user.scratch, "submitit"), ...numbers.map(String)]);
  await user.do(["scancel", "--me", "--state=PENDING"]);
  if (ended?.code === 0) return [1000 * Number(ended.out)];
  console.warn(
    `NOT RUN: submitit; EXPFLOW_BENCH_PYTHON (${python}) has none for users of the lab\n${
      ended?.err ?? ""
    }`,
  );
  return [];
}
