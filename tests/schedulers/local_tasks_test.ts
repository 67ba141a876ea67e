import assert from "node:assert/strict";
import { join } from "node:path";
import { SchedulerError } from "../../lib/core/errors.ts";
import type { TaskReport } from "../../lib/schedulers/scheduler.ts";
import { type LocalBench, openLocal } from "./local_bench.ts";

class Work {
  readonly bench: LocalBench = openLocal({ cpus: 6, gpus: 2 });
  #scripts = 0;

  path(name: string): string {
    return join(this.bench.folder, name);
  }

  read(name: string): string {
    return Deno.readTextFileSync(this.path(name));
  }

  submit(text: string): Promise<string> {
    const script = this.path(`${++this.#scripts}.sh`);
    Deno.writeTextFileSync(script, `#!/bin/bash\n${text}\n`);
    return this.bench.scheduler.submit({ script, dependencies: [] });
  }

  async until(what: string, look: () => Promise<boolean | undefined>): Promise<void> {
    for (const end = Date.now() + 60_000; Date.now() < end;) {
      if (await look()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.fail(`not after 60 s: ${what}`);
  }

  async ended(id: string): Promise<TaskReport[]> {
    let tasks: TaskReport[] = [];
    await this.until(`job ${id} has ended`, async () => {
      const report = (await this.bench.scheduler.states([id])).get(id);
      assert(report?.known);
      tasks = report.tasks;
      return tasks.every(({ ended }) => ended !== undefined);
    });
    return tasks;
  }

  async run(text: string): Promise<TaskReport[]> {
    return await this.ended(await this.submit(text));
  }
}

const CASES: Record<string, (work: Work) => Promise<void>> = {
  "a task finds Slurm's variables, and nothing of the submitter's": async (work) => {
    const id = await work.submit("#SBATCH -c 2 -t 10 -J 'a job' -o env.txt\nenv -0");
    await work.ended(id);
    const lines = work.read("env.txt").split("\0").filter((line) => line !== "");
    const found = new Map(lines.map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }));
    const node = Deno.hostname().split(".")[0]!;
    const expected = {
      SLURM_JOB_ID: id,
      SLURM_JOBID: id,
      SLURM_JOB_NAME: "a job",
      SLURM_JOB_PARTITION: "local",
      SLURM_CLUSTER_NAME: "local",
      SLURM_SUBMIT_DIR: work.bench.folder,
      SLURM_SUBMIT_HOST: Deno.hostname(),
      SLURM_JOB_NODELIST: node,
      SLURM_NODELIST: node,
      SLURMD_NODENAME: node,
      SLURM_NNODES: "1",
      SLURM_NTASKS: "1",
      SLURM_PROCID: "0",
      SLURM_LOCALID: "0",
      SLURM_CPUS_PER_TASK: "2",
      SLURM_CPUS_ON_NODE: "2",
      CUDA_VISIBLE_DEVICES: "",
      PATH: Deno.env.get("PATH"),
      PWD: work.bench.folder,
    };
    for (const [name, value] of Object.entries(expected)) {
      assert.equal(found.get(name), value, name);
    }
    const [start, end] = ["START", "END"].map((what) =>
      Number(found.get(`SLURM_JOB_${what}_TIME`))
    );
    assert.equal(end! - start!, 600);
    const allowed =
      /^(SLURM|EXPFLOW_REQUEUE_(REQUEST|HINT)$|CUDA_VISIBLE_DEVICES$|HOME$|USER$|LOGNAME$|PATH$|SHELL$|LANG$|TMPDIR$|PWD$|SHLVL$|_$)/;
    assert.deepEqual([...found.keys()].filter((name) => !allowed.test(name)), []);
    for (const name of ["SLURM_ARRAY_JOB_ID", "SLURM_RESTART_COUNT", "SLURM_JOB_GPUS"]) {
      assert(!found.has(name), name);
    }
  },

  "tasks of an array have job ids of their own": async (work) => {
    const id = await work.submit("#SBATCH -a 2-4 -o id-%a.%j\ntrue");
    await work.ended(id);
    const names = [...Deno.readDirSync(work.bench.folder)].map(({ name }) => name);
    const first = Number(id);
    assert.deepEqual(
      names.filter((name) => name.startsWith("id-")).sort(),
      [`id-2.${first}`, `id-3.${first + 1}`, `id-4.${first + 2}`],
    );
    assert.equal(await work.submit("true"), String(first + 3));
  },

