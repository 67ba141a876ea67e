import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { detectEnvironment } from "../../lib/cluster/detect.ts";
import { machinePorts } from "../../lib/cluster/ports.ts";
import type { Detected } from "../../lib/cluster/detected.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import type { Reply } from "../../lib/system/runner.ts";
import { versions } from "../schedulers/slurm_fixtures.ts";
import { type Answers, machine, recorded } from "./machine.ts";

Deno.test("detectEnvironment() takes the first scratch folder that can be written to", async (t) => {
  const table: [string, Record<string, string>, string[], string, string][] = [
    ["the variable", { SCRATCH: "/s/a" }, ["/s/a", "/scratch/a"], "/s/a", "$SCRATCH"],
    [
      "not one that is missing",
      { SCRATCH: "/s/a" },
      ["/scratch/a"],
      "/scratch/a",
      "it exists and is writable",
    ],
    ["Perlmutter's", { PSCRATCH: "/p/a" }, ["/p/a"], "/p/a", "$PSCRATCH"],
    ["a usual place", {}, ["/gpfs/scratch/a"], "/gpfs/scratch/a", "it exists and is writable"],
    ["home", {}, [], "/home/a", "home, as no scratch folder was found"],
  ];
  for (const [name, env, folders, value, source] of table) {
    await t.step(name, async () => {
      const ports = machine({ env: { USER: "a", HOME: "/home/a", ...env }, folders });
      deepEqual((await detectEnvironment(ports)).scratch, { value, source });
    });
  }
});

Deno.test("a machine with nothing: absent, not unknown", async () => {
  const bare = await detectEnvironment(machine({}));
  const { user, slurm, git, partitions, nodes, accounts, storage, cluster } = bare;
  equal(user.value, "unknown");
  for (const one of [slurm, git, partitions, nodes, accounts, storage, cluster]) {
    deepEqual([one.value, one.unknown], [undefined, undefined], one.source);
  }
  equal(slurm.source, "there is no sbatch");
  equal(bare.warnings.length, 1);
});

Deno.test("tools that hang, fail, or print something else: unknown, with the reason", async () => {
  const programs: Answers = {
    sbatch: { code: 137, timedOut: true },
    sacctmgr: { code: 1, stderr: "sacctmgr: error: slurm_persist_conn_open: refused\n" },
    sinfo: { stdout: "cpu|2|idle|32" },
    scontrol: { stdout: "Bienvenue sur le cluster\n" },
    git: { stdout: "\n" },
    python3: () => {
      throw new Deno.errors.PermissionDenied("python3: permission denied");
    },
  };
  const found = await detectEnvironment(machine({ env: { USER: "a", HOME: "/h" }, programs }));
  const sources = Object.entries(found).filter(([, one]) => (one as Detected<unknown>)?.unknown)
    .map(([key, one]) => `${key}: ${(one as Detected<unknown>).source}`);
  deepEqual(sources.sort(), [
    "accounts: sacctmgr show user a withassoc: slurm_persist_conn_open: refused",
    "config: scontrol show config: its answer could not be read",
    "controller: scontrol ping: its answer could not be read",
    "git: git --version: its answer could not be read",
    "nodes: sinfo: its answer was cut",
    "partitions: scontrol show partition: its answer could not be read",
    "python: python3 --version: python3: permission denied",
    "slurm: sbatch --version: no answer in 15 s",
  ]);
});

