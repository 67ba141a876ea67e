import { deepEqual, equal, match, throws } from "node:assert/strict";
import { join } from "node:path";
import { findAllocation } from "../../lib/queue/agent/allocation.ts";
import { afterDeath } from "../../lib/queue/agent/back_off.ts";
import { giveOrder, readOrder } from "../../lib/queue/agent/control.ts";
import { type AgentSettings, agentWords, parseAgentWords } from "../../lib/queue/agent/settings.ts";
import { workerBundle } from "../../lib/queue/bundle.gen.ts";
import { isFit, wantedAllocations } from "../../lib/queue/fleet/demand.ts";
import { createFleet, type FleetDraft, readFleet } from "../../lib/queue/fleet/fleet.ts";
import { placeRuntime } from "../../lib/queue/fleet/runtime.ts";
import { renderFleet } from "../../lib/queue/fleet/script.ts";
import { openQueue } from "../../lib/schedulers/queue/open.ts";
import { PLAIN_SITE } from "../../lib/script/site.ts";
import type { Command } from "../../lib/system/runner.ts";

const AGENT: AgentSettings = {
  queue: "/scratch/it's $(here) – 100 %/queue",
  fleet: 7,
  scheduler: "slurm",
  gpus: 2,
  workersPerGpu: 3,
  sharing: "own",
  gpuMem: 20_000,
  workers: 1,
  linger: 0.5,
  killWait: 15,
  lease: 60,
};

const DRAFT: FleetDraft = {
  name: "expflow-workers-1234",
  scheduler: "slurm",
  host: "login1",
  created: 1_700_000_000,
  resources: { gpus: 2, time: "47:00:00", cpus_per_task: 6, partition: "gpu" },
  site: PLAIN_SITE,
  jobs: 4,
  agent: AGENT,
  workers: 6,
  cpus: 1,
  gpus: 1,
  deno: "/opt/deno",
  bundle: "/scratch/queue/bundle/abc.js",
};

Deno.test("parseAgentWords() reads what agentWords() writes, and nothing else", () => {
  deepEqual(parseAgentWords(agentWords(AGENT)), AGENT);
  const words = agentWords(AGENT);
  const wrong: [string[], RegExp][] = [
    [words.slice(1), /--queue is undefined/],
    [[...words, "--more=1"], /Unknown option '--more'/],
    [[...words, "rest"], /Unexpected argument 'rest'/],
    [words.map((word) => word.replace("--gpus=2", "--gpus=-2")), /--gpus is "-2"/],
    [words.map((word) => word.replace("--lease=60", "--lease=")), /--lease is ""/],
  ];
  for (const [given, message] of wrong) {
    throws(() => parseAgentWords(given), { name: "UsageError", message });
  }
});

Deno.test("afterDeath() waits longer each time, gives up, and forgets what is long ago", async (t) => {
  const rule = { first: 1, most: 10, cap: 6, settled: 300 };
  const table: [number, { lived: number; ended: number }, { deaths: number; wait?: number }][] = [
    [0, { lived: 0, ended: 0 }, { deaths: 1, wait: 1 }],
    [1, { lived: 0, ended: 0 }, { deaths: 2, wait: 2 }],
    [3, { lived: 5, ended: 0 }, { deaths: 4, wait: 8 }],
    [4, { lived: 5, ended: 0 }, { deaths: 5, wait: 10 }],
    [5, { lived: 299, ended: 0 }, { deaths: 6 }],
    [5, { lived: 300, ended: 0 }, { deaths: 1, wait: 1 }],
    [5, { lived: 3, ended: 1 }, { deaths: 1, wait: 1 }],
  ];
  for (const [before, death, expected] of table) {
    await t.step(`${before} before, ${JSON.stringify(death)}`, () => {
      deepEqual(afterDeath(before, death, rule), expected);
    });
  }
});

Deno.test("wantedAllocations() never asks for more than there is work for", async (t) => {
  const table: [string, [number, number, number], number, [number, number], number][] = [
    ["nothing waits", [4, 4, 6], 0, [0, 0], 0],
    ["little waits", [4, 4, 6], 7, [0, 0], 2],
    ["much waits", [4, 4, 6], 1000, [0, 0], 4],
    ["some are to start already", [4, 8, 6], 18, [2, 0], 1],
    ["those that run are busy", [4, 8, 6], 18, [0, 2], 3],
    ["as many live as may", [8, 8, 6], 1000, [3, 5], 0],
    ["more live than may", [8, 4, 6], 1000, [3, 5], 0],
  ];
  for (const [name, [jobs, most, workers], waiting, [pending, running], expected] of table) {
    await t.step(name, () => {
      const wish = { jobs, most, workers };
      equal(wantedAllocations(wish, { waiting }, { pending, running }), expected);
    });
  }
});

Deno.test("isFit() compares CPUs, GPUs and time with what a worker has", () => {
  const means = { cpus: 2, gpus: 1, time: 3600 };
  equal(isFit({ cpus: 2, gpus: 1, timeLimit: 3540 }, means), true);
  equal(isFit({ cpus: 2, gpus: 1, timeLimit: 3541 }, means), false);
  equal(isFit({ cpus: 3, gpus: 0 }, means), false);
  equal(isFit({ cpus: 1, gpus: 2 }, means), false);
});

