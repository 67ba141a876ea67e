import assert from "node:assert/strict";
import { exists } from "../../lib/system/files.ts";
import { inLabs, type Lab, until, withLab } from "./harness.ts";

Deno.test("a script keeps the program's exit code and marks it", async (t) => {
  const cases: [command: string, code: number][] = [
    ["exit 0", 0],
    ["exit 1", 1],
    ["exit 3", 3],
    ["exit 137", 137],
    ["bash -c 'exit 4'; echo never", 4],
    ["bash -c 'kill -KILL $$'", 137],
    ["kill -KILL 0", 137],
  ];
  await inLabs(
    t,
    cases.map(([command, code]) => [command, async (lab) => {
      const reply = await lab.run(lab.write({ command }));
      assert.deepEqual([reply.code, reply.stdout], [code, ""], reply.stderr);
      assert.deepEqual(lab.events(), [`0.train.1.end.${code}`, "0.train.1.start.0"]);
    }]),
  );
});

Deno.test("a script tells the program who it is", () =>
  withLab(async (lab) => {
    const params = { lr: 0.1, name: 'a "b"\n', nested: { x: [1, null, true] } };
    const script = lab.write({
      command:
        "env -0 | grep -z ^EXPFLOW_ | grep -vz ^EXPFLOW_TEST | sort -z | tr '\\0' '\\n'; pwd",
      runs: [{ index: 7, attempt: 3, params }],
      paths: { ...lab.model().paths, code: lab.at("code") },
    });
    const { stdout, code } = await lab.run(script, {
      SLURM_RESTART_COUNT: "2",
      EXPFLOW_CHECKPOINT: "/of/another/epoch=9.ckpt",
      EXPFLOW_CHECKPOINTS: "/of/another",
    });
    assert.equal(code, 0);
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "EXPFLOW_ATTEMPT=5",
      `EXPFLOW_CODE_DIR=${lab.at("code")}`,
      "EXPFLOW_EXPERIMENT=exp",
      `EXPFLOW_PARAMS=${lab.at("runs", "7", "params.json")}`,
      "EXPFLOW_RUN=7",
      `EXPFLOW_RUN_DIR=${lab.at("runs", "7")}`,
      "EXPFLOW_STAGE=train",
      "EXPFLOW_WARNING=USR1",
      lab.at("work"),
    ]);
    assert.equal(lab.read("runs", "7", "params.json"), JSON.stringify(params));
  }));

Deno.test("a script tells the program where checkpoints belong", async (t) => {
  const cases: [path: string, folder: (lab: Lab) => string][] = [
    ["ckpt/", (lab) => lab.at("runs", "7", "ckpt/")],
    ["", (lab) => `${lab.at("runs", "7")}/`],
    ["a b/$x/model_*.pth", (lab) => lab.at("runs", "7", "a b/$x/")],
    ["model_*.pth", (lab) => `${lab.at("runs", "7")}/`],
    ["/data/{experiment}/{run.index}/", () => "/data/exp/7/"],
    ["fold?/best.pth", () => ""],
  ];
  for (const [path, folder] of cases) {
    await t.step(path, () =>
      withLab(async (lab) => {
        const script = lab.write({
          command: 'printf %s "$EXPFLOW_CHECKPOINTS"',
          runs: [{ index: 7, attempt: 1, params: {} }],
          resuming: { checkpoint: { path }, maxRestarts: 1 },
        });
        const { stdout, stderr, code } = await lab.run(script);
        assert.equal(code, 0, stderr);
        assert.equal(stdout, folder(lab));
      }));
  }
});

