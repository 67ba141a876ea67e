import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { parseMarker } from "../../../lib/core/markers.ts";
import { type QueueLayout, queueLayout } from "../../../lib/schedulers/queue/places.ts";
import { namesIn } from "../../../lib/system/files.ts";
import { isProcessAlive } from "../../../lib/system/processes.ts";
import { cluster, labIsUp, LabUser } from "../lab.ts";

/** As many as a pipeline has patience for; `EXPFLOW_CHAOS_RUNS=5000` by hand. */
const RUNS = Number(Deno.env.get("EXPFLOW_CHAOS_RUNS") ?? 400);
const [ALLOCATIONS, WORKERS, LEASE] = [8, 4, 15];
/** Room for everything; then it is filled up for ten seconds. */
const [ROOM, FULL_MS] = ["2G", 10_000];

type Agent = { pid: number; state: string; slots: { pid?: number; worker?: string }[] };

Deno.test({
  name:
    `${RUNS} runs by ${ALLOCATIONS} x ${WORKERS} workers while everything breaks: each ends once`,
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice", {}, "chaos");
    const project = join(alice.scratch, "project");
    const evidence = join(alice.scratch, "evidence");
    for (const folder of [project, evidence]) await alice.do(["mkdir", folder]);
    await asRoot("mount", "-t", "tmpfs", "-o", `size=${ROOM},mode=777`, "tmpfs", project);
    try {
      await alice.ok(["init", "project", "--dir", alice.scratch]);
      alice.write(project, "exp", experiment(evidence));
      await alice.ok(["submit", "exp", "--to", "queue", "--yes"], project);
      const chaos = await whileWorking(alice, project);
      await check(alice, project, evidence, chaos);
    } finally {
      await alice.run(["launch", "stop"], project);
      await cluster("up");
      await asRoot("umount", "-l", project);
    }
  },
});

/** Each attempt writes down its beginning and its end where the disk is never full. */
function experiment(evidence: string): string {
  return `command: |
  echo "begin $EXPFLOW_ATTEMPT" >> ${evidence}/$EXPFLOW_RUN
  sleep 2
  echo "end $EXPFLOW_ATTEMPT" >> ${evidence}/$EXPFLOW_RUN
args: none
snapshot: false
resources: { time: 2m }
sweep: { seeds: ${RUNS} }
`;
}

async function asRoot(...argv: string[]): Promise<void> {
  const [program, ...args] = argv;
  const { code } = await new Deno.Command(program!, { args }).output();
  equal(code, 0, argv.join(" "));
}

/** How often each thing was done to those at work. */
type Chaos = Record<"worker" | "agent" | "asleep" | "node" | "disk", number>;

async function whileWorking(alice: LabUser, project: string): Promise<Chaos> {
  const chaos: Chaos = { worker: 0, agent: 0, asleep: 0, node: 0, disk: 0 };
  const size = ["--jobs", String(ALLOCATIONS), "--max-jobs", String(ALLOCATIONS)];
  const each = ["--workers", String(WORKERS), "--cpus-per-task", "2", "--mem", "1G"];
  const time = ["--time", "60m", "--linger", "5s", "--lease", `${LEASE}s`];
  await alice.ok(["launch", ...size, ...each, ...time, "--partition", "cpu"], project);
  const begin = Date.now();
  for (let round = 0;; round++) {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const { counts } = await alice.status(project, "exp");
    const open = (counts.pending ?? 0) + (counts.running ?? 0) + (counts.unknown ?? 0);
    // a run may have ended before the queue knows: what its worker had comes back, and does nothing
    if (open === 0 && itemsIn(queueOf(project).done).length === RUNS) return chaos;
    ok(Date.now() - begin < Math.max(600_000, RUNS * 600), `still ${JSON.stringify(counts)}`);
    const calm = (counts.pending ?? 0) < RUNS * 0.1;
    if (!calm) await disturb(alice, project, chaos, round);
    await alice.run(["queue", "recover", "--lease", `${LEASE}s`], project);
    await alice.run(["launch", "keep", "--once"], project);
  }
}

/** In this order first; then what is quickly done, again and again. */
const FIRST: readonly (keyof Chaos)[] = ["worker", "asleep", "agent", "node", "disk"];
const AFTER: readonly (keyof Chaos)[] = ["worker", "asleep", "worker", "agent"];

