import { deepEqual, equal, ok } from "node:assert/strict";
import { migrateSlurmScript } from "../../lib/manager/migrate.ts";
import { renderScript } from "../../lib/manager/render.ts";
import { readDirectives } from "../../lib/schedulers/batch/directives.ts";
import { parseDuration } from "../../lib/core/durations.ts";
import { parseMemory } from "../../lib/core/memory.ts";
import type { Call, FakeMachine } from "./fakes.ts";
import { scriptNames, scriptText, withMachine } from "./fixtures.ts";

/** Not written: their meaning cannot be kept. */
const REFUSED = ["het_job"];
/** Options that expflow sets itself, or has other words for: `docs/guide/migrate-script.md`. */
const OWN = /^(?:job-name|output|error|open-mode|array|chdir|dependency)$/;
/** Variables that expflow adds, or that a shell sets anew in each process. */
const ADDED = new RegExp(
  "^(?:EXPFLOW_.*|expflow_.*|_|SHLVL|OLDPWD|FAKE_RECORDS|SLURM_EXPORT_ENV|SLURM_JOB_NAME|BASH_.*|" +
    "SLURM_(?:SUBMIT_DIR|ARRAY_.*|STEP_.*|PROCID|LOCALID|NODEID)|SCRATCH|" +
    "MASTER_(?:ADDR|PORT)|RANK|WORLD_SIZE|LOCAL_RANK|NODE_RANK|TMPDIR|CUDA_CACHE_PATH)$",
);
const ARGUMENTS: Record<string, string[]> = { mail_dependency: ["a b", "second"] };

Deno.test("a migrated script runs what the original ran, and asks for what it asked", async (t) => {
  await withMachine(async (machine, project) => {
    for (const name of scriptNames()) {
      await t.step(name, async () => {
        const path = machine.at("work", `${name}.slurm`);
        const migration = { path, args: ARGUMENTS[name] };
        if (REFUSED.includes(name)) {
          let message = "";
          await migrateSlurmScript(project, migration).catch((error) => message = error.message);
          ok(message.includes("heterogeneous"), message);
          return;
        }
        if (name === "secret") machine.write("home/.secrets/WANDB_API_KEY", TOKEN);
        const { id } = await migrateSlurmScript(project, migration);
        const scripts = Object.values(await renderScript(project, id));
        deepEqual(
          scripts.map((text) => asked(text)),
          scripts.map(() => asked(original(name, machine))),
        );
        await compareRuns(name, machine, scripts);
      });
    }
    await t.step("the runs of --loops together call what the loop called", async () => {
      const path = machine.at("work", "loop_seeds.slurm");
      await migrateSlurmScript(project, { path, id: "loops", loops: true });
      const [script] = Object.values(await renderScript(project, "loops"));
      const wanted = await machine.run(original("loop_seeds", machine), machine.workdir, {});
      const calls: Call[] = [];
      for (const task of tasksOf(script!)) {
        calls.push(...(await machine.run(script!, machine.root, taskOf(task))).calls);
      }
      equal(wanted.calls.length, 3);
      deepEqual(leaves(calls), leaves(wanted.calls));
    });
  });
});

const TOKEN = "0123456789abcdef0123456789abcdef01234567";

/** The script as it was meant for sbatch, for a user who is the colleague. */
function original(name: string, machine: FakeMachine): string {
  const text = scriptText(name).replaceAll("\r\n", "\n")
    .replaceAll("/scratch/jd1234", machine.scratch).replaceAll("/home/jd1234", machine.home);
  if (name === "wrap") {
    return "#!/bin/bash\n#SBATCH --job-name=quick -t 10 -c 2\npython train.py --lr 0.1\n";
  }
  return text.startsWith("#!") ? text : `#!/bin/bash\n${text}`;
}