Deno.test("a script writes what it was granted", () =>
  withLab(async (lab) => {
    const script = lab.write({
      array: true,
      base: 1000,
      runs: [{ index: 1004, attempt: 1, params: {} }],
    });
    const before = Math.floor(Date.now() / 1000);
    await lab.run(script, {
      SLURM_JOB_ID: "105",
      SLURM_ARRAY_JOB_ID: "101",
      SLURM_ARRAY_TASK_ID: "4",
      SLURM_JOB_NODELIST: 'gpu[01-02] "\\\t',
      SLURM_CPUS_ON_NODE: "8",
      CUDA_VISIBLE_DEVICES: "",
      SLURM_GPUS_ON_NODE: undefined,
    });
    const facts = JSON.parse(lab.read("runs", "1004", "attempt.train.1.json"));
    assert.ok(facts.started >= before && facts.started <= Date.now() / 1000);
    assert.equal(typeof facts.host, "string");
    assert.deepEqual({ ...facts, started: 0, host: "" }, {
      submission: "0001",
      stage: "train",
      run: 1004,
      attempt: 1,
      started: 0,
      host: "",
      job: "105",
      array_job: "101",
      array_task: "4",
      nodes: 'gpu[01-02] "\\ ',
      cpus: "8",
      gpus: null,
      cuda_visible_devices: "",
    });
  }));

Deno.test("a command may be any bash", async (t) => {
  const cases: [name: string, command: string, stdout: string, code: number][] = [
    ["several lines", "a=1\nb=2\necho $((a + b))", "3\n", 0],
    ["a failing line ends it", "false\necho never", "", 1],
    ["a failing part of a pipe ends it", "exit 4 | cat\necho never", "", 4],
    ["an unset variable does not", 'echo "[$nothing]"', "[]\n", 0],
    ["functions, cd and here-documents", "f() {\ncd /\npwd\n}\nf\ncat <<X\n$1 }\nX", "/\n }\n", 0],
    ["nothing on stdin", "cat; echo end", "end\n", 0],
    ["a trap of its own", "trap 'echo bye' EXIT\nexit 2", "bye\n", 2],
    ["a comment at the end", "echo a # {params.x}", "a\n", 0],
  ];
  await inLabs(
    t,
    cases.map(([name, command, stdout, code]) => [name, async (lab) => {
      const reply = await lab.run(lab.write({ command }));
      assert.deepEqual([reply.stdout, reply.code], [stdout, code], reply.stderr);
    }]),
  );
});

Deno.test("a script takes nothing from the environment that it is submitted in", () =>
  withLab(async (lab) => {
    const script = lab.write({ command: "echo {params.lr} > out", runs: run({ lr: 0.5 }) });
    const reply = await lab.run(script, {
      SHELLOPTS: "noclobber:xtrace:noglob:posix",
      BASHOPTS: "failglob:nullglob:nocasematch",
      POSIXLY_CORRECT: "1",
      EXPFLOW_RUN: "9",
      EXPFLOW_ATTEMPT: "9",
      expflow_param_lr: "9",
      expflow_args: "9",
      SLURM_ARRAY_TASK_ID: "9",
      SLURM_ARRAY_JOB_ID: "9",
      CDPATH: "/",
      IFS: "0",
    });
    assert.equal(reply.code, 0, reply.stderr);
    assert.equal(lab.read("work", "out"), "0.5\n");
    assert.deepEqual(lab.events(), ["0.train.1.end.0", "0.train.1.start.0"]);
  }));

