import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { ConfigError } from "../../lib/core/errors.ts";
import type { LauncherSpec } from "../../lib/core/experiment.ts";
import type { ScriptModel } from "../../lib/script/model.ts";
import { renderScript } from "../../lib/script/render.ts";
import { exists, namesIn } from "../../lib/system/files.ts";
import {
  available,
  inLabs,
  type Lab,
  modelIn,
  NOTHING,
  patient,
  until,
  WAITING,
  withLab,
} from "./harness.ts";

const FIXTURES = join(import.meta.dirname!, "..", "fixtures", "launchers");
const PATH = `${join(FIXTURES, "bin")}:${Deno.env.get("PATH")}`;
const PROGRAM = `python3 ${join(FIXTURES, "allreduce.py")}`;
const ignore = !available("launchers on one node", "python3", "--version");
const ONE_NODE = { SLURM_JOB_NUM_NODES: undefined, PATH };

function launcher(kind: LauncherSpec["kind"], more: Partial<LauncherSpec> = {}): LauncherSpec {
  return { kind, options: [], ...more };
}

// deno-lint-ignore no-explicit-any
function result(lab: Lab, name = "all.json"): any {
  return JSON.parse(lab.read("runs", "0", name));
}

Deno.test({
  name: "processes of one node meet, and get the arguments as they are",
  ignore,
  async fn(t) {
    const text = 'it\'s "$(exit 9)"\n`x` \\ *';
    const runs = [{ index: 0, attempt: 1, params: { text, other: text } }];
    const container = { image: "a b.sif", overlays: [], binds: [] };
    const cases: [string, Partial<ScriptModel>][] = [
      ["torchrun", { launcher: launcher("torchrun", { processes_per_node: 3 }) }],
      ["torchrun, for each GPU", { launcher: launcher("torchrun"), resources: { gpus: 3 } }],
      ["accelerate", { launcher: launcher("accelerate"), resources: { ntasks_per_node: 3 } }],
      ["torchrun in a container", {
        launcher: launcher("torchrun", { processes_per_node: 3 }),
        environment: { ...NOTHING, container },
      }],
    ];
    await inLabs(
      t,
      cases.map(([name, changes], at) => [name, async (lab) => {
        const command = `here=there; printf '%s' "$here {params.text}" >{run.dir}/said.$RANK
${PROGRAM} --also {args}`;
        const script = lab.write({ command, args: "argparse", runs, ...changes });
        const env = { ...ONE_NODE, SLURM_JOB_ID: `${200 + at}` };
        const { code, stderr } = await lab.run(script, env);
        assert.equal(code, 0, stderr);
        assert.deepEqual(result(lab, "result.json"), { sum: 6, world: 3 });
        const argv = ["--also", "--other", text];
        assert.deepEqual(
          result(lab).map((rank: { argv: string[] }) => rank.argv),
          [argv, argv, argv],
        );
        assert.equal(lab.read("runs", "0", "said.2"), `there ${text}`);
        assert.deepEqual(lab.events(), ["0.train.1.end.0", "0.train.1.start.0"]);
      }]),
    );
  },
});

Deno.test({
  name: "the warning reaches processes below torchrun, which listen; the others live on",
  ignore,
  fn: () =>
    withLab(async (lab) => {
      const other = "for i in {1..1200}; do [[ -e $EXPFLOW_RUN_DIR/warned.0.json ]] && exit 0; " +
        "sleep 0.05; done; exit 9";
      const command = `if [[ $RANK == 1 ]]; then ${other}; fi; ${PROGRAM} --wait`;
      const script = lab.write({
        command: `${command.replace(PROGRAM, `WORLD_SIZE=1 ${PROGRAM}`)}`,
        launcher: launcher("torchrun", { processes_per_node: 2 }),
      });
      const job = lab.start(script, { PATH });
      await until(() => exists(lab.at("runs", "0", "rank.0.json")), "rank 0 is ready");
      job.kill("SIGUSR1");
      const { code, stderr } = await job.output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      assert.ok(exists(lab.at("runs", "0", "warned.0.json")));
    }),
});

/** srun as it is where Slurm signals only the first process of a task (proctrack/cgroup). */
const SRUN = `#!/bin/bash
printf '%s\\n' "\${@:1:12}" >"$EXPFLOW_RUN_DIR/srun"
while [[ $1 != /bin/bash ]]; do shift; done
export SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1 SLURM_LOCALID=0 SLURM_NODEID=0
"$@" &
child=$!
printf '%s' "$child" >"$EXPFLOW_RUN_DIR/task"
trap 'kill -USR2 "$child"' USR2
trap 'kill -KILL "$child"; exit 137' TERM
while kill -0 "$child" 2>/dev/null; do code=0; wait "$child" || code=$?; done
exit "$code"
`;