async function disturb(
  alice: LabUser,
  project: string,
  chaos: Chaos,
  round: number,
): Promise<void> {
  const agents = await livingAgents(alice, project);
  const agent = agents[Math.floor(Math.random() * agents.length)];
  const pids = agent?.slots.flatMap(({ pid }) => pid ?? []).filter(isProcessAlive) ?? [];
  const pid = pids[Math.floor(Math.random() * pids.length)];
  if (!agent || pid === undefined) return;
  const what = FIRST[round] ?? AFTER[round % AFTER.length]!;
  chaos[what]++;
  const act: Record<keyof Chaos, () => unknown> = {
    worker: () => kill(pid, "SIGKILL"),
    agent: () => kill(agent.pid, "SIGKILL"),
    asleep: () => {
      kill(pid, "SIGSTOP");
      setTimeout(() => kill(pid, "SIGCONT"), (LEASE + 10) * 1000);
    },
    node: async () => {
      await cluster("crash", "cpu02");
      await cluster("start", "cpu02");
      await cluster("up");
    },
    disk: () => fillDisk(project),
  };
  await act[what]();
}

async function livingAgents(alice: LabUser, project: string): Promise<Agent[]> {
  const { out } = await alice.run(["launch", "status", "--json"], project);
  const fleets: { agents: Agent[] }[] = out === "" ? [] : JSON.parse(out);
  return fleets.flatMap(({ agents }) => agents).filter(({ pid }) => isProcessAlive(pid));
}

function kill(pid: number, signal: Deno.Signal): void {
  if (isProcessAlive(pid)) Deno.kill(pid, signal);
}

async function fillDisk(project: string): Promise<void> {
  const path = join(project, "filling");
  await new Deno.Command("dd", { args: ["if=/dev/zero", `of=${path}`, "bs=1M"], stderr: "null" })
    .output(); // it ends with an error: the disk is full
  await new Promise((resolve) => setTimeout(resolve, FULL_MS));
  Deno.removeSync(path);
}

async function check(
  alice: LabUser,
  project: string,
  evidence: string,
  chaos: Chaos,
): Promise<void> {
  const { runs, counts } = await alice.status(project, "exp");
  console.log(
    `what was done: ${JSON.stringify(chaos)}; what came of it: ${JSON.stringify(counts)}`,
  );
  equal(runs.length, RUNS);
  ok(chaos.worker > 0 && chaos.agent > 0 && chaos.asleep > 0 && chaos.node > 0 && chaos.disk > 0);
  const successes = Map.groupBy(
    namesIn(join(project, "experiments", "state", "exp", "001", "events")).map(parseMarker)
      .filter((marker) => marker?.event === "end" && marker.code === 0),
    (marker) => marker!.run,
  );
  let [repeated, failed] = [0, 0];
  for (const { run, state, stages } of runs) {
    const lines = linesOf(join(evidence, String(run)));
    const ends = lines.filter((line) => line.startsWith("end "));
    const told = JSON.stringify({ run, state, stages, lines });
    ok((successes.get(run)?.length ?? 0) <= 1, `succeeded more than once: ${told}`);
    if (state === "completed") {
      ok(ends.length >= 1, `never came to an end: ${told}`);
      // the program had ended, and its script was killed before it could say so
      if (ends.length > 1) repeated++;
    } else {
      failed++;
      ok(["failed", "node_fail", "timeout"].includes(state), told);
      ok(stages.train.reason !== undefined, `no reason: ${told}`);
    }
    equal(new Set(lines).size, lines.length, `an attempt ran twice: ${told}`);
  }
  console.log(
    `${failed} failed honestly; ${repeated} ended a second time before they could say so`,
  );
  ok(repeated <= chaos.worker + chaos.asleep + WORKERS * (chaos.agent + 2 * chaos.node + 1));
  const { done, ready, claimed } = queueOf(project);
  const ended = itemsIn(done).map((name) => parseInt(name, 10)).sort((a, b) => a - b);
  deepEqual(ended, [...Array(RUNS).keys()]);
  deepEqual([...itemsIn(ready), ...itemsIn(claimed)], []);
  await alice.ok(["queue", "validate", "--repair"], project); // or something stays wrong
}

function queueOf(project: string): QueueLayout {
  return queueLayout(join(project, ".expflow", "queue"));
}

function itemsIn(place: string): string[] {
  return namesIn(place).flatMap((folder) => namesIn(join(place, folder)));
}

function linesOf(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).trimEnd().split("\n");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
