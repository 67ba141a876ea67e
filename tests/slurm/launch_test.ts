import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { namesIn } from "../../lib/system/files.ts";
import { isProcessAlive } from "../../lib/system/processes.ts";
import { labIsUp, LabUser } from "./lab.ts";

const RUNS = 60;

const EXPERIMENT = `command: |
  echo "begin $EXPFLOW_ATTEMPT $CUDA_VISIBLE_DEVICES $(hostname)" >> {run.dir}/trace
  sleep 0.7
  echo "end $EXPFLOW_ATTEMPT" >> {run.dir}/trace
args: none
resources: { time: 2m, gpus: 1 }
sweep: { grid: { x: "range(0, ${RUNS})" } }
`;

interface Agent {
  id: string;
  pid: number;
  state: string;
  why?: string;
  allocation: { job: string; task: number };
  slots: { pid?: number; worker?: string; starts: number; done: number; gpus: string[] }[];
}

Deno.test({
  name: "60 runs by two allocations of four workers, some of which are killed",
  ignore: !labIsUp,
  fn: async () => {
    await using alice = await LabUser.login("alice");
    const project = await alice.project();
    alice.write(project, "exp", EXPERIMENT.replace(/"range.*"/, JSON.stringify(numbers())));
    await alice.ok(["submit", "exp", "--to", "queue", "--yes"], project);
    const words = ["--jobs", "2", "--gpus", "2", "--workers-per-gpu", "2", "--time", "10m"];
    const place = ["--partition", "gpu", "--mem", "500M", "--linger", "2s"];
    const { out } = await alice.ok(["launch", ...words, ...place, "--json"], project);
    const launched = JSON.parse(out);
    deepEqual([launched.submitted, launched.workers], [2, 4]);
    const agents = await untilAgents(
      alice,
      project,
      (all) => all.length === 2 && all.every(({ slots }) => slots.every(({ done }) => done > 0)),
    );
    for (const { slots } of agents) {
      const used = slots.map(({ gpus }) => gpus.join());
      deepEqual([new Set(used).size, used.length], [2, 4], "two workers a GPU");
    }
    const [first, second] = agents;
    Deno.kill(first!.slots[0]!.pid!, "SIGKILL");
    await untilAgents(
      alice,
      project,
      (all) => all.some(({ id, slots }) => id === first!.id && slots[0]!.starts === 2),
    );
    Deno.kill(second!.pid, "SIGKILL");
    await untilGone(second!.slots.map(({ pid }) => pid!));
    const done = await alice.until(project, "exp", ({ counts }) => counts.completed === RUNS);
    equal(done.runs.length, RUNS);
    const state = join(project, "experiments", "state", "exp", "001", "events");
    const ends = namesIn(state).filter((name) =>
      name.includes(".train.") && name.includes(".end.0.")
    );
    deepEqual(ends.map((name) => parseInt(name, 10)).sort((a, b) => a - b), numbers());
    const after = await untilAgents(
      alice,
      project,
      (all) => all.some(({ id, state }) => id === first!.id && state === "ended"),
    );
    match(after.find(({ id }) => id === first!.id)!.why!, /nothing was left/);
    const errors = await alice.ok(["launch", "logs", "--errors", "--json"], project);
    ok(errors.out.includes("ended with signal 9"), errors.out);
  },
});

Deno.test({
  name: "an allocation that is cancelled gives its runs back, and another fleet ends them",
  ignore: !labIsUp,
  fn: async () => {
    await using alice = await LabUser.login("alice");
    const project = await alice.project();
    const short = EXPERIMENT.replace("sleep 0.7", "sleep 4").replace("gpus: 1", "cpus_per_task: 1");
    alice.write(project, "exp", short.replace(/"range.*"/, "[0, 1, 2, 3]"));
    await alice.ok(["submit", "exp", "--to", "queue", "--yes"], project);
    const words = ["launch", "--jobs", "1", "--workers", "2", "--time", "10m", "--linger", "1s"];
    const cpu = ["--partition", "cpu", "--mem", "200M"];
    const { out } = await alice.ok([...words, ...cpu, "--json"], project);
    await untilAgents(
      alice,
      project,
      (all) => all.some(({ slots }) => slots.length === 2 && slots.every(({ worker }) => worker)),
    );
    await alice.until(project, "exp", ({ counts }) => counts.running === 2);
    await alice.do(["scancel", JSON.parse(out).job]);
    const [agent] = await untilAgents(alice, project, ([one]) => one?.state === "ended");
    equal(agent!.why, "it was stopped");
    const { counts } = await alice.until(project, "exp", (status) => !status.counts.running);
    deepEqual(counts, { pending: 4 });
    await alice.ok([...words, ...cpu], project);
    await alice.until(project, "exp", (status) => status.counts.completed === 4);
  },
});

function numbers(): number[] {
  return Array.from({ length: RUNS }, (_, index) => index);
}

async function untilAgents(
  user: LabUser,
  project: string,
  wanted: (agents: Agent[]) => boolean,
): Promise<Agent[]> {
  for (const end = Date.now() + 120_000;;) {
    const { out } = await user.ok(["launch", "status", "--json"], project);
    const agents = JSON.parse(out).flatMap((fleet: { agents: Agent[] }) => fleet.agents);
    if (wanted(agents)) return agents;
    if (Date.now() > end) throw new Error(`still ${out}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function untilGone(pids: number[]): Promise<void> {
  for (const end = Date.now() + 30_000; pids.some(isProcessAlive);) {
    if (Date.now() > end) throw new Error(`workers live: ${pids}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