Deno.test("a script says why its program cannot start", async (t) => {
  await inLabs(t, [
    ["no working directory", async (lab) => {
      const script = lab.write({ command: "touch ran" });
      Deno.removeSync(lab.at("work"));
      const reply = await lab.run(script);
      assert.equal(reply.code, 78);
      assert.match(reply.stderr, /expflow: Cannot work in .*work: nothing was run\n$/);
      assert.deepEqual(lab.events(), ["0.train.1.end.78", "0.train.1.start.0"]);
    }],
    ["a state folder that cannot be written", async (lab) => {
      const script = lab.write({ command: `touch '${lab.root.replaceAll("'", "'\\''")}/ran'` });
      Deno.writeTextFileSync(lab.at("state"), "");
      const reply = await lab.run(script);
      assert.equal(reply.code, 74);
      assert.match(reply.stderr, /^expflow: Cannot write .*0\.train: .*; nothing was run\n$/);
      assert.equal(exists(lab.at("ran")), false);
    }],
    ["a folder of runs that cannot be written", async (lab) => {
      const script = lab.write({ command: "touch ran" });
      Deno.writeTextFileSync(lab.at("runs"), "");
      const reply = await lab.run(script);
      assert.equal(reply.code, 74);
      assert.match(reply.stderr, /expflow: Cannot create .*runs\/0\n$/);
      assert.equal(exists(lab.at("work", "ran")), false);
      assert.deepEqual(lab.events(), ["0.train.1.end.74", "0.train.1.start.0"]);
    }],
    ["a task that is not among its runs", async (lab) => {
      const reply = await lab.run(lab.write({ array: true }), { SLURM_ARRAY_TASK_ID: "1" });
      assert.equal(reply.code, 78);
      assert.equal(reply.stderr, "expflow: This script holds no run 1\n");
      assert.equal(exists(lab.at("state")), false);
    }],
    ["an array without a task", async (lab) => {
      const reply = await lab.run(lab.write({ array: true }));
      assert.equal(reply.code, 78);
      assert.equal(reply.stderr, "expflow: Set SLURM_ARRAY_TASK_ID to say which run is meant\n");
    }],
  ]);
});

Deno.test("a script whose markers cannot be written keeps the exit code", () =>
  withLab(async (lab) => {
    const script = lab.write({ command: "exit 3" });
    Deno.mkdirSync(lab.at("state"));
    Deno.writeTextFileSync(lab.at("state", "events"), "");
    const reply = await lab.run(script);
    assert.equal(reply.code, 3);
    assert.match(reply.stderr, /Cannot write .*0\.train\.1\.start\.0\.\d+: disk full/);
    assert.match(reply.stderr, /Cannot write .*0\.train\.1\.end\.3\.\d+: disk full/);
  }));

Deno.test("what an earlier submission left is moved aside once, and never by a restart", () =>
  withLab(async (lab) => {
    const leave = async (name: string, attempt: number, job: string, restarts?: string) => {
      const stage = `s${job}`;
      const script = lab.write({
        stage,
        command: `touch "$EXPFLOW_RUN_DIR/${name}"; ls "$EXPFLOW_RUN_DIR"; false`,
        runs: [{ index: 0, attempt, params: {} }],
      });
      const reply = await lab.run(script, { SLURM_JOB_ID: job, SLURM_RESTART_COUNT: restarts });
      return reply.stdout.split("\n").filter((line) => /^[a-z]$/.test(line));
    };
    assert.deepEqual(await leave("a", 1, "1"), ["a"]);
    assert.deepEqual(await leave("b", 2, "2"), ["b"], "attempt 2 starts afresh");
    assert.deepEqual(await leave("c", 2, "2", "1"), ["b", "c"], "its restart goes on");
    assert.deepEqual(await leave("d", 2, "3"), ["b", "c", "d"], "another first stage, too");
    const [previous] = Array.from(Deno.readDirSync(lab.at("runs", ".previous")));
    assert.match(previous!.name, /^0\.\d+$/);
    assert.ok(exists(lab.at("runs", ".previous", previous!.name, "a")));
  }));

Deno.test("nothing of the program is left when it ended", () =>
  withLab(async (lab) => {
    const reply = await lab.run(lab.write({ command: "sleep 300 >/dev/null 2>&1 &\necho $!" }));
    assert.equal(reply.code, 0);
    const pid = Number(reply.stdout);
    await until(() => !alive(pid), "the background process is gone");
  }));

function alive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function run(params: Record<string, number>) {
  return [{ index: 0, attempt: 1, params }];
}