/** Options as a set, each in one way of writing. */
function asked(script: string): string[] {
  const { options } = readDirectives(script);
  const last = new Map(options.map(({ name, value }) => [name, value]));
  const isOurs = script.includes("expflow");
  return Array.from(last).filter(([name, value]) =>
    !OWN.test(name) && !(isOurs && name === "signal" && value === "B:USR1@120") &&
    !(name === "signal" && value === "B:USR1@120")
  ).map(([name, value]) => {
    if (name === "time") return `time ${parseDuration(value)}`;
    if (name.startsWith("mem")) return `${name} ${parseMemory(value)}`;
    if (name === "gres" || name === "gpus-per-node") return `gpus ${value.replace(/^gpu:/, "")}`;
    return `${name} ${value}`;
  }).sort();
}

/** Runs each task of both, and compares what was called with what. */
async function compareRuns(name: string, machine: FakeMachine, scripts: string[]): Promise<void> {
  const before = original(name, machine);
  const tasks = tasksOf(before);
  const [rendered] = scripts;
  const ours = tasksOf(rendered!);
  equal(ours.length, tasks.length);
  for (const [index, task] of tasks.entries()) {
    const cwd = name === "hard_coded" ? machine.at("scratch", "bert") : machine.workdir;
    const positional = (ARGUMENTS[name] ?? []).map((word) => `'${word}'`).join(" ");
    const text = positional === ""
      ? before
      : before.replace(/\n(?=python)/, `\nset -- ${positional}\n`);
    const env = { SLURM_SUBMIT_DIR: cwd, SLURM_ARRAY_TASK_COUNT: String(tasks.length) };
    const wanted = await machine.run(text, cwd, { ...env, ...taskOf(task) });
    const got = await machine.run(rendered!, machine.root, {
      SLURM_SUBMIT_DIR: "/elsewhere",
      ...taskOf(ours[index]),
    });
    equal(got.code, wanted.code, got.output);
    ok(wanted.calls.length > 0 || name === "python_script", `${name} called nothing`);
    deepEqual(leaves(got.calls), leaves(wanted.calls, `/work/${name}.slurm`));
    compareContainers(got.calls, wanted.calls);
  }
}

function tasksOf(script: string): (string | undefined)[] {
  const spec = readDirectives(script).options.find(({ name }) => name === "array")?.value;
  if (spec === undefined) return [undefined];
  const [list = ""] = spec.split("%");
  return list.split(",").flatMap((part) => {
    const [first, last = first] = part.split("-").map(Number);
    return Array.from({ length: last! - first! + 1 }, (_, index) => String(first! + index));
  });
}

function taskOf(task: string | undefined): Record<string, string> {
  return task === undefined ? {} : { SLURM_ARRAY_TASK_ID: task, SLURM_ARRAY_JOB_ID: "100" };
}

/**
 * What the programs at the end of all launchers got; steps at the same time have no order. What only
 * tells (`nvidia-smi`) may run behind modules and conda.
 */
function leaves(calls: readonly Call[], script = "/work/no.slurm"): string[] {
  return calls.filter(({ program }) => program !== "container").map(
    ({ program, folder, args, env }) => {
      const kept = Object.entries(env).filter(([name]) => !ADDED.test(name)).sort();
      const call = {
        program,
        folder,
        args: args.map((word) => word.replace(/\/scripts\/[\w-]{36}$/, script)),
        env: program === "nvidia-smi" ? {} : Object.fromEntries(kept),
      };
      return JSON.stringify(call, null, 1);
    },
  ).sort();
}

/** Every option of the original is there; expflow shows the container more folders. */
function compareContainers(got: readonly Call[], wanted: readonly Call[]): void {
  const containers = (calls: readonly Call[]) =>
    calls.filter(({ program }) => program === "container");
  equal(containers(got).length, containers(wanted).length);
  for (const [index, { args }] of containers(wanted).entries()) {
    const end = args.findIndex((word) => /^(?:\/bin\/bash|python)$/.test(word));
    const words = args.slice(0, end).flatMap((word) => word.split(/=(?=\/)/));
    const given = containers(got)[index]!.args;
    for (const word of words) ok(given.includes(word), `${word} is not in ${given.join(" ")}`);
  }
}
