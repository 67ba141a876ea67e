import { deepEqual, ok } from "node:assert/strict";
import { detectEnvironment } from "../../lib/cluster/detect.ts";
import { diagnose } from "../../lib/cluster/diagnose.ts";
import { versions } from "../schedulers/slurm_fixtures.ts";
import { type Answers, machine, recorded } from "./machine.ts";

const HOME = { HOME: "/home/a", USER: "a" };
const WITH_SCRATCH = {
  env: { ...HOME, SCRATCH: "/scratch/a" },
  folders: ["/scratch/a"],
};
const TOOLS: Answers = {
  git: { stdout: "git version 2.39.5\n" },
  python3: { stdout: "Python 3.11.2\n" },
  df: { stdout: "Filesystem Inodes IUsed IFree IUse% Mounted on\na 100 5 95 5% /\n" },
};

/** The checks that are not in order, as `check state`. */
async function problems(what: Parameters<typeof machine>[0], wantsSlurm = false) {
  const findings = diagnose(await detectEnvironment(machine(what)), { wantsSlurm });
  const bad = findings.filter(({ state }) => state !== "ok");
  for (const { hint, check, state } of bad) ok(hint || state === "unknown", `${check} has no hint`);
  return bad.map(({ check, state }) => `${check} ${state}`);
}

Deno.test("diagnose() says what is wrong, each with a hint", async (t) => {
  const slurm = recorded(versions[0]!, "alice");
  const config = (text: string): Answers => ({
    ...slurm,
    scontrol: ({ argv }) =>
      argv.includes("config") ? { stdout: text } : { stdout: "Slurmctld(primary) at c is UP\n" },
  });
  const enforcing = "ClusterName = testcluster\nAccountingStorageEnforce = associations\n";
  const down = "slurm_load_ctl_conf error: Unable to contact slurm controller (connect failure)\n";
  const table: [string, Parameters<typeof machine>[0], string[], boolean?][] = [
    ["a laptop", { env: HOME, programs: TOOLS }, ["scratch warning"]],
    [
      "a project for Slurm on a laptop",
      { ...WITH_SCRATCH, programs: TOOLS },
      ["sbatch wrong"],
      true,
    ],
    ["a cluster", { ...WITH_SCRATCH, programs: { ...TOOLS, ...config(enforcing) } }, []],
    ["no scratch on a cluster", { env: HOME, programs: { ...TOOLS, ...config(enforcing) } }, [
      "scratch wrong",
    ]],
    ["scontrol without sbatch", {
      ...WITH_SCRATCH,
      programs: { ...TOOLS, ...config(enforcing), sbatch: { code: 127 } },
    }, ["sbatch wrong"]],
    ["no association", {
      ...WITH_SCRATCH,
      programs: { ...TOOLS, ...config(enforcing), sacctmgr: { stdout: "" } },
    }, ["account wrong"]],
    ["an association on another cluster only", {
      ...WITH_SCRATCH,
      programs: { ...TOOLS, ...config(enforcing), sacctmgr: { stdout: "other|x||normal||x\n" } },
    }, ["account wrong"]],
    ["no association where none is enforced", {
      ...WITH_SCRATCH,
      programs: {
        ...TOOLS,
        ...config("ClusterName = c\nAccountingStorageEnforce = none\n"),
        sacctmgr: { stdout: "" },
      },
    }, []],
    ["no association, and the controller does not say what is enforced", {
      ...WITH_SCRATCH,
      programs: { ...TOOLS, ...config("ClusterName = c\n"), sacctmgr: { stdout: "" } },
    }, ["account unknown"]],
    ["no default account", {
      ...WITH_SCRATCH,
      programs: {
        ...TOOLS,
        ...config(enforcing),
        sacctmgr: { stdout: "testcluster|x||normal||\n" },
      },
    }, ["account warning"]],
    ["slurmdbd down", {
      ...WITH_SCRATCH,
      programs: {
        ...TOOLS,
        ...config(enforcing),
        sacctmgr: { code: 1, stderr: "sacctmgr: error: Connection refused\n" },
      },
    }, ["accounting wrong", "account unknown"]],
    ["slurmctld down", {
      ...WITH_SCRATCH,
      programs: {
        ...TOOLS,
        ...slurm,
        scontrol: ({ argv }) =>
          argv.includes("ping")
            ? { code: 1, stdout: "Slurmctld(primary) at vm is DOWN\n" }
            : { code: 1, stderr: down },
        sinfo: { code: 1, stderr: down },
      },
    }, ["controller wrong", "clocks unknown"]],
    ["an old git, no Python", {
      ...WITH_SCRATCH,
      programs: { df: TOOLS.df!, git: { stdout: "git version 1.8.3.1\n" } },
    }, ["git wrong", "python warning"]],
    ["no git", { ...WITH_SCRATCH, programs: { ...TOOLS, git: { code: 127 } } }, ["git warning"]],
    ["no inodes left", {
      ...WITH_SCRATCH,
      programs: {
        ...TOOLS,
        df: ({ argv }) => ({ stdout: `Filesystem\na 100 ${argv[1] === "-Pi" ? 100 : 5} 0 9% /\n` }),
      },
    }, ["storage wrong"]],
    ["the controller's clock", {
      ...WITH_SCRATCH,
      programs: {
        ...TOOLS,
        ...config(`Configuration data as of 880\n${enforcing}`), // it is 1000 here
      },
    }, ["clocks wrong"]],
  ];
  for (const [name, what, expected, wantsSlurm] of table) {
    await t.step(name, async () => deepEqual(await problems(what, wantsSlurm), expected));
  }
});