function withSrun(lab: Lab): Record<string, string> {
  const file = lab.at("bin", "srun");
  Deno.mkdirSync(dirname(file));
  Deno.writeTextFileSync(file, SRUN, { mode: 0o755 });
  return { PATH: `${lab.at("bin")}:${PATH}` };
}

Deno.test("a step hands on what only its first process is told", async (t) => {
  const waits = `touch ready; ${WAITING}; exit 9`;
  const steps: [string, (lab: Lab) => Promise<void>][] = [
    ["the warning", async (lab) => {
      const env = withSrun(lab);
      const command = `sleep 300 & bash -c "trap 'kill $! ; exit 5' USR1; ${waits}"`;
      const job = lab.start(lab.write({ command, launcher: launcher("srun") }), env);
      await until(() => exists(lab.at("work", "ready")), "the program is ready");
      job.kill("SIGUSR1");
      const { code, stderr } = await job.output();
      assert.equal(code, 5, new TextDecoder().decode(stderr));
    }],
    ["a stop", async (lab) => {
      const env = withSrun(lab);
      const command = `bash -c "trap 'sleep 0.3; touch saved; exit 0' TERM; ${waits}"`;
      const job = lab.start(lab.write({ command, launcher: launcher("srun") }), env);
      await until(() => exists(lab.at("work", "ready")), "the program is ready");
      // as Slurm does: the batch script and each task
      job.kill("SIGTERM");
      Deno.kill(Number(lab.read("runs", "0", "task")), "SIGTERM");
      assert.equal((await job.output()).code, 143);
      assert.ok(exists(lab.at("work", "saved")));
      assert.deepEqual(lab.events(), ["0.train.1.start.0", "0.train.1.stop.143"]);
    }],
    ["a stop before the time limit, of which only this job knows", async (lab) => {
      const env = withSrun(lab);
      const scancel = '#!/bin/bash\necho "$@" >scancel\nkill -TERM "$(<"$EXPFLOW_RUN_DIR/task")"\n';
      Deno.writeTextFileSync(lab.at("bin", "scancel"), scancel, { mode: 0o755 });
      const program = `trap 'touch warned' USR1; trap 'touch saved; exit 0' TERM; ${waits}`;
      const script = lab.write({
        command: `bash -c "${program}"`,
        launcher: launcher("srun"),
        resources: { time: "30", signal: "USR1@8" },
        resuming: { mode: "resubmit", maxRestarts: 1 },
      });
      const job = lab.start(script, env);
      await until(() => exists(lab.at("work", "ready")), "the program is ready");
      job.kill("SIGUSR1");
      const { stderr } = await job.output();
      assert.ok(exists(lab.at("work", "warned")), new TextDecoder().decode(stderr));
      assert.ok(exists(lab.at("work", "saved")));
      assert.equal(lab.read("work", "scancel"), "--signal=TERM 100\n");
      assert.deepEqual(lab.events(), ["0.train.1.start.0", "0.train.1.timeout.1"]);
    }],
    [
      "a stop that the program hears before its shell, which is not the program's failure",
      async (lab) => {
        const env = withSrun(lab);
        const command = `bash -c 'echo $$ >pid; touch ready; ${WAITING}'`;
        const script = lab.write({ command, launcher: launcher("srun") });
        patient(script);
        const job = lab.start(script, env);
        await until(() => exists(lab.at("work", "ready")), "the program is ready");
        const [program, shell] = [lab.read("work", "pid"), lab.read("runs", "0", "task")].map(
          Number,
        );
        Deno.kill(program!, "SIGTERM");
        await new Promise((resolve) => setTimeout(resolve, 150));
        Deno.kill(shell!, "SIGTERM");
        const { code, stderr } = await job.output();
        assert.equal(code, 1, new TextDecoder().decode(stderr));
      },
    ],
    ["exit codes", async (lab) => {
      const script = lab.write({ command: "false\necho never", launcher: launcher("srun") });
      const reply = await lab.run(script, withSrun(lab));
      assert.deepEqual([reply.code, reply.stdout], [1, ""], reply.stderr);
    }],
  ];
  await inLabs(t, steps);
});

