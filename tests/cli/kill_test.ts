import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";

const ROUNDS = 50;
const RUNS = 6;
const KILL_WITHIN_MS = 600;

/** Each run leaves one line a start, and would be seen if it started twice. */
const EXPERIMENT = `command: 'echo $EXPFLOW_ATTEMPT >> {run.dir}/trace; sleep 0.05'
args: none
sweep: { grid: { x: [${Array.from({ length: RUNS }, (_, i) => i)}] } }
`;

/** Kills supervisor and guardian of a project's local scheduler, as `kill -9` does. */
async function killSupervisor(project: string): Promise<void> {
  await new Deno.Command("pkill", {
    args: ["-KILL", "-f", `local supervise ${project}/`],
    stdout: "null",
    stderr: "null",
  }).output();
}

Deno.test(`killing the command line and the supervisor ${ROUNDS} times loses and doubles nothing`, async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const moments: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const id = `kill${round}`;
    writeExperiment(cwd, id, EXPERIMENT);
    const victim = box.spawn(["submit", id, "--wait"], { cwd });
    const after = Math.random() * KILL_WITHIN_MS;
    await new Promise((resolve) => setTimeout(resolve, after));
    try {
      victim.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    if (round % 2 === 1) await killSupervisor(cwd);
    await victim.output();
    const at = `round ${round}, killed after ${after.toFixed(0)} ms`;
    moments.push(at);
    await box.ok(["submit", id, "--wait"], { cwd });
    const { runs, submissions } = await statusOf(box, cwd, id);
    equal(submissions.length, 1, at);
    deepEqual(runs.map((run: { state: string }) => run.state), Array(RUNS).fill("completed"), at);
    for (let run = 0; run < RUNS; run++) {
      const trace = join(cwd, "experiments", "runs", id, String(run), "trace");
      equal(Deno.readTextFileSync(trace), "1\n", `${at}, run ${run}`);
    }
  }
  equal(moments.length, ROUNDS);
});

Deno.test("eight command lines that submit one experiment at once submit it once", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  for (let round = 0; round < 5; round++) {
    const id = `race${round}`;
    writeExperiment(cwd, id, EXPERIMENT);
    const ended = await Promise.all(
      Array.from({ length: 8 }, () => box.run(["submit", id], { cwd })),
    );
    deepEqual(ended.map(({ code }) => code), Array(8).fill(0), ended.map(({ err }) => err).join());
    await box.ok(["submit", id, "--wait"], { cwd });
    const { submissions } = await statusOf(box, cwd, id);
    equal(submissions.length, 1);
    for (let run = 0; run < RUNS; run++) {
      const trace = join(cwd, "experiments", "runs", id, String(run), "trace");
      equal(Deno.readTextFileSync(trace), "1\n");
    }
  }
});
