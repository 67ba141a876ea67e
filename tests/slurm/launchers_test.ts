import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { namesIn } from "../../lib/system/files.ts";
import { labIsUp, LabUser } from "./lab.ts";

const FIXTURES = join(import.meta.dirname!, "..", "fixtures", "launchers");

/** A project of alice's with the program and fake launchers. */
async function projectOf(alice: LabUser): Promise<string> {
  const cwd = await alice.project();
  const copied = await alice.do(["cp", "-r", join(FIXTURES, "allreduce.py"), cwd]);
  equal(copied.code, 0, copied.err);
  equal((await alice.do(["cp", "-r", join(FIXTURES, "bin"), alice.scratch])).code, 0);
  return cwd;
}

interface Wanted {
  launcher: string;
  resources?: string;
  environment?: string;
  flag?: string;
}

function experiment(alice: LabUser, wanted: Wanted): string {
  const { launcher, resources = "", environment = "", flag = "" } = wanted;
  const path = `${alice.scratch}/bin:/usr/local/bin:/usr/bin:/bin`;
  return `command: python3 allreduce.py ${flag}
params: { note: "it's  {a} b" }
launcher: ${launcher}
resources: { nodes: 3, time: 5m, mem: 200M${resources} }
environment: { env: { PATH: ${JSON.stringify(path)} }${environment} }
`;
}

// deno-lint-ignore no-explicit-any
function read(cwd: string, id: string, name: string): any {
  return JSON.parse(
    Deno.readTextFileSync(join(cwd, "experiments", "runs", id, "0", name)),
  );
}

const TWO = "processes_per_node: 2";
const CASES: [id: string, world: number, Wanted][] = [
  ["srun", 3, { launcher: "srun" }],
  ["tasks", 6, { launcher: "srun", resources: ", ntasks_per_node: 2, cpus_per_task: 2" }],
  ["torchrun", 6, { launcher: `{ kind: torchrun, ${TWO}, options: [--max-restarts=0] }` }],
  ["accelerate", 6, { launcher: `{ kind: accelerate, ${TWO} }` }],
  ["mpirun", 3, { launcher: "mpirun" }],
  ["contained", 6, {
    launcher: `{ kind: torchrun, ${TWO} }`,
    environment: ", container: 'docker://my/image:1'",
  }],
  ["contained-mpi", 3, { launcher: "mpirun", environment: ", container: my image.sif" }],
];

Deno.test({
  name: "three nodes meet, with each launcher",
  ignore: !labIsUp,
  async fn(t) {
    await using alice = await LabUser.login("alice");
    const cwd = await projectOf(alice);
    for (const [id, , wanted] of CASES) {
      alice.write(cwd, id, experiment(alice, wanted));
      await alice.ok(["submit", id], cwd);
    }
    for (const [id, world, { environment }] of CASES) {
      await t.step(id, async () => {
        const status = await alice.until(cwd, id, isOver);
        const logs = await alice.run(["logs", id, "--err"], cwd);
        equal(status.counts.completed, 1, JSON.stringify(status) + logs.out + logs.err);
        deepEqual(read(cwd, id, "result.json"), { sum: world * (world + 1) / 2, world });
        const told: { rank: number; node: string; argv: string[] }[] = read(cwd, id, "all.json");
        deepEqual(told.map(({ rank }) => rank), Array.from({ length: world }, (_, rank) => rank));
        equal(new Set(told.map(({ node }) => node)).size, 3);
        for (const { argv } of told) deepEqual(argv, ["--note", "it's  {a} b"]);
        const containers = filesOf(cwd, id).filter((name) => name.startsWith("singularity."));
        equal(containers.length, environment ? 3 : 0);
      });
    }
  },
});

Deno.test({
  name: "the warning reaches every process, and a rank that fails ends the others",
  ignore: !labIsUp,
  async fn(t) {
    await using alice = await LabUser.login("alice");
    const cwd = await projectOf(alice);
    const torchrun = `{ kind: torchrun, ${TWO} }`;
    const cases: [id: string, world: number, Wanted][] = [
      ["srun", 3, { launcher: "srun", flag: "--wait" }],
      ["torchrun", 6, { launcher: torchrun, flag: "--wait" }],
      ["mpirun", 3, { launcher: "mpirun", flag: "--wait" }],
    ];
    for (const [id, , wanted] of cases) {
      alice.write(cwd, id, experiment(alice, wanted));
      await alice.ok(["submit", id], cwd);
    }
    alice.write(cwd, "failing", experiment(alice, { launcher: "srun", flag: "--fail" }));
    await alice.ok(["submit", "failing"], cwd);
    for (const [id, world] of cases) {
      await t.step(id, async () => {
        await untilRanks(cwd, id, world);
        const { runs: [run] } = await alice.status(cwd, id);
        const warned = await alice.do([
          "scancel",
          "--batch",
          "--signal=USR1",
          run.stages.train.job,
        ]);
        equal(warned.code, 0, warned.err);
        const { counts } = await alice.until(cwd, id, isOver);
        deepEqual(counts, { completed: 1 });
        equal(filesOf(cwd, id).filter((name) => name.startsWith("warned.")).length, world);
      });
    }
    await t.step("a rank that fails", async () => {
      const { runs: [run] } = await alice.until(cwd, "failing", isOver);
      equal(run.stages.train.exitCode, 7);
    });
  },
});

Deno.test({
  name: "after a requeue the processes of attempt 2 meet among themselves",
  ignore: !labIsUp,
  async fn(t) {
    await using alice = await LabUser.login("alice");
    const cwd = await projectOf(alice);
    const launchers = { srun: "srun", torchrun: `{ kind: torchrun, ${TWO} }` };
    for (const [id, launcher] of Object.entries(launchers)) {
      const wanted = { launcher, flag: "--first-waits", resources: ", requeue: true" };
      alice.write(cwd, id, experiment(alice, wanted));
      await alice.ok(["submit", id], cwd);
    }
    for (const [id, world] of [["srun", 3], ["torchrun", 6]] as const) {
      await t.step(id, async () => {
        await untilRanks(cwd, id, world);
        const { runs: [run] } = await alice.status(cwd, id);
        const { code, err } = await alice.do(["scontrol", "requeue", run.stages.train.job]);
        equal(code, 0, err);
        const status = await alice.until(cwd, id, ({ counts }) => counts.completed === 1);
        equal(status.runs[0].stages.train.attempt, 2);
        const told: { attempt: string }[] = read(cwd, id, "all.json");
        deepEqual(told.map(({ attempt }) => attempt), Array(world).fill("2"));
      });
    }
  },
});

// deno-lint-ignore no-explicit-any
function isOver({ counts }: any): boolean {
  return !counts.running && !counts.pending && !counts.unknown;
}

function filesOf(cwd: string, id: string): string[] {
  return namesIn(join(cwd, "experiments", "runs", id, "0"));
}

/** Waits until every process has said that the sum is right. */
async function untilRanks(cwd: string, id: string, world: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (filesOf(cwd, id).filter((name) => name.startsWith("rank.")).length === world) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`the processes of ${id} did not meet: ${filesOf(cwd, id)}`);
}