Deno.test("srun is told the shape of the job", async (t) => {
  const cases: [string, Partial<ScriptModel>, string[]][] = [
    ["tasks", {
      launcher: launcher("srun", { mpi: "pmix", options: ["--label", "a b"] }),
      resources: { nodes: 2, ntasks_per_node: 4, cpus_per_task: 3 },
    }, ["--nodes=2", "--ntasks=8", "--cpus-per-task=3", "--mpi=pmix"]],
    ["one torchrun a node", {
      launcher: launcher("torchrun"),
      resources: { nodes: 2, cpus_per_task: 8 },
    }, ["--nodes=2", "--ntasks=2", "--ntasks-per-node=1", "--cpu-bind=none"]],
  ];
  for (const [name, changes, expected] of cases) {
    await t.step(name, () =>
      withLab(async (lab) => {
        const bin = withSrun(lab);
        Deno.writeTextFileSync(lab.at("bin", "scontrol"), "#!/bin/bash\necho n1\necho n2\n", {
          mode: 0o755,
        });
        Deno.writeTextFileSync(
          lab.at("bin", "torchrun"),
          '#!/bin/bash\nwhile [[ $1 != /bin/bash ]]; do shift; done\nexec "$@"\n',
          { mode: 0o755 },
        );
        const env = { ...bin, SLURM_JOB_NUM_NODES: "2", SLURM_JOB_NODELIST: "n[1-2]" };
        const { code, stdout, stderr } = await lab.run(
          lab.write({ command: "echo $NODE_RANK", ...changes }),
          env,
        );
        assert.deepEqual([code, stdout], [0, "0\n"], stderr);
        const given = lab.read("runs", "0", "srun").split("\n");
        const always = ["--export=ALL", "--kill-on-bad-exit=1", "--wait=0"];
        assert.deepEqual(given.slice(0, expected.length + 3), [...expected, ...always]);
        if (name === "tasks") assert.deepEqual(given.slice(7, 9), ["--label", "a b"]);
      }));
  }
});

Deno.test("the port follows from the job and its restarts, and is one that nobody uses", async (t) => {
  const command = "echo $MASTER_ADDR $MASTER_PORT";
  const portOf = async (lab: Lab, env: Record<string, string>) => {
    const script = lab.write({ command, launcher: launcher("srun") });
    const { stdout, stderr } = await lab.run(script, { ...withSrun(lab), ...env });
    assert.match(stdout, /^127\.0\.0\.1 \d+\n$/, stderr);
    return Number(stdout.split(" ")[1]);
  };
  const cases: [string, Record<string, string>, number][] = [
    ["a job", { SLURM_JOB_ID: "300" }, 10_000 + 30_300 % 19_997],
    ["restarted", { SLURM_JOB_ID: "301", SLURM_RESTART_COUNT: "2" }, 10_000 + 30_403 % 19_997],
    ["a very large id", { SLURM_JOB_ID: "67000000" }, 10_000 + 6_767_000_000 % 19_997],
  ];
  for (const [name, env, port] of cases) {
    await t.step(name, () => withLab(async (lab) => assert.equal(await portOf(lab, env), port)));
  }
  await t.step("one that is taken", () =>
    withLab(async (lab) => {
      using _server = Deno.listen({ hostname: "127.0.0.1", port: 10_000 + 30_502 % 19_997 });
      assert.equal(await portOf(lab, { SLURM_JOB_ID: "302" }), 10_001 + 30_502 % 19_997);
    }));
});

Deno.test("what a launcher cannot do is refused", async (t) => {
  const cases: [LauncherSpec, string][] = [
    [
      launcher("srun", { processes_per_node: 2 }),
      "Cannot use launcher.processes_per_node with srun",
    ],
    [
      launcher("torchrun", { mpi: "pmix" }),
      "Cannot use launcher.mpi with torchrun: it is an option of srun",
    ],
  ];
  for (const [spec, message] of cases) {
    await t.step(message, () => {
      assert.throws(
        () => renderScript(modelIn("/p", { launcher: spec })),
        (error) => error instanceof ConfigError && error.message === message && !!error.hint,
      );
    });
  }
  await t.step("a job whose nodes cannot be listed", () =>
    withLab(async (lab) => {
      const env = { ...withSrun(lab), SLURM_JOB_NUM_NODES: "2", SLURM_JOB_NODELIST: "n[1-2]" };
      Deno.writeTextFileSync(lab.at("bin", "scontrol"), "#!/bin/bash\nexit 1\n", { mode: 0o755 });
      const script = lab.write({ launcher: launcher("srun"), resources: { nodes: 2 } });
      const { code, stderr } = await lab.run(script, env);
      assert.equal(code, 78, stderr);
      assert.match(stderr, /^expflow: Cannot list the nodes of n\[1-2\]: scontrol failed/);
      assert.deepEqual(namesIn(lab.at("work")), []);
    }));
});