  "GPUs are given to one task at a time": async (work) => {
    const id = await work.submit(`#SBATCH -a 0-7 -G 1 -o gpus.txt --open-mode=append
set -C
gpu=$CUDA_VISIBLE_DEVICES
[[ $gpu == "$SLURM_JOB_GPUS" ]] || exit 3
: >"gpu-$gpu" || exit 4
echo "gpu $gpu"
sleep 0.05
rm "gpu-$gpu"`);
    const both = await work.submit("#SBATCH --gres=gpu:2 -o both.txt\necho $CUDA_VISIBLE_DEVICES");
    for (const task of [...await work.ended(id), ...await work.ended(both)]) {
      assert.equal(task.state, "COMPLETED", JSON.stringify(task));
    }
    const lines = new Set(work.read("gpus.txt").trim().split("\n"));
    assert.deepEqual([...lines].sort(), ["gpu 0", "gpu 1"]);
    assert.equal(work.read("both.txt"), "0,1\n");
    await assert.rejects(work.submit("#SBATCH -G 3\ntrue"), SchedulerError);
  },

  "CPUs are never given twice": async (work) => {
    Deno.mkdirSync(work.path("cpus"));
    Deno.mkdirSync(work.path("seen"));
    // the first ones go on when three have met
    const text = `: >cpus/$SLURM_JOB_ID; : >seen/$SLURM_JOB_ID
until (($(ls seen | wc -l) >= 3)); do sleep 0.02; done
ls cpus | wc -l; sleep 0.1; rm cpus/$SLURM_JOB_ID`;
    const tasks = await work.run(`#SBATCH -a 0-6 -c 2 -o cpus.txt --open-mode=append\n${text}`);
    assert(tasks.every(({ state }) => state === "COMPLETED"));
    const counts = work.read("cpus.txt").trim().split("\n").map(Number);
    assert.equal(counts.length, 7);
    assert.equal(Math.max(...counts), 3);
  },

  "output goes to the default files, or is the reason to fail": async (work) => {
    const id = await work.submit("echo out; echo err >&2");
    await work.ended(id);
    assert.equal(work.read(`slurm-${id}.out`), "out\nerr\n");
    const array = await work.submit("#SBATCH -a 3\necho out");
    await work.ended(array);
    assert.equal(work.read(`slurm-${array}_3.out`), "out\n");
    for (const directive of ["-o no/such/folder.txt", "-e no/such/folder.txt", "-D /no/such"]) {
      const [task] = await work.run(`#SBATCH ${directive}\ntrue`);
      assert.deepEqual([task!.state, task!.signal], ["FAILED", 53], directive);
      assert.match(task!.reason!, /cannot/);
    }
  },

  "output is truncated or appended to when a task runs again": async (work) => {
    for (const [mode, expected] of [["truncate", "run 1\n"], ["append", "run \nrun 1\n"]]) {
      const script = `#SBATCH -o mode.txt --open-mode=${mode}\necho "run $SLURM_RESTART_COUNT"`;
      const id = await work.submit(script);
      await work.ended(id);
      await work.bench.scheduler.requeue({ job: id });
      assert.equal((await work.ended(id))[0]!.restarts, 1);
      assert.equal(work.read("mode.txt"), expected);
      Deno.removeSync(work.path("mode.txt"));
    }
  },

  "a warning without B: goes to the programs, not to the batch shell": async (work) => {
    const [task] = await work.run(`#SBATCH -t 0:03 --signal=USR1@1 -o warned.txt
trap 'echo shell' USR1
bash -c 'trap "echo program; exit 4" USR1; while :; do sleep 0.05; done'`);
    assert.deepEqual([task!.state, task!.exitCode], ["FAILED", 4]);
    const lines = work.read("warned.txt").split("\n");
    assert(lines.includes("program") && !lines.includes("shell"), lines.join());
  },

