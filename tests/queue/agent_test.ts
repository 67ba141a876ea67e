import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { giveOrder } from "../../lib/queue/agent/control.ts";
import { isProcessAlive } from "../../lib/system/processes.ts";
import { AgentBench } from "./agent_bench.ts";

const canUnshare = Deno.build.os === "linux" &&
  (await new Deno.Command("unshare", { args: ["-n", "true"] }).output().catch(() => undefined))
      ?.success === true;
if (!canUnshare) {
  console.warn("NOT RUN: workers without a network; `unshare -n` is not to be had here");
}

Deno.test({
  name: "an agent and its workers start without network, home and cache, in less than a second",
  ignore: !canUnshare,
  fn: async () => {
    await using bench = new AgentBench();
    const took: number[] = [];
    let job = "";
    for (let tries = 0; tries < 5 && !took.some((ms) => ms < 500); tries++) {
      job = await bench.submit(4, "date +%s%N >>claimed", ["--gres=gpu:1"]);
      const began = Date.now();
      const agent = bench.start({ gpus: 2, workersPerGpu: 2, linger: 0.1 }, ["unshare", "-n"]);
      equal((await agent.status).code, 0);
      const times = Deno.readTextFileSync(join(bench.root, "claimed")).trim().split("\n");
      const after = times.map((time) => Number(time) / 1e6 - began).filter((ms) => ms > 0);
      took.push(Math.round(Math.min(...after)));
    }
    console.log(`agent, worker and first task: ${took.join(", ")} ms after the process started`);
    ok(Math.min(...took) < 1000, `${took} ms`); // of the agent and a worker, one after the other
    deepEqual((await bench.tasks(job)).map(({ state }) => state), Array(4).fill("COMPLETED"));
    const [status] = bench.agents();
    equal(status!.state, "ended");
    match(status!.why!, /nothing was left/);
    deepEqual(status!.slots.map(({ gpus }) => gpus.join()), [
      "GPU-aaaaaaaa",
      "MIG-bbbbbbbb",
      "GPU-aaaaaaaa",
      "MIG-bbbbbbbb",
    ]);
  },
});

Deno.test("a killed worker is started again, and its task runs once more to its end", async () => {
  await using bench = new AgentBench();
  const job = await bench.submit(3, "sleep 1.5");
  const agent = bench.start();
  const [victim, task] = await bench.until(
    "two tasks run",
    () => bench.trace().size === 2 && [...bench.claims()][0],
  );
  Deno.kill(Number(victim.split("-").at(-2)), "SIGKILL");
  equal((await agent.status).code, 0);
  deepEqual((await bench.tasks(job)).map(({ state }) => state), Array(3).fill("COMPLETED"));
  const trace = bench.trace();
  equal(trace.get(`start ${task}`), 2);
  for (const one of [0, 1, 2]) equal(trace.get(`end ${one}`), 1);
  const [error] = bench.errors();
  deepEqual([error.kind, error.worker, error.code], ["died", victim, 137]);
  const [status] = bench.agents();
  deepEqual(status!.slots.map(({ starts }) => starts).sort(), [1, 2]);
  equal(status!.slots.reduce((sum, { done }) => sum + done, 0), 3);
});

Deno.test("workers end with a killed agent, and another one finishes their tasks", async () => {
  await using bench = new AgentBench();
  const job = await bench.submit(4, "sleep 1");
  const agent = bench.start();
  await bench.until("two claims", () => bench.claims().size === 2);
  const workers = [...bench.claims().keys()].map((worker) => Number(worker.split("-").at(-2)));
  agent.kill("SIGKILL");
  await bench.until("workers end", () => !workers.some(isProcessAlive), 10);
  equal(bench.claims().size, 0);
  equal((await bench.start({ workers: 4 }).status).code, 0);
  deepEqual((await bench.tasks(job)).map(({ state }) => state), Array(4).fill("COMPLETED"));
  for (const one of [0, 1, 2, 3]) equal(bench.trace().get(`end ${one}`), 1);
});

Deno.test("a worker that gives no sign of life is killed, and its task is given to others", async () => {
  await using bench = new AgentBench();
  const job = await bench.submit(2, "sleep 2");
  const agent = bench.start({ lease: 7 });
  const [victim] = await bench.until(
    "two claims",
    () => bench.claims().size === 2 && [...bench.claims()][0],
  );
  Deno.kill(Number(victim.split("-").at(-2)), "SIGSTOP");
  equal((await agent.status).code, 0);
  deepEqual((await bench.tasks(job)).map(({ state }) => state), Array(2).fill("COMPLETED"));
  deepEqual(bench.errors().map(({ kind }) => kind), ["silent", "died"]);
});

for (
  const [how, act] of Object.entries({
    "TERM": (agent: Deno.ChildProcess) => agent.kill("SIGTERM"),
    "an order": (_: Deno.ChildProcess, bench: AgentBench) => giveOrder(bench, "stop", "1"),
  })
) {
  Deno.test(`${how} stops an agent: what ran goes back to the queue`, async () => {
    await using bench = new AgentBench();
    const job = await bench.submit(2, "sleep 30");
    const agent = bench.start();
    await bench.until("two claims", () => bench.claims().size === 2);
    act(agent, bench);
    equal((await agent.status).code, 0);
    deepEqual((await bench.tasks(job)).map(({ state }) => state), Array(2).fill("PENDING"));
    const [status] = bench.agents();
    deepEqual([status!.why, status!.errors], ["it was stopped", 0]);
    deepEqual(status!.slots.map(({ again }) => again), [1, 1]);
  });
}

Deno.test("a drained agent finishes what runs, and takes nothing more", async () => {
  await using bench = new AgentBench();
  const job = await bench.submit(6, "sleep 2");
  const agent = bench.start();
  await bench.until("two claims", () => bench.claims().size === 2);
  giveOrder(bench, "drain", "1");
  equal((await agent.status).code, 0);
  const states = Map.groupBy(await bench.tasks(job), ({ state }) => state);
  deepEqual([states.get("COMPLETED")?.length, states.get("PENDING")?.length], [2, 4]);
  equal(bench.agents()[0]!.why, "it was drained");
});

Deno.test("USR1, the warning before the end, reaches what runs, and nothing more is taken", async () => {
  await using bench = new AgentBench();
  const body =
    `trap 'echo warned >>trace; exit 0' USR1\nfor ((i = 0; i < 300; i++)); do sleep 0.1; done`;
  const job = await bench.submit(3, body, ["--signal=B:USR1@30"]);
  const agent = bench.start();
  await bench.until("two tasks run", () => bench.trace().size === 2);
  agent.kill("SIGUSR1");
  equal((await agent.status).code, 0);
  equal(bench.trace().get("warned"), 2);
  const states = Map.groupBy(await bench.tasks(job), ({ state }) => state);
  deepEqual([states.get("COMPLETED")?.length, states.get("PENDING")?.length], [2, 1]);
});
