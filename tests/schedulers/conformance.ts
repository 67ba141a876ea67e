import assert from "node:assert/strict";
import { SchedulerError } from "../../lib/core/errors.ts";
import { type Bench, Lab } from "./conformance_lab.ts";

type Case = (lab: Lab) => Promise<void>;

const CASES: Record<string, Case> = {
  "submit() runs a script with its directives": async (lab) => {
    const before = Math.floor(Date.now() / 1000);
    const id = await lab.submit(
      ["-J first --output=%x-%j.out", "--error=%x-%j.err # a comment", "-n 1"],
      `pwd; echo "id=$SLURM_JOB_ID name=$SLURM_JOB_NAME restarts=\${SLURM_RESTART_COUNT-none}"
echo "task=\${SLURM_ARRAY_TASK_ID-none} cpus=\${SLURM_CPUS_PER_TASK-none}"; echo oops >&2
#SBATCH --job-name=too-late`,
    );
    const task = await lab.end(id);
    assert.equal(task.state, "COMPLETED");
    assert.equal(task.job, id);
    assert.equal(task.task, undefined);
    assert.equal(task.exitCode, 0);
    assert(task.nodes, "a node is named");
    assert(task.submitted! >= before - 1 && task.started! >= task.submitted!);
    assert(task.ended! >= task.started!);
    assert.equal(
      lab.read(`first-${id}.out`),
      `${lab.bench.folder}\nid=${id} name=first restarts=none\ntask=none cpus=none\n`,
    );
    assert.equal(lab.read(`first-${id}.err`), "oops\n");
  },

  "submit() copies the script's text": async (lab) => {
    const first = await lab.submit([], "sleep 0.3");
    const script = lab.script(["-o copied.out"], "echo as submitted");
    const dependencies = [{ type: "afterok" as const, job: first }];
    const id = await lab.bench.scheduler.submit({ script, dependencies });
    Deno.writeTextFileSync(script, "#!/bin/bash\necho as changed\n");
    assert.equal((await lab.end(id)).state, "COMPLETED");
    assert.equal(lab.read("copied.out"), "as submitted\n");
  },

  "submit() gives ids that are unique": async (lab) => {
    const scripts = Array.from({ length: 8 }, () => lab.script(["--array=0-2"], "true"));
    const ids = await Promise.all(
      scripts.map((script) => lab.bench.scheduler.submit({ script, dependencies: [] })),
    );
    assert.equal(new Set(ids).size, 8);
    for (const id of ids) {
      assert((await lab.ended(id)).every(({ state }) => state === "COMPLETED"));
    }
  },

  "submit() refuses what cannot run": async (lab) => {
    const refused = async (script: string): Promise<void> => {
      await assert.rejects(
        lab.bench.scheduler.submit({ script, dependencies: [] }),
        SchedulerError,
      );
    };
    Deno.writeTextFileSync(lab.path("no-shebang.sh"), "echo\n");
    await refused(lab.path("no-shebang.sh"));
    await refused(lab.path("absent.sh"));
    await refused(lab.script(["--nodes=10000"], "true"));
    await refused(lab.script(["--gpus=10000"], "true"));
    await refused(lab.script(["--array=5-1"], "true"));
    await refused(lab.script(["--time=soon"], "true"));
  },

  "states() says how a script ended": async (lab) => {
    const seven = await lab.submit([], "exit 7");
    const killed = await lab.submit([], "kill -KILL $$");
    const last = await lab.submit([], "false; true");
    const seventh = await lab.end(seven);
    assert.deepEqual([seventh.state, seventh.exitCode], ["FAILED", 7]);
    assert.equal(seventh.signal || undefined, undefined);
    const ninth = await lab.end(killed);
    assert.deepEqual([ninth.state, ninth.signal], ["FAILED", 9]);
    assert.equal((await lab.end(last)).state, "COMPLETED");
  },

  "states() answers for each id, known or not": async (lab) => {
    const id = await lab.submit([], "true");
    const asked = [id, "99999999", id];
    const reports = await lab.bench.scheduler.states(asked);
    assert.deepEqual([...reports.keys()].sort(), [id, "99999999"].sort());
    assert.equal(reports.get(id)?.known, true);
    assert.equal(reports.get("99999999")?.known, false);
    assert.equal((await lab.bench.scheduler.states([])).size, 0);
    await lab.end(id);
  },

  "states() names the tasks of an array": async (lab) => {
    const id = await lab.submit(
      ["--array=1,3,8-12:2", "--output=array-%A-%4a.out"],
      `echo "$SLURM_ARRAY_JOB_ID $SLURM_ARRAY_TASK_ID $SLURM_ARRAY_TASK_COUNT $SLURM_ARRAY_TASK_MIN \
$SLURM_ARRAY_TASK_MAX"; [[ $SLURM_ARRAY_TASK_ID -ne 10 ]]`,
    );
    const tasks = await lab.ended(id);
    assert.deepEqual(tasks.map(({ task }) => task), [1, 3, 8, 10, 12]);
    assert.deepEqual(
      tasks.map(({ state }) => state),
      ["COMPLETED", "COMPLETED", "COMPLETED", "FAILED", "COMPLETED"],
    );
    assert.equal(tasks[3]!.exitCode, 1);
    assert.equal(lab.read(`array-${id}-0008.out`), `${id} 8 5 1 12\n`);
  },

  "submit() takes a name and tasks in the place of the directives'": async (lab) => {
    const script = lab.script(["--array=0-9", "--job-name=whole"], "true");
    const name = `part-${crypto.randomUUID()}`;
    const { scheduler } = lab.bench;
    const id = await scheduler.submit({ script, dependencies: [], name, array: "2,4-5%1" });
    const tasks = (await lab.ended(id)).map(({ task }) => task!).sort((a, b) => a - b);
    assert.deepEqual(tasks, [2, 4, 5]);
    assert.deepEqual(await scheduler.findByName(name), [id]);
  },

  "an array keeps to its throttle": async (lab) => {
    for (const name of ["at-once", "seen"]) Deno.mkdirSync(lab.path(name));
    // the first two go on when they have met
    const id = await lab.submit(
      ["--array=1-6%2", "-o throttle.out --open-mode=append"],
      `: >at-once/$SLURM_ARRAY_TASK_ID; : >seen/$SLURM_ARRAY_TASK_ID
until (($(ls seen | wc -l) >= 2)); do sleep 0.02; done
ls at-once | wc -l; sleep 0.2; rm at-once/$SLURM_ARRAY_TASK_ID`,
    );
    assert((await lab.ended(id)).every(({ state }) => state === "COMPLETED"));
    const counts = lab.read("throttle.out").trim().split("\n").map(Number);
    assert.equal(counts.length, 6);
    assert.equal(Math.max(...counts), 2);
  },

  "afterok runs after success only": async (lab) => {
    const good = await lab.submit(["--array=0-1"], "sleep 0.2; echo done >>good");
    const bad = await lab.submit(["--array=0-1"], "exit $SLURM_ARRAY_TASK_ID");
    const directives = ["--kill-on-invalid-dep=yes"];
    const after = await lab.submit(directives, "cat good >seen-by-afterok", [
      { type: "afterok", job: good },
    ]);
    const never = await lab.submit(directives, ": >must-not-exist", [
      { type: "afterok", job: good },
      { type: "afterok", job: bad },
    ]);
    assert.equal((await lab.end(after)).state, "COMPLETED");
    assert.equal(lab.read("seen-by-afterok"), "done\ndone\n");
    const cancelled = await lab.end(never);
    assert.equal(cancelled.state, "CANCELLED");
    assert.equal(cancelled.started, undefined);
    assert(!lab.exists("must-not-exist"));
  },

  "afterany runs after any end": async (lab) => {
    const bad = await lab.submit([], "sleep 0.2; : >bad-ended; exit 3");
    const after = await lab.submit([], "[[ -e bad-ended ]]", [{ type: "afterany", job: bad }]);
    assert.equal((await lab.end(after)).state, "COMPLETED");
  },

  "aftercorr runs task by task": async (lab) => {
    const first = await lab.submit(
      ["--array=0-2"],
      "sleep 0.$SLURM_ARRAY_TASK_ID; : >corr-$SLURM_ARRAY_TASK_ID; [[ $SLURM_ARRAY_TASK_ID -ne 1 ]]",
    );
    const second = await lab.submit(
      ["--array=0-2", "--kill-on-invalid-dep=yes"],
      "[[ -e corr-$SLURM_ARRAY_TASK_ID ]]",
      [{ type: "aftercorr", job: first }],
    );
    const states = (await lab.ended(second)).map(({ state }) => state);
    assert.deepEqual(states, ["COMPLETED", "CANCELLED", "COMPLETED"]);
  },

  "the time limit ends a job, after a warning": async (lab) => {
    const { limit, warning } = lab.bench;
    const directives = [`--time=${limit.text}`, `--signal=B:USR1@${warning}`, "-o limit.out"];
    const id = await lab.submit(
      directives,
      `trap 'echo warned' USR1; trap '' TERM
(trap '' TERM; while :; do sleep 0.1; : >still-alive; done) &
while :; do wait; done`,
    );
    const task = await lab.end(id);
    assert.equal(task.state, "TIMEOUT");
    assert(task.ended! - task.started! >= limit.seconds, "not before the limit");
    assert.equal(lab.read("limit.out").split("\n").filter((line) => line === "warned").length, 1);
    Deno.removeSync(lab.path("still-alive"));
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert(!lab.exists("still-alive"), "a process of the job outlived it");
  },

  "cancel() ends one task and leaves the others": async (lab) => {
    const body = ": >one-$SLURM_ARRAY_TASK_ID; until [[ -e one-go ]]; do sleep 0.05; done";
    const id = await lab.submit(["--array=0-3%2"], body);
    await lab.appears("one-0");
    await lab.bench.scheduler.cancel([{ job: id, task: 0 }, { job: id, task: 3 }]);
    Deno.writeTextFileSync(lab.path("one-go"), "");
    const states = (await lab.ended(id)).map(({ state }) => state);
    assert.deepEqual(states, ["CANCELLED", "COMPLETED", "COMPLETED", "CANCELLED"]);
    assert(!lab.exists("one-3"));
  },

  "cancel() ends a whole job, and no other": async (lab) => {
    const body = ": >all-$SLURM_ARRAY_TASK_ID; sleep 300";
    const other = await lab.submit([], "until [[ -e other-go ]]; do sleep 0.05; done");
    const id = await lab.submit(["--array=0-2%1"], body);
    await lab.appears("all-0");
    await lab.bench.scheduler.cancel([{ job: id }]);
    const tasks = await lab.ended(id);
    assert(tasks.every(({ state }) => state === "CANCELLED"), JSON.stringify(tasks));
    assert(!lab.exists("all-1"));
    Deno.writeTextFileSync(lab.path("other-go"), "");
    assert.equal((await lab.end(other)).state, "COMPLETED");
    await lab.bench.scheduler.cancel([{ job: other }]);
    assert.equal((await lab.end(other)).state, "COMPLETED");
  },

  "requeue() runs a task again": async (lab) => {
    const body = `echo "\${SLURM_RESTART_COUNT-first}" >>requeued
[[ \${SLURM_RESTART_COUNT-0} -eq 1 ]] || sleep 300`;
    const id = await lab.submit(["--requeue"], body);
    await lab.appears("requeued");
    await lab.bench.scheduler.requeue({ job: id });
    const task = await lab.end(id);
    assert.deepEqual([task.state, task.restarts], ["COMPLETED", 1]);
    assert.equal(lab.read("requeued"), "first\n1\n");
  },

  "findByName() finds exactly that name": async (lab) => {
    const unique = `n${crypto.randomUUID().slice(0, 8)}`;
    const names = [`${unique}.a`, `${unique}xa`, `${unique}.ab`, `${unique}.a`];
    const ids = [];
    for (const name of names) ids.push(await lab.submit([`--job-name=${name}`], "true"));
    for (const id of ids) await lab.end(id);
    const found = await lab.bench.scheduler.findByName(`${unique}.a`);
    assert.deepEqual(found.sort(), [ids[0], ids[3]].sort());
    assert.deepEqual(await lab.bench.scheduler.findByName(unique), []);
    assert.deepEqual(await lab.bench.scheduler.findByName(""), []);
  },

  "hostile names and paths do no harm": async (lab) => {
    const name = `it's "$(touch pwned)" \`touch pwned\` ; touch pwned`;
    const quoted = `"${name.replaceAll('"', '\\"')}"`;
    const output = `out 'of' $(touch pwned) "order".txt`;
    const script = lab.script(
      [`--job-name=${quoted}`, `--output="${output.replaceAll('"', '\\"')}"`],
      `printf %s "$SLURM_JOB_NAME"`,
      `a 'script' $(touch pwned).sh`,
    );
    const id = await lab.bench.scheduler.submit({ script, dependencies: [] });
    assert.equal((await lab.end(id)).state, "COMPLETED");
    assert.equal(lab.read(output), name);
    assert.deepEqual(await lab.bench.scheduler.findByName(name), [id]);
    assert(!lab.exists("pwned"));
  },

  "testStart() estimates or says why not": async (lab) => {
    const { scheduler } = lab.bench;
    const can = await scheduler.testStart({ script: lab.script([], "true"), dependencies: [] });
    assert(can.kind === "start" || can.kind === "unknown", JSON.stringify(can));
    const script = lab.script(["--nodes=10000"], "true");
    const cannot = await scheduler.testStart({ script, dependencies: [] });
    assert.equal(cannot.kind, "refused");
    assert(cannot.kind === "refused" && cannot.reason !== "");
  },

  "limits() and topology() hold numbers": async (lab) => {
    assert((await lab.bench.scheduler.limits()).maxArrayTasks > 0);
    const { nodes } = await lab.bench.scheduler.topology();
    assert(nodes.length > 0);
    for (const { name, cpus, gpus } of nodes) {
      assert(name !== "" && cpus > 0 && gpus >= 0);
    }
  },
};

/** Registers the tests that every scheduler has to pass. `open` gives a bench of its own. */
export function conformance(name: string, open: () => Bench | Promise<Bench>): void {
  Deno.test({
    name: `${name} keeps the scheduler contract`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async (t) => {
      const lab = new Lab(await open());
      try {
        for (const [title, run] of Object.entries(CASES)) await t.step(title, () => run(lab));
      } finally {
        await lab.bench.close();
      }
    },
  });
}