  "a script that ends well after TERM has still hit its limit": async (work) => {
    const [task] = await work.run(`#SBATCH -t 0:02 -o term.txt
trap 'echo saved; exit 0' TERM
sleep 20 & wait`);
    assert.deepEqual([task!.state, task!.reason], ["TIMEOUT", "TimeLimit"]);
    assert.equal(work.read("term.txt"), "saved\n");
  },

  "a stopped script is waited for": async (work) => {
    const stopped = "until [[ $(ps -o stat= -p $$) == T* ]]; do sleep 0.02; done";
    const [task] = await work.run(
      `(${stopped}; sleep 0.2; kill -CONT $$) & kill -STOP $$; exit 3`,
    );
    assert.deepEqual([task!.state, task!.exitCode], ["FAILED", 3]);
  },

  "the first line says what runs the script": async (work) => {
    const script = work.path("sed.txt");
    Deno.writeTextFileSync(script, "#!/usr/bin/tail -n1\n#SBATCH -o tail.txt\nlast line\n");
    const id = await work.bench.scheduler.submit({ script, dependencies: [] });
    assert.equal((await work.ended(id))[0]!.state, "COMPLETED");
    assert.equal(work.read("tail.txt"), "last line\n");
  },

  "notes() says what was ignored": async (work) => {
    const id = await work.submit("#SBATCH --mem=4G --nonsense=1 -c 100\ntrue");
    const notes = work.bench.scheduler.notes(id).join("\n");
    assert.match(notes, /--mem has no effect/);
    assert.match(notes, /--nonsense is no option/);
    assert.match(notes, /100 CPUs asked for, 6 there/);
    assert.equal((await work.ended(id))[0]!.state, "COMPLETED");
  },

  "names with control characters and absent dependencies are refused": async (work) => {
    const script = work.path("a\nb.sh");
    Deno.writeTextFileSync(script, "#!/bin/bash\ntrue\n");
    const { scheduler } = work.bench;
    await assert.rejects(scheduler.submit({ script, dependencies: [] }), SchedulerError);
    await assert.rejects(work.submit("#SBATCH -J 'a\tb'\ntrue"), SchedulerError);
    await assert.rejects(work.submit("#SBATCH -d afterok:99999\ntrue"), /not here/);
    Deno.writeTextFileSync(work.path("ok.sh"), "#!/bin/bash\ntrue\n");
    const dependencies = [{ type: "afterok" as const, job: "1; rm" }];
    await assert.rejects(scheduler.submit({ script: work.path("ok.sh"), dependencies }));
    await assert.rejects(scheduler.cancel([{ job: "../1" }]), SchedulerError);
    await scheduler.cancel([{ job: "99999" }, { job: "99999", task: 3 }]);
  },

  "states() says what it cannot read, and answers for the rest": async (work) => {
    const good = await work.submit("true");
    const broken = await work.submit("true");
    await work.ended(broken);
    const path = join(work.bench.state, "jobs", broken, "job.json");
    const text = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, "{");
    const reports = await work.bench.scheduler.states([broken, good]);
    Deno.writeTextFileSync(path, text);
    const report = reports.get(broken);
    assert(report?.known === false && report.why.includes(`job ${broken}`));
    assert.equal(reports.get(good)?.known, true);
  },

  "states() gives the reason for waiting": async (work) => {
    const first = await work.submit(
      "#SBATCH -a 0-2%1\nuntil [[ -e go ]]; do sleep 0.02; done",
    );
    const second = await work.submit(`#SBATCH -d afterany:${first}\ntrue`);
    await work.until("the first task runs", async () => {
      const report = (await work.bench.scheduler.states([first])).get(first);
      return report?.known && report.tasks[0]!.started !== undefined;
    });
    const reports = await work.bench.scheduler.states([first, second]);
    Deno.writeTextFileSync(work.path("go"), "");
    const reasons = [first, second].map((id) => {
      const report = reports.get(id);
      return report?.known && report.tasks.at(-1)!.reason;
    });
    assert.deepEqual(reasons, ["JobArrayTaskLimit", "Dependency"]);
    assert.equal((await work.ended(second))[0]!.state, "COMPLETED");
  },
};

Deno.test({
  name: "LocalScheduler runs tasks as Slurm does",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    const work = new Work();
    try {
      for (const [title, run] of Object.entries(CASES)) await t.step(title, () => run(work));
    } finally {
      await work.bench.close();
    }
  },
});