Deno.test("the script of a fleet passes hostile paths on, and survives the death of its agent", async () => {
  const root = Deno.makeTempDirSync({ prefix: "expflow it's $(no) " });
  try {
    const deno = join(root, "de no");
    const dump = `printf '%s\\n' "$@" >"$0.words"\nkill -KILL $$\n`;
    Deno.writeTextFileSync(deno, `#!/bin/bash\n${dump}`);
    Deno.chmodSync(deno, 0o755);
    const agent = { ...AGENT, queue: root, killWait: -4 };
    const text = renderFleet({ ...DRAFT, version: 1, number: 7, agent, deno }, root);
    Deno.writeTextFileSync(join(root, "script"), text);
    const { code } = await new Deno.Command("/bin/bash", {
      args: [join(root, "script")],
      clearEnv: true,
    }).output();
    equal(code, 137);
    const words = Deno.readTextFileSync(`${deno}.words`).trim().split("\n");
    deepEqual(words.slice(words.indexOf("agent") + 1), agentWords(agent));
    match(text, /^#SBATCH --time=1-23:00:00$/m);
    match(text, /^#SBATCH --signal=B:USR1@120$/m);
    match(text, /^#SBATCH --gres=gpu:2$/m);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

Deno.test("fleets get numbers of their own, and are there whole", () => {
  const root = Deno.makeTempDirSync();
  try {
    const layout = openQueue(root);
    for (const number of [1, 2]) {
      const fleet = createFleet(layout, DRAFT, () => "text");
      equal(fleet.number, number);
      equal(fleet.agent.fleet, number);
      deepEqual(readFleet(layout, number), fleet);
    }
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

Deno.test("readOrder() hears what is said to all, to the fleet and to the agent", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const me = { id: "n1-2-abc", fleet: 3 };
    equal(readOrder({ folder }, me), undefined);
    giveOrder({ folder }, "drain", "n1-2-other");
    giveOrder({ folder }, "stop", "33");
    equal(readOrder({ folder }, me), undefined);
    giveOrder({ folder }, "drain", "n1-2-abc");
    equal(readOrder({ folder }, me), "drain");
    giveOrder({ folder }, "stop", "3");
    equal(readOrder({ folder }, me), "stop");
    equal(readOrder({ folder }, { fleet: 4 }), undefined);
    Deno.writeTextFileSync(join(folder, "control", "drain"), "");
    equal(readOrder({ folder }, { fleet: 4 }), "drain");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("findAllocation() takes the end from the variable, else from squeue, asked once", async () => {
  const asked: Command[] = [];
  const system = (stdout: string, code = 0) => ({
    clock: { now: () => 1_000_000, sleep: () => Promise.resolve() },
    runner: {
      run: (command: Command) => {
        asked.push(command);
        return Promise.resolve({ code, stdout, stderr: "", timedOut: false });
      },
      detach: () => {
        throw new Error("nothing is detached");
      },
    },
  });
  const env = { SLURM_JOB_ID: "12", SLURM_ARRAY_JOB_ID: "10", SLURM_ARRAY_TASK_ID: "2" };
  const told = { ...env, SLURM_JOB_END_TIME: "5000", SLURM_CPUS_ON_NODE: "8" };
  const known = await findAllocation(told, "slurm", system(""));
  deepEqual([known.job, known.until, known.cpus], [
    { scheduler: "slurm", job: "10", task: 2 },
    5000,
    8,
  ]);
  equal(asked.length, 0);
  equal((await findAllocation(env, "slurm", system("1-00:00:30\n"))).until, 1000 + 86_430);
  deepEqual(asked.map(({ argv }) => argv), [["squeue", "-h", "-o", "%L", "-j", "12"]]);
  equal((await findAllocation(env, "slurm", system("INVALID\n"))).until, undefined);
  equal((await findAllocation(env, "slurm", system("", 1))).until, undefined);
});

Deno.test("placeRuntime() copies Deno where it is on another file system, and only once", async () => {
  const root = Deno.makeTempDirSync();
  const elsewhere = "/dev/shm";
  const others = elsewhereIs(elsewhere, root);
  if (!others) console.warn(`NOT RUN: the copy of Deno; ${elsewhere} is no file system of its own`);
  const deno = join(others ? Deno.makeTempDirSync({ dir: elsewhere }) : root, "deno");
  try {
    const layout = openQueue(join(root, "queue"));
    Deno.writeTextFileSync(deno, "#!/bin/bash\n");
    const near = await placeRuntime(layout, { deno, onThisMachine: true });
    equal(near.deno, deno);
    match(near.bundle, /\/bundle\/[0-9a-f]{64}\.js$/);
    equal(Deno.readTextFileSync(near.bundle), workerBundle());
    if (!others) return;
    const first = await placeRuntime(layout, { deno, onThisMachine: false });
    deepEqual([first.copied, Deno.statSync(first.deno).mode! & 0o777], [12, 0o755]);
    const again = await placeRuntime(layout, { deno, onThisMachine: false });
    deepEqual(again, { deno: first.deno, bundle: near.bundle });
  } finally {
    Deno.removeSync(root, { recursive: true });
    if (others) Deno.removeSync(join(deno, ".."), { recursive: true });
  }
});

function elsewhereIs(folder: string, root: string): boolean {
  try {
    return Deno.statSync(folder).dev !== Deno.statSync(root).dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
