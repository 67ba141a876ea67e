import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { type Ended, Sandbox, statusOf, writeExperiment } from "./harness.ts";

/** `EXPFLOW_ROUNDS=100` for all of them. */
const ROUNDS = Number(Deno.env.get("EXPFLOW_ROUNDS") ?? 4);
const RUNS = 4;
/** Half of the runs fail at first, of something that `retry:` knows. Each attempt leaves a line. */
const EXPERIMENT = `command: |
  echo $EXPFLOW_ATTEMPT >> {run.dir}/../trace.{run.index}
  x={params.x}
  if [[ $((x % 2)) == 1 && $EXPFLOW_ATTEMPT == 1 ]]; then
    echo 'torch.cuda.OutOfMemoryError: CUDA out of memory.' >&2
    exit 1
  fi
  echo "{\\"attempt\\": $EXPFLOW_ATTEMPT}" > {run.dir}/result.json
args: none
harvest: result.json
retry: { cuda_oom: 1 }
sweep: { grid: { x: [${Array.from({ length: RUNS }, (_, x) => x)}] } }
`;
const EXPECTED = Array.from({ length: RUNS }, (_, x) => x % 2 === 1 ? "1\n2\n" : "1\n");
/** Eight at once. */
const COMMANDS = [
  ["submit"],
  ["submit"],
  ["submit", "--wait"],
  ["retry"],
  ["retry"],
  ["harvest", "--json"],
  ["harvest", "--json"],
  ["harvest", "--json"],
];

/** What a harvest told, and what is in the file: run → its state and attempt. */
interface Told {
  run: number;
  state: string;
  attempt: number;
}

function shuffled<T>(things: readonly T[]): T[] {
  return things.map((thing) => ({ thing, at: Math.random() })).sort((a, b) => a.at - b.at)
    .map(({ thing }) => thing);
}

/** What a command line of this storm may say: a harvest before anything was submitted has nothing. */
function checkEnd(args: readonly string[], { code, out, err }: Ended): void {
  if (args[0] === "harvest" && code === 4 && /never submitted/.test(err)) return;
  if (args.includes("--wait") && code === 1) return; // a run failed, and another command line retries it
  equal(code, 0, `${args.join(" ")}: ${out}${err}`);
}

Deno.test(`eight command lines submit, retry and harvest at once, ${ROUNDS} rounds`, async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  let retried = 0;
  let told = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const id = `storm${round}`;
    writeExperiment(cwd, id, EXPERIMENT);
    const reports: Told[] = [];
    const storm = async (commands: readonly string[][]) => {
      await Promise.all(
        shuffled(commands).map(async ([verb, ...options]) => {
          const args = [verb!, id, ...options];
          const ended = await box.run(args, { cwd });
          checkEnd(args, ended);
          if (verb === "harvest" && ended.code === 0) {
            reports.push(...JSON.parse(ended.out)[0].records);
          }
        }),
      );
    };
    await storm(COMMANDS);
    await storm(COMMANDS);
    told += reports.length;
    const stored = readStored(cwd, id);
    for (const { run, state, attempt } of reports) {
      const last = stored.find((one) => one.run === run);
      ok(last, `round ${round}: run ${run} was harvested, and is not in the file`);
      ok(last.attempt >= attempt, `round ${round}, run ${run}: attempt ${attempt} was overwritten`);
      if (state === "completed") equal(last.state, "completed", `round ${round}, run ${run}`);
    }
    await box.ok(["submit", id, "--wait"], { cwd });
    await box.ok(["harvest", id], { cwd });
    const { runs, submissions } = await statusOf(box, cwd, id);
    deepEqual(
      runs.map((run: Told) => [run.run, run.state]),
      [0, 1, 2, 3].map((x) => [x, "completed"]),
    );
    retried += submissions.length - 1;
    for (const [run, lines] of EXPECTED.entries()) {
      const trace = join(cwd, "experiments", "runs", id, `trace.${run}`);
      equal(Deno.readTextFileSync(trace), lines, `round ${round}, run ${run}`);
    }
    deepEqual(readStored(cwd, id).map(({ run, state, attempt }) => [run, state, attempt]), [
      [0, "completed", 1],
      [1, "completed", 2],
      [2, "completed", 1],
      [3, "completed", 2],
    ]);
  }
  console.log(`${ROUNDS} rounds of 16: ${told} records told, ${retried} submissions were retries`);
  ok(retried >= ROUNDS && told > 0);
  const table = JSON.parse((await box.ok(["results", "query", "--json"], { cwd })).out);
  equal((table.records ?? table).length, ROUNDS * RUNS);
});

function readStored(project: string, id: string): Told[] {
  try {
    return Deno.readTextFileSync(join(project, "experiments", "results", `${id}.jsonl`)).split("\n")
      .filter(Boolean).map((line) => JSON.parse(line));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
