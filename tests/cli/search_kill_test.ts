import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { drawnAt } from "../../lib/search/space.ts";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";

const ROUNDS = 30;
const TRIALS = 12;
const KILL_WITHIN_MS = 1500;
const space = { x: "uniform(0,1)", y: "loguniform(1e-4,1)" };

/** Each run leaves one line a start, and would be seen if it started twice. */
const EXPERIMENT = `command: |
  echo $EXPFLOW_ATTEMPT >> {run.dir}/trace
  echo "{\\"loss\\": {params.x}}" > {run.dir}/result.json
args: none
search:
  metric: loss
  trials: ${TRIALS}
  at_once: 3
  seed: 5
  space: ${JSON.stringify(space)}
  asha: { param: epochs, min: 1, max: 9 }
`;

// deno-lint-ignore no-explicit-any
type Event = any;

function journal(cwd: string, id: string): Event[] {
  const path = join(cwd, "experiments", "search", id, "journal.jsonl");
  return Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** Number of the process that has the search, of whatever turn. */
function driverOf(cwd: string, id: string): number | undefined {
  try {
    const folder = join(cwd, "experiments", "search", id);
    const links = [...Deno.readDirSync(folder)].filter(({ name }) => /^driver\.\d+$/.test(name));
    const pids = links.map(({ name }) => parseInt(Deno.readLinkSync(join(folder, name)), 10));
    return Math.max(...pids);
  } catch {
    return undefined; // it is not there yet, or was just cleared away
  }
}

/** Kills a driver some time after it has the search. @returns whether it lived until then. */
async function driveAndKill(box: Sandbox, cwd: string, id: string): Promise<boolean> {
  const child = box.spawn(["search", "run", id], { cwd });
  let ended = false;
  const output = child.output().finally(() => ended = true);
  const isDriving = () => {
    const driver = driverOf(cwd, id);
    return driver !== undefined && driver === child.pid;
  };
  while (!ended && !isDriving()) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, Math.random() * KILL_WITHIN_MS));
  if (!ended) child.kill("SIGKILL");
  const { signal, code, stderr } = await output;
  ok(signal === "SIGKILL" || code === 0, new TextDecoder().decode(stderr));
  return signal === "SIGKILL";
}

async function checkWhole(box: Sandbox, cwd: string, id: string): Promise<void> {
  const events = journal(cwd, id);
  equal(events.filter(({ event }) => event === "begun").length, 1);
  const started = events.filter(({ event }) => event === "started");
  const keys = started.map(({ trial, rung }) => `${trial}.${rung}`);
  equal(new Set(keys).size, keys.length, `${id}: a trial was doubled: ${keys}`);
  const first = started.filter(({ rung }) => rung === 0);
  deepEqual(first.map(({ trial }) => trial), Array.from({ length: TRIALS }, (_, n) => n));
  const draws = { space, sampler: "random", seed: 5 } as const;
  deepEqual(
    first.map(({ params: { epochs: _, ...drawn } }) => drawn),
    first.map(({ trial }) => drawnAt(draws, trial, {})),
    `${id}: a suggestion that got lost was not made again identically`,
  );
  const told = events.filter(({ event }) => event === "told");
  deepEqual(told.map(({ trial, rung }) => `${trial}.${rung}`).sort(), keys.toSorted());
  const { runs } = await statusOf(box, cwd, id);
  equal(runs.length, started.length, `${id}: one run for each trial at each rung`);
  for (const { trial, rung, run, value } of told) {
    const { params } = started.find((one) => one.trial === trial && one.rung === rung);
    equal(value, params.x, `${id}: trial ${trial} was told what another one has`);
    const trace = join(cwd, "experiments", "runs", id, String(run), "trace");
    equal(Deno.readTextFileSync(trace), "1\n", `${id}: run ${run} ran once`);
  }
}

Deno.test(`killing the driver of a search ${ROUNDS} times loses no trial and doubles none`, async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  let kills = 0;
  let finished = 0;
  for (let search = 0; kills < ROUNDS; search++) {
    const id = `search${search}`;
    writeExperiment(cwd, id, EXPERIMENT);
    while (kills < ROUNDS && await driveAndKill(box, cwd, id)) kills++;
    const last = box.spawn(["search", "run", id], { cwd, before: ["timeout", "240"] });
    const { code, stderr } = await last.output();
    equal(code, 0, new TextDecoder().decode(stderr));
    await checkWhole(box, cwd, id);
    finished++;
  }
  equal(kills, ROUNDS);
  console.log(`${kills} drivers were killed in ${finished} searches`);
});
