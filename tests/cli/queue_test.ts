import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { isProcessAlive } from "../../lib/system/processes.ts";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";
import { queueOf, spawnWorker, Workers, workOn } from "./queue_workers.ts";

/** Each run writes its parameter into `trace` of the project. */
const TRACED = `command: 'echo {params.x} >> {project.dir}/trace'
args: none
tags: [traced]
sweep: { grid: { x: [0, 1, 2, 3] } }
`;

// deno-lint-ignore no-explicit-any
type Json = any;

async function json(box: Sandbox, cwd: string, ...args: string[]): Promise<Json> {
  return JSON.parse((await box.ok([...args, "--json"], { cwd })).out);
}

function traced(cwd: string): string[] {
  try {
    return Deno.readTextFileSync(join(cwd, "trace")).trim().split("\n");
  } catch {
    return [];
  }
}

async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    if (await look()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not after 30 s: ${what}`);
}

/** Works until the queue is empty. */
async function workOff(cwd: string): Promise<void> {
  await workOn(queueOf(cwd), { linger: 0 });
}

function experiment(cwd: string, id: string, text: string): void {
  writeExperiment(cwd, id, text.replaceAll("{project.dir}", cwd));
}

const namesOf = (items: Json[]): string[] => items.map(({ item }) => item);

Deno.test("what is in the queue: a list for people and one for programs say the same", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  experiment(cwd, "exp001", TRACED);
  await t.step("an empty queue says so", async () => {
    match((await box.ok(["queue", "init"], { cwd })).out, /^the queue is in .*\.expflow\/queue\n/);
    equal((await box.ok(["queue", "list"], { cwd })).out, "the queue is empty\n");
    deepEqual(await json(box, cwd, "queue", "list"), []);
  });
  await t.step("without a worker it is said loudly", async () => {
    await box.ok(["queue", "add", "exp001"], { cwd });
    for (const args of [["status", "exp001"], ["queue", "status"]]) {
      const { err } = await box.ok(args, { cwd });
      match(err, /^warning: no worker takes from the queue: 4 runs wait for one; start some/);
    }
  });
  await t.step("each item of the table is in the JSON, in this order", async () => {
    const { out } = await box.ok(["queue", "list"], { cwd });
    const items = await json(box, cwd, "queue", "list");
    const rows = out.trimEnd().split("\n").slice(1).map((line) => line.split(/ {2,}/));
    deepEqual(rows.map((row) => row.slice(0, 2)), items.map((i: Json) => [i.item, i.state]));
    deepEqual(namesOf(items), [0, 1, 2, 3].map((run) => `exp001/${run}`));
    deepEqual(items.map((i: Json) => i.priority), [500, 500, 500, 500]);
  });
  await t.step("pending is queued, tags and limits narrow it", async () => {
    const count = async (...args: string[]) =>
      (await json(box, cwd, "queue", "list", ...args)).length;
    equal(await count("--state", "pending"), 4);
    equal(await count("--state", "running,completed"), 0);
    equal(await count("--tag", "other,traced"), 4);
    equal(await count("--tag", "other"), 0);
    equal(await count("--limit", "2"), 2);
  });
  await t.step("one item has one name, and the number of its job", async () => {
    const [one] = await json(box, cwd, "queue", "show", "exp001/2");
    deepEqual(await json(box, cwd, "queue", "show", `${one.job}_${one.task}`), [one]);
    deepEqual([one.state, one.params], ["queued", { x: 2 }]);
    equal((await json(box, cwd, "queue", "show", one.job)).length, 4);
  });
  await t.step("when it is worked off, everybody says so", async () => {
    await workOff(cwd);
    deepEqual(traced(cwd), ["0", "1", "2", "3"]);
    const { counts, workers, unattended } = await json(box, cwd, "queue", "status");
    deepEqual([counts, workers, unattended], [{ completed: 4 }, [], 0]);
    match((await box.ok(["queue", "status"], { cwd })).out, /^4 completed\n/);
    equal((await statusOf(box, cwd, "exp001")).counts.completed, 4);
  });
});

Deno.test("the highest priority is taken first: of an experiment, of a run, of a submission", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const cases: [string, string[][], string[]][] = [
    ["as submitted", [], ["0", "1", "2", "3"]],
    ["one run", [["boost", "exp001/2", "--priority", "900"]], ["2", "0", "1", "3"]],
    [
      "two runs, and then the job again",
      [["boost", "exp001/2", "--priority", "900"], ["boost", "exp001/3", "--priority", "950"]],
      ["3", "2", "0", "1"],
    ],
    [
      "a run, and the whole experiment over it",
      [["boost", "exp001/3", "--priority", "600"], ["boost", "exp001", "--priority", "700"]],
      ["0", "1", "2", "3"],
    ],
    [
      "a run that is back in its place",
      [["boost", "exp001/2", "--priority", "900"], ["boost", "exp001/2", "--priority", "500"]],
      ["0", "1", "2", "3"],
    ],
    ["a run that may wait", [["boost", "exp001/0", "--priority", "0"]], ["1", "2", "3", "0"]],
  ];
  for (const [name, changes, order] of cases) {
    await t.step(name, async () => {
      experiment(cwd, "exp001", TRACED);
      await box.ok(["queue", "add", "exp001", "--force"], { cwd });
      for (const change of changes) await box.ok(["queue", ...change], { cwd });
      const listed = await json(box, cwd, "queue", "list", "--state", "queued");
      deepEqual(listed.map((i: Json) => String(i.params.x)), order);
      await workOff(cwd);
      deepEqual(traced(cwd), order);
      Deno.removeSync(join(cwd, "trace"));
    });
  }
  await t.step("resources.priority and --priority", async () => {
    for (const [id, priority] of [["low", 100], ["high", 800], ["usual", 500]] as const) {
      const words = `command: echo ${id} >> ${cwd}/trace\nargs: none\n`;
      writeExperiment(cwd, id, `${words}resources: { priority: ${priority} }\n`);
    }
    await box.ok(["submit", "low", "usual", "high", "--to", "queue"], { cwd });
    await box.ok(
      ["queue", "add", "--priority", "1000", "--", "bash", "-c", "echo first >> trace"],
      {
        cwd,
      },
    );
    await workOff(cwd);
    deepEqual(traced(cwd), ["first", "high", "usual", "low"]);
  });
});

Deno.test("what is held stays where it is until it is released", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  experiment(cwd, "exp001", TRACED);
  await box.ok(["queue", "add", "exp001"], { cwd });
  await t.step("a run", async () => {
    equal((await box.ok(["queue", "hold", "exp001/1"], { cwd })).out, "held: exp001/1\n");
    await workOff(cwd);
    deepEqual(traced(cwd), ["0", "2", "3"]);
    const { runs } = await statusOf(box, cwd, "exp001");
    deepEqual([runs[1].state, runs[1].stages.train.reason], ["pending", "held"]);
    deepEqual(namesOf(await json(box, cwd, "queue", "list", "--state", "held")), ["exp001/1"]);
    equal((await box.ok(["queue", "release", "exp001/1"], { cwd })).out, "released: exp001/1\n");
    await workOff(cwd);
    deepEqual(traced(cwd), ["0", "2", "3", "1"]);
  });
  await t.step("a whole experiment, of which one run cannot be released alone", async () => {
    await box.ok(["queue", "add", "exp001", "--force"], { cwd });
    await box.ok(["queue", "hold", "exp001"], { cwd });
    await workOff(cwd);
    equal(traced(cwd).length, 4);
    const { code, err } = await box.run(["queue", "release", "exp001/1"], { cwd });
    equal(code, 5);
    match(err, /^error: Cannot release exp001\/1 alone: its whole job is held\nhint: .*release \d/);
    await box.ok(["queue", "release", "exp001"], { cwd });
    await workOff(cwd);
    equal(traced(cwd).length, 8);
  });
});

Deno.test("a kill reaches the process, and says when nobody has answered", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const text = `command: 'trap "" TERM; echo $$ > {project.dir}/pid; sleep 300 & wait; wait'
args: none
`;
  const pid = () => Number(Deno.readTextFileSync(join(cwd, "pid")));
  const started = () => until("it started", () => statSync(join(cwd, "pid")));
  await t.step("a run that ignores TERM is gone", async () => {
    experiment(cwd, "stubborn", text);
    await using _ = new Workers(cwd);
    await box.ok(["queue", "add", "stubborn"], { cwd });
    await started();
    const [running] = await json(box, cwd, "queue", "list");
    deepEqual([running.state, typeof running.worker], ["running", "string"]);
    ok(isProcessAlive(pid()));
    deepEqual(await json(box, cwd, "queue", "kill", "stubborn/0"), {
      killed: ["stubborn/0"],
      otherwise: [],
      unanswered: [],
    });
    equal(isProcessAlive(pid()), false);
    equal((await statusOf(box, cwd, "stubborn")).runs[0].state, "cancelled");
  });
  await t.step("what waits never starts", async () => {
    experiment(cwd, "exp001", TRACED);
    await box.ok(["queue", "add", "exp001"], { cwd });
    equal((await box.ok(["queue", "kill", "exp001/0"], { cwd })).out, "killed: exp001/0\n");
    await workOff(cwd);
    deepEqual(traced(cwd), ["1", "2", "3"]);
    const { code, err } = await box.run(["queue", "kill", "exp001/0"], { cwd });
    equal(code, 5);
    match(err, /^error: Cannot kill exp001\/0: it is cancelled\nhint: /);
  });
  await t.step("a worker that sleeps is not taken for one that answered", async () => {
    Deno.removeSync(join(cwd, "pid"));
    await box.ok(["queue", "add", "stubborn"], { cwd });
    const worker = spawnWorker(box, cwd);
    await started();
    worker.kill("SIGSTOP");
    const kill = ["queue", "kill", "stubborn", "--patience", "0:02"];
    const { code, out, err } = await box.run(kill, { cwd });
    deepEqual([code, out], [1, ""]);
    match(err, /^warning: stubborn\/0 is not over yet: nobody has answered; its worker \S+ was /);
    ok(isProcessAlive(pid()));
    worker.kill("SIGCONT");
    await until("it is gone", () => !isProcessAlive(pid()));
    worker.kill("SIGKILL");
    await Promise.all([worker.status, worker.stdout.cancel(), worker.stderr.cancel()]);
  });
});

function statSync(path: string): boolean {
  try {
    return Deno.statSync(path).size > 0;
  } catch {
    return false;
  }
}

Deno.test("what a lost worker had is recovered, set aside when that happens too often, and released", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "exp001",
    `command: 'echo $EXPFLOW_ATTEMPT >> ${cwd}/trace; test $EXPFLOW_ATTEMPT -gt 1 || sleep 300'
args: none
resources: { requeue: false }
`,
  );
  equal((await box.ok(["queue", "recover"], { cwd })).out, "there are no workers\n");
  await box.ok(["queue", "add", "exp001"], { cwd });
  const worker = spawnWorker(box, cwd);
  await until("it started", () => traced(cwd).length === 1);
  const [{ id }] = (await json(box, cwd, "queue", "status")).workers;
  await t.step("who lives is left alone, also when a user says otherwise", async () => {
    const [{ kind, recovered }] = await json(box, cwd, "queue", "recover");
    deepEqual([kind, recovered], ["alive", undefined]);
    const { code, err } = await box.run(["queue", "recover", "--force", id], { cwd });
    equal(code, 5);
    match(err, /^error: Cannot recover worker \S+: it was heard of \d+ s ago\nhint: end it first/);
    const other = await box.run(["queue", "recover", "--force", `${id}x`], { cwd });
    equal(other.code, 4);
    ok(other.err.includes(`did you mean "${id}"?`), other.err);
  });
  worker.kill("SIGKILL");
  await Promise.all([worker.status, worker.stdout.cancel(), worker.stderr.cancel()]);
  await t.step("who was silent for long, and whose process is gone, is lost", async () => {
    const hourAgo = new Date(Date.now() - 3_600_000);
    Deno.utimeSync(join(queueOf(cwd), "workers", id, "beat"), hourAgo, hourAgo);
    match(
      (await box.ok(["queue", "recover"], { cwd })).out,
      /lost +1 set aside +process \d+ .* is gone/,
    );
    equal((await box.ok(["queue", "recover"], { cwd })).out, "there are no workers\n");
    const [{ state, reason }] = await json(box, cwd, "queue", "list");
    deepEqual([state, reason], ["node_fail", "its workers were lost, too often to go on"]);
    match((await box.ok(["why", "exp001/0"], { cwd })).out, /node fail/);
  });
  await t.step("it may be taken once more", async () => {
    equal(
      (await box.ok(["queue", "release", "exp001/0"], { cwd })).out,
      "back in the queue, for one more attempt: exp001/0\n",
    );
    await workOff(cwd);
    deepEqual(traced(cwd), ["1", "2"]);
    equal((await statusOf(box, cwd, "exp001")).runs[0].state, "completed");
  });
});

Deno.test("queue validate says what is wrong with the files, and repairs what it can", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  experiment(cwd, "exp001", TRACED);
  await box.ok(["queue", "add", "exp001"], { cwd });
  equal((await box.ok(["queue", "validate"], { cwd })).out, "nothing is wrong\n");
  // as if the submission had been killed before workers could see its job
  Deno.removeSync(join(queueOf(cwd), "open", "0500.00000001"));
  const { code, out, err } = await box.run(["queue", "validate"], { cwd });
  equal(code, 1);
  match(out, /^what .*\nnot_open +open\/0500\.00000001 +possible /);
  match(err, /^hint: `expflow queue validate --repair`/);
  const { findings, log } = await json(box, cwd, "queue", "validate", "--repair");
  deepEqual(findings.map((one: Json) => [one.kind, one.repaired]), [["not_open", true]]);
  match(Deno.readTextFileSync(log), /"kind":"not_open"/);
  await workOff(cwd);
  deepEqual(traced(cwd), ["0", "1", "2", "3"]);
});

Deno.test("a submission to the queue is a submission: every command knows it", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const body =
    `command: 'test {params.x} -lt 2 || test $EXPFLOW_ATTEMPT -gt 1 || { echo boom >&2; exit 3; };
    echo "{\\"acc\\": {params.x}}" > {run.dir}/result.json'
args: none
checkpoint: { dir: checkpoints }
resources: { partition: auto, account: auto, qos: high, exclusive: true, time: 10m, priority: 700 }
sweep: { grid: { x: [0, 1, 2] } }
`;
  writeExperiment(cwd, "exp001", body);
  const script = (n: string) =>
    Deno.readTextFileSync(join(cwd, "generated_scripts", "exp001", n, "train.0.sbatch"));
  await using _ = new Workers(cwd, 2);
  await t.step("submit --to queue --wait", async () => {
    const { code, err } = await box.run(["submit", "exp001", "--to", "queue", "--wait"], { cwd });
    equal(code, 1, err);
    match(script("001"), /\n#SBATCH --time=00:10:00\n/);
    match(script("001"), /\n#SBATCH --priority=700\n/);
    equal(/--(partition|account|qos|exclusive)/.test(script("001")), false);
  });
  await t.step("logs and why", async () => {
    match((await box.ok(["logs", "exp001/2", "-e"], { cwd })).out, /boom/);
    match((await box.ok(["why", "exp001/2"], { cwd })).out, /exit code 3/);
  });
  await t.step("retry goes where the run was, unless told", async () => {
    await box.ok(["retry", "exp001/2"], { cwd });
    await until(
      "it completed",
      async () => (await statusOf(box, cwd, "exp001")).counts.completed === 3,
    );
    const found = await json(box, cwd, "queue", "show", "exp001/2");
    deepEqual([found[0].attempt, found[0].state], [2, "completed"]);
  });
  await t.step("resume, too", async () => {
    const { err } = await box.ok(["resume", "exp001/0", "--force"], { cwd });
    match(err, /continues from its newest checkpoint/);
    const plan = join(cwd, "generated_scripts", "exp001", "003", "plan.json");
    equal(JSON.parse(Deno.readTextFileSync(plan)).scheduler, "queue");
  });
  await t.step("harvest and efficiency", async () => {
    await until(
      "it completed",
      async () => (await statusOf(box, cwd, "exp001")).counts.completed === 3,
    );
    match((await box.ok(["harvest", "exp001"], { cwd })).out, /acc/);
    match((await box.ok(["efficiency", "exp001"], { cwd })).err, /queue scheduler records no use/);
  });
  await t.step("elsewhere there is no priority, and it is said", async () => {
    const local = ["submit", "exp001", "--force", "--to", "local"];
    const { err } = await box.ok([...local, "--dry-run"], { cwd });
    match(err, /^note: priority left out: only the queue has priorities, and this goes to local$/m);
    await box.ok([...local, "--wait"], { cwd });
    equal(/--priority/.test(script("004")), false);
  });
  await t.step("runs of two schedulers are not resumed as one", async () => {
    await box.ok(["submit", "exp001/1", "--force", "--to", "queue", "--wait"], { cwd });
    const { code, err } = await box.run(["resume", "exp001", "--force"], { cwd });
    equal(code, 2);
    match(err, /^error: Cannot submit exp001 as one: its runs went to \w+ and \w+ before$/m);
  });
});

Deno.test("a stage does not wait for a job of another scheduler", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  writeExperiment(
    cwd,
    "exp001",
    "stages: { train: { command: sleep 20 }, eval: { command: 'true', after: train } }\nargs: none\n",
  );
  await box.ok(["submit", "exp001", "--stage", "train"], { cwd });
  const { code, err } = await box.run(["queue", "add", "exp001"], { cwd });
  equal(code, 6, err);
  match(
    err,
    /Cannot submit eval of exp001 to queue: it waits for train, which is job 1 of local$/m,
  );
  match(err, /^hint: submit it with --to local, or when that job has ended$/m);
});

Deno.test("commands go into the queue without an experiment", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  await t.step("one", async () => {
    const words = ["--tags", "a,b", "--time", "5m", "--cpus", "2", "--mem", "1G", "--id", "one"];
    await box.ok(["queue", "add", ...words, "--", "bash", "-c", "echo $0 -- > out", "--gpus"], {
      cwd,
    });
    const [{ tags, time, cpus, mem }] = await json(box, cwd, "queue", "list", "--tag", "b");
    deepEqual([tags, time, cpus, mem], [["a", "b"], 300, 2, "1G"]);
    await workOff(cwd);
    equal(Deno.readTextFileSync(join(cwd, "out")), "--gpus --\n");
  });
  await t.step("a sweep, as dr_exp writes it", async () => {
    const line = "model=r18,r50 optim.lr=0.1,0.01";
    await box.ok(["queue", "sweep", line, "--id", "swept", "--", "echo"], { cwd });
    await workOff(cwd);
    const { runs } = await statusOf(box, cwd, "swept");
    deepEqual(
      runs.map((run: Json) => [run.params.model, run.params["optim.lr"] ?? run.params.optim?.lr]),
      [["r18", 0.1], ["r18", 0.01], ["r50", 0.1], ["r50", 0.01]],
    );
    match((await box.ok(["logs", "swept/0"], { cwd })).out, /--model r18 --optim.lr 0.1/);
  });
});

Deno.test("who waits for runs that no worker takes is told so", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  experiment(cwd, "exp001", TRACED);
  const child = box.spawn(["submit", "exp001", "--to", "queue", "--wait", "--poll", "1s"], { cwd });
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let told = "";
  while (!told.includes("no worker takes")) {
    const { value, done } = await reader.read();
    ok(!done, told);
    told += value;
  }
  match(told, /warning: no worker takes from the queue: 4 runs wait for one; start some with/);
  await workOff(cwd);
  for (let end = false; !end;) ({ done: end } = await reader.read());
  const { code } = await child.status;
  await child.stdout.cancel();
  equal(code, 0);
});

Deno.test("mistakes get one clear line, and what was meant", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  experiment(cwd, "exp001", TRACED);
  await box.ok(["queue", "add", "exp001"], { cwd });
  const cases: [string[], number, RegExp][] = [
    [["show", "exp01"], 4, /^error: Cannot find exp01 in the queue\nhint: did you mean "exp001"\?/],
    [["hold", "exp001/9"], 4, /^error: Cannot find exp001\/9 in the queue\nhint: did you mean/],
    [
      ["boost", "77", "--priority", "3"],
      4,
      /^error: Cannot find job 77 in the queue\nhint: known: 1/,
    ],
    [["kill", "1_9"], 4, /^error: Cannot find job 1_9 in the queue\nhint: did you mean "1_/],
    [["boost", "exp001", "--priority", "1001"], 2, /^error: Cannot use "1001" as a priority/],
    [["list", "--state", "quued"], 2, /"quued"\nhint: did you mean "queued"\?/],
    [["release", "exp001/0"], 5, /^error: Cannot release exp001\/0: it is not held, but queued/],
    [["show", "a/b/c"], 2, /^error: Cannot read "a\/b\/c" as ID or ID\/run/],
  ];
  for (const [args, code, expected] of cases) {
    await t.step(args.join(" "), async () => {
      const ended = await box.run(["queue", ...args], { cwd });
      equal(ended.code, code, ended.err);
      match(ended.err, expected);
      equal(ended.err.trimEnd().split("\n").length, 2);
    });
  }
});

Deno.test("10,000 runs in the queue are listed in half a second", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  const text = "command: 'true'\nargs: none\nsweep: { grid: { x: '0:9999:1' } }\n";
  writeExperiment(cwd, "exp001", text);
  await box.ok(["queue", "add", "exp001", "-y"], { cwd });
  await box.ok(["queue", "boost", "exp001/9000", "--priority", "900"], { cwd });
  const best = async (args: string[]): Promise<number> => {
    let best = Infinity;
    for (let n = 0; n < 5; n++) {
      const begin = performance.now();
      await box.ok(args, { cwd });
      best = Math.min(best, performance.now() - begin);
    }
    return Math.round(best);
  };
  const list = await json(box, cwd, "queue", "list", "--state", "queued");
  deepEqual([list.length, list[0].run, list[1].run], [10_000, 9000, 0]);
  // what a start takes on this machine now is not counted
  const start = await best(["--version"]);
  for (const args of [["queue", "list", "--json"], ["queue", "status"]]) {
    const took = await best(args);
    console.log(`${args.join(" ")}: ${took} ms, of which a start is ${start} ms`);
    ok(took - start < 500, `${args.join(" ")} takes ${took} ms`);
  }
});
