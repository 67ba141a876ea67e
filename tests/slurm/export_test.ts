import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { labIsUp, LabUser } from "./lab.ts";

/** What a shell inside of a job has, and what would become options of the next job. */
const DIRTY = {
  SBATCH_PARTITION: "gpu",
  SBATCH_EXPORT: "NONE",
  SBATCH_TIMELIMIT: "00:00:01",
  SLURM_JOB_ID: "999999",
  SLURM_ARRAY_TASK_ID: "77",
  SLURM_RESTART_COUNT: "9",
  SLURM_NTASKS: "64",
  SLURM_EXPORT_ENV: "NONE",
  SRUN_CPUS_PER_TASK: "64",
  PMIX_RANK: "5",
  OMPI_COMM_WORLD_RANK: "5",
  EXPFLOW_RUN: "5",
  GREETING: "of the submitter",
  MY_DATA: "/data",
};
const MODES = ["NONE", "NIL", "ALL", "[MY_DATA]"];
/** They differ from job to job, or by who made the shell. */
const OWN =
  /^(SLURM_.*(ID|ADDR|PORT|PID|HOST|TIME|NAME|COMM)|TMPDIR|_|SHLVL|PWD|OLDPWD|MASTER_PORT|expflow_meeting)$/;

/** An expflow command line of alice's with more variables in her environment. */
async function dirty(alice: LabUser, args: string[], cwd: string): Promise<void> {
  const argv = alice.expflowArgv(args, undefined, cwd);
  const variables = Object.entries(DIRTY).map(([name, value]) => `${name}=${value}`);
  argv.splice(argv.indexOf("NO_COLOR=1"), 0, ...variables);
  const { code, stderr } = await new Deno.Command(argv[0]!, { args: argv.slice(1) }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
}

Deno.test({
  name: "the program finds the same environment under every export mode",
  ignore: !labIsUp,
  async fn(t) {
    await using alice = await LabUser.login("alice");
    const cwd = await alice.project();
    const found: Record<string, Record<string, string>> = {};
    for (const [at, mode] of MODES.entries()) {
      alice.write(
        cwd,
        `exp${at}`,
        `command: env -0 > {run.dir}/$SLURM_PROCID.env
args: none
launcher: srun
resources: { ntasks: 2 }
environment: { env: { GREETING: "it's $HOME", PATH: /usr/bin:/bin } }
`,
      );
      await alice.ok(["config", "set", "slurm.export", mode], cwd);
      await dirty(alice, ["submit", `exp${at}`], cwd);
    }
    for (const [at, mode] of MODES.entries()) {
      await t.step(mode, async () => {
        const status = await alice.until(
          cwd,
          `exp${at}`,
          ({ counts }) => !counts.running && !counts.pending,
        );
        equal(status.counts.completed, 1, JSON.stringify(status));
        const text = Deno.readTextFileSync(
          join(cwd, "experiments", "runs", `exp${at}`, "0", "1.env"),
        );
        const all = Object.fromEntries(
          text.split("\0").filter(Boolean).map((line) => {
            const equals = line.indexOf("=");
            return [line.slice(0, equals), line.slice(equals + 1)];
          }),
        );
        equal(all.GREETING, "it's $HOME");
        equal(all.SLURM_JOB_PARTITION, "cpu");
        deepEqual([all.RANK, all.WORLD_SIZE, all.EXPFLOW_RUN], ["1", "2", "0"]);
        deepEqual(
          Object.keys(all).filter((name) => /^(SBATCH|PMIX|OMPI|SRUN_CPUS)_/.test(name)),
          [],
        );
        ok(all.SLURM_JOB_ID !== DIRTY.SLURM_JOB_ID);
        equal(all.MY_DATA, /MY_DATA|ALL/.test(mode) ? "/data" : undefined);
        found[mode] = Object.fromEntries(
          Object.entries(all).filter(([name]) => !OWN.test(name) && name !== "MY_DATA")
            .map((
              [name, value],
            ) => [
              name,
              value.replaceAll(`exp${at}`, "exp").replaceAll(all.SLURMD_NODENAME!, "node"),
            ])
            .sort(([a], [b]) => a!.localeCompare(b!)),
        );
      });
    }
    const { NONE, ALL, ...rest } = found;
    for (const [mode, variables] of Object.entries(rest)) {
      deepEqual([mode, differences(NONE!, variables)], [mode, []]);
    }
    const fromShell = ["LC_ALL", "NO_COLOR", "SCRATCH", "DENO_DIR", "DENO_NO_UPDATE_CHECK"];
    fromShell.push("MAIL", "LOGNAME", "SHELL", "SLURM_GET_USER_ENV"); // only a login sets these
    deepEqual(
      differences(NONE!, ALL!).filter((line) => !fromShell.includes(line.split("=")[0]!)),
      [],
    );
  },
});

/** `name=one|other`, of what is not the same. */
function differences(one: Record<string, string>, other: Record<string, string>): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((name) => one[name] !== other[name])
    .map((name) => `${name}=${one[name]}|${other[name]}`);
}