for (const version of versions) {
  Deno.test(`the lab of ${version}, with one command for each question`, async () => {
    const { sinfo, ...others } = recorded(version, "alice");
    const ports = machine({
      env: { USER: "alice", HOME: "/home/alice", SINFO_PARTITION: "vip" },
      programs: {
        ...others,
        sinfo: (command) => {
          deepEqual(Object.entries(command.env!)[0], ["SINFO_PARTITION", undefined]);
          return sinfo as Reply;
        },
      },
    });
    const found = await detectEnvironment(ports);
    equal(found.cluster.value, "testcluster");
    equal(found.config.value!.version, version);
    deepEqual(found.config.value!.enforced, ["associations", "limits", "qos"]);
    match(found.controller.value!, /is UP/);
    deepEqual(
      found.accounts.value!.map(({ account, isDefault }) => [account, isDefault]).sort(),
      [["astro", true], ["capped", false], ["hep", false], ["vip", false]],
    );
    const vip = found.partitions.value!.find(({ name }) => name === "vip")!;
    deepEqual([vip.allowAccounts, vip.allowQos, vip.maxTime, vip.isDefault], [
      ["vip"],
      ["normal", "high"],
      "unlimited",
      false,
    ]);
    const count = (name: string) => ports.ran.filter(([program]) => program === name).length;
    deepEqual(["sinfo", "sacctmgr", "sbatch", "squeue"].map(count), [1, 1, 1, 0]);
    equal(new Set(ports.ran.map((argv) => argv.join(" "))).size, ports.ran.length);
  });
}

Deno.test("the name of the cluster comes from the first that says one", async (t) => {
  const config = { stdout: "ClusterName = torch\n" };
  const table: [string, Parameters<typeof machine>[0], string | undefined, string][] = [
    [
      "a site's variable",
      {
        env: { NERSC_HOST: "perlmutter", SLURM_CLUSTER_NAME: "x" },
        programs: { scontrol: config },
      },
      "perlmutter",
      "$NERSC_HOST",
    ],
    [
      "the marker file",
      { files: { "/etc/FZJ/systemname": "juwels\n" }, programs: { scontrol: config } },
      "juwels",
      "/etc/FZJ/systemname",
    ],
    ["the job", { env: { SLURM_CLUSTER_NAME: "delta" } }, "delta", "$SLURM_CLUSTER_NAME"],
    [
      "the controller",
      { programs: { scontrol: config } },
      "torch",
      "ClusterName of scontrol show config",
    ],
    [
      "the domain",
      { programs: { hostname: { stdout: "log-3.hpc.nyu.edu\n" } } },
      "hpc.nyu.edu",
      "the domain of this machine's name",
    ],
    ["nothing", {}, undefined, "nothing names it"],
  ];
  for (const [name, what, value, source] of table) {
    await t.step(name, async () => {
      deepEqual((await detectEnvironment(machine(what))).cluster, { value, source });
    });
  }
});

Deno.test("inside a job and a container", async () => {
  const env = { SLURM_JOB_ID: "12", APPTAINER_CONTAINER: "/images/a.sif", LMOD_VERSION: "8.7" };
  const { job, container, modules } = await detectEnvironment(machine({ env }));
  deepEqual([job.value, container.value, modules.value], ["12", "/images/a.sif", "Lmod 8.7"]);
});

Deno.test("probes run at once: all take as long as the slowest, one that hangs is killed", async () => {
  const folder = Deno.makeTempDirSync();
  const program = (name: string, body: string) =>
    Deno.writeTextFileSync(join(folder, name), `#!/bin/bash\n${body}\n`, { mode: 0o755 });
  program("myquota", "sleep 600; echo");
  for (const name of ["git", "uv", "python3", "conda"]) {
    program(name, `sleep 3; echo ${name} 3.11.2`);
  }
  const path = `${folder}:/usr/bin:/bin`;
  const runner = {
    ...denoRunner,
    run: (command: Parameters<typeof denoRunner.run>[0]) =>
      denoRunner.run({
        ...command,
        argv: ["/usr/bin/env", `PATH=${path}`, ...command.argv],
        timeoutMs: 4000,
      }),
  };
  const begun = performance.now();
  const found = await detectEnvironment({ ...machinePorts(runner) });
  const took = performance.now() - begun;
  Deno.removeSync(folder, { recursive: true });
  equal(found.git.value, "git 3.11.2");
  ok(took >= 4000 && took < 6000, `${took} ms; the slowest probe takes 4000 ms, two others 6000`);
});
