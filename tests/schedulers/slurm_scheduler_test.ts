import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { NoRoomError, SchedulerError, UncertainSubmissionError } from "../../lib/core/errors.ts";
import type { JobReport, TaskReport } from "../../lib/schedulers/scheduler.ts";
import { SlurmScheduler } from "../../lib/schedulers/slurm/slurm_scheduler.ts";
import type { Command, Reply, Runner } from "../../lib/system/runner.ts";
import { fixture } from "./slurm_fixtures.ts";

type Answers = Record<string, (argv: string[]) => Partial<Reply> | string>;

const NOW = 1_800_000_000;
const UNHEARD: Reply = { code: 0, stdout: "", stderr: "", timedOut: false };
const TIMED_OUT = {
  code: 1,
  stderr: "slurm_load_jobs error: Socket timed out on send/recv operation\n",
};
const REFUSED = {
  code: 1,
  stderr: "sacct: error: Problem talking to the database: Connection refused\n",
};

/** A scheduler on a runner that records and answers by program. Programs without one answer nothing. */
function bench(answers: Answers, env: Record<string, string> = {}) {
  const commands: Command[] = [];
  const pauses: number[] = [];
  const runner: Runner = {
    run: (command) => {
      commands.push(command);
      const answer = answers[command.argv[0]]?.(command.argv) ?? {};
      const reply = typeof answer === "string" ? { stdout: answer } : answer;
      return Promise.resolve({ ...UNHEARD, ...reply });
    },
    detach: () => {
      throw new Error("detached");
    },
  };
  const clock = {
    now: () => NOW * 1000,
    sleep: (ms: number) => Promise.resolve(void pauses.push(ms)),
  };
  const scheduler = new SlurmScheduler({ runner, clock, env, random: () => 0.5 });
  return { scheduler, commands, pauses, ran: () => commands.map(({ argv }) => argv[0]) };
}

function queued(job: string, state: string, tasks = "N/A", changes: Record<string, string> = {}) {
  const row = { exit: "0", restarts: "0", node: "n1", reason: "None", name: "a.name", ...changes };
  return `${job}|${tasks}|N/A|${state}|${row.exit}|${row.restarts}|100|110|120|${row.node}|` +
    `${row.reason}|${row.name}|\n`;
}

function accounted(job: string, state: string, changes: Record<string, string> = {}) {
  const row = { exit: "0:0", submit: "100", name: "a.name", ...changes };
  return `${job}|${state}|${row.exit}|${row.submit}|110|120|n1|None|${row.name}\n`;
}

function tasksOf(report: JobReport | undefined): TaskReport[] {
  ok(report?.known, JSON.stringify(report));
  return report.tasks;
}

function whyOf(report: JobReport | undefined): string {
  ok(report && !report.known, JSON.stringify(report));
  return report.why;
}

Deno.test("submit() passes everything as data and keeps our surroundings away", async () => {
  const env = {
    SLURM_JOB_ID: "1",
    SBATCH_PARTITION: "x",
    PMIX_RANK: "0",
    SQUEUE_USERS: "bob",
    SLURM_CONF: "/etc/s.conf",
    PATH: "/bin",
  };
  const { scheduler, commands } = bench({ sbatch: () => "Welcome!\n123;gpus\n" }, env);
  const id = await scheduler.submit({
    script: "/a b/$(x).sh",
    dependencies: [
      { type: "afterok", job: "7" },
      { type: "aftercorr", job: "8@gpus" },
      { type: "afterok", job: "9" },
    ],
  });
  equal(id, "123@gpus");
  deepEqual(commands, [{
    argv: [
      "sbatch",
      "--parsable",
      "--export=NONE",
      "--dependency=afterok:7:9,aftercorr:8",
      "--kill-on-invalid-dep=yes",
      "/a b/$(x).sh",
    ],
    timeoutMs: 180_000,
    killOn: /sleeping and retrying/,
    env: {
      SLURM_JOB_ID: undefined,
      SBATCH_PARTITION: undefined,
      PMIX_RANK: undefined,
      SQUEUE_USERS: undefined,
    },
  }]);
});

Deno.test("submit() tells a refusal from a doubt, and never repeats itself", async (t) => {
  const failed = (words: string) => `sbatch: error: Batch job submission failed: ${words}\n`;
  const table: [string, Partial<Reply>, "refused" | "doubt"][] = [
    ["a known word", { code: 1, stderr: failed("Invalid qos specification") }, "refused"],
    ["a wrong option", { code: 255, stderr: "sbatch: error: Invalid --time\n" }, "refused"],
    ["no sbatch", { code: 127, stderr: "sbatch: command not found" }, "refused"],
    ["rules of the site", {
      code: 1,
      stderr: `sbatch: error: say what it is for\n${failed("Unspecified error")}`,
    }, "refused"],
    ["a full queue", {
      code: 1,
      stderr: "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying.\n" +
        failed("Resource temporarily unavailable"),
    }, "refused"],
    ["our time-out", { code: 137, timedOut: true }, "doubt"],
    ["a full queue, and our time-out", {
      code: 137,
      timedOut: true,
      stderr: "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying.\n",
    }, "doubt"],
    [
      "Slurm's time-out",
      { code: 1, stderr: failed("Socket timed out on send/recv operation") },
      "doubt",
    ],
    ["no controller", {
      code: 1,
      stderr: failed("Unable to contact slurm controller (connect failure)"),
    }, "doubt"],
    ["a word unheard of", { code: 1, stderr: failed("Out of cheese") }, "doubt"],
    ["nothing", { code: 1 }, "doubt"],
    ["killed", { code: 137, stderr: failed("Invalid qos specification") }, "doubt"],
    ["accepted, then failed", {
      code: 1,
      stdout: "12\n",
      stderr: failed("Invalid qos specification"),
    }, "doubt"],
    ["no id", { code: 0, stdout: "Welcome\n" }, "doubt"],
    ["a wrapper broke", { code: 1, stderr: "Traceback (most recent call last):\n" }, "doubt"],
    ["without a word", { code: 1, stderr: failed("Unspecified error") }, "doubt"],
    [
      "an interrupted call",
      { code: 1, stderr: failed("Resource temporarily unavailable") },
      "doubt",
    ],
  ];
  for (const [title, reply, expected] of table) {
    await t.step(title, async () => {
      const { scheduler, ran } = bench({ sbatch: () => reply });
      await rejects(scheduler.submit({ script: "/x", dependencies: [] }), (error) => {
        ok(error instanceof SchedulerError && error.hint);
        ok(!error.message.includes("\n"));
        equal(error instanceof UncertainSubmissionError, expected === "doubt");
        return true;
      });
      deepEqual(ran(), ["sbatch"]);
    });
  }
});

Deno.test("states() asks one squeue for everything, and nobody else while all is live", async () => {
  const { scheduler, commands } = bench({
    squeue: () => queued("1", "RUNNING") + queued("2", "PENDING", "0-4%2") + queued("9", "RUNNING"),
  }, { SQUEUE_STATES: "RUNNING" });
  const reports = await scheduler.states(["1", "2"]);
  equal(commands.length, 1);
  deepEqual(commands[0]!.argv.slice(0, 5), [
    "squeue",
    "--noheader",
    "--all",
    "--states=all",
    "--me",
  ]);
  const env = { SQUEUE_STATES: undefined, SLURM_TIME_FORMAT: "%s", SLURM_BITSTR_LEN: "0" };
  deepEqual(commands[0]!.env, env);
  deepEqual([...reports.keys()], ["1", "2"]);
  deepEqual(tasksOf(reports.get("2")).map(({ task, state }) => [task, state]), [
    [0, "PENDING"],
    [1, "PENDING"],
    [2, "PENDING"],
    [3, "PENDING"],
    [4, "PENDING"],
  ]);
  deepEqual(tasksOf(reports.get("1")), [{
    job: "1",
    state: "RUNNING",
    raw: undefined,
    reason: undefined,
    exitCode: undefined,
    signal: undefined,
    nodes: "n1",
    submitted: 100,
    started: 110,
    ended: undefined,
    source: "squeue",
    restarts: 0,
  }]);
});

Deno.test("states() asks accounting only for what the queue has no more", async () => {
  const { scheduler, commands } = bench({
    squeue: () => queued("1", "RUNNING"),
    sacct: () =>
      accounted("2", "REQUEUED") + accounted("2", "FAILED", { submit: "105", exit: "3:0" }) +
      accounted("3_0", "COMPLETED") + accounted("3_1", "CANCELLED by 2001"),
  });
  const reports = await scheduler.states(["1", "2", "3", "2"]);
  deepEqual(commands.map(({ argv }) => argv[0]), ["squeue", "sacct"]);
  ok(commands[1]!.argv.includes("--jobs=2,3"));
  const [two] = tasksOf(reports.get("2"));
  deepEqual([two!.state, two!.exitCode, two!.restarts], ["FAILED", 3, 1]);
  deepEqual(tasksOf(reports.get("3")).map(({ task, state, reason }) => [task, state, reason]), [
    [0, "COMPLETED", undefined],
    [1, "CANCELLED", "cancelled by user 2001"],
  ]);
});

Deno.test("states() never takes a failure or silence for an answer", async (t) => {
  const table: [string, Answers, RegExp][] = [
    ["no sacct", { sacct: () => ({ code: 127, stderr: "sacct: command not found" }) }, /not found/],
    ["slurmdbd down", { sacct: () => REFUSED }, /Connection refused/],
    ["accounting off", {
      sacct: () => ({ code: 1, stderr: "Slurm accounting storage is disabled\n" }),
    }, /disabled/],
    ["accounting empty", {}, /neither/],
    ["accounting behind", { sacct: () => accounted("5", "RUNNING") }, /still says RUNNING/],
    ["accounting half-written", {
      sacct: () => accounted("5", "FAILED", { name: "allocation" }),
    }, /neither/],
    ["half a row", { sacct: () => "5|COMPLETED|0:0\n" }, /not whole/],
    ["the number of several jobs", {
      sacct: () => accounted("5", "COMPLETED") + accounted("5", "FAILED", { name: "other" }),
    }, /several jobs/],
    ["squeue killed", { squeue: () => ({ code: 137, timedOut: true }) }, /no answer in 60 s/],
    ["squeue refuses a field", {
      squeue: () => ({ stdout: "|\n|\n", stderr: "squeue: error: Invalid job format\n" }),
    }, /Invalid job format/],
    ["no squeue, and accounting says running", {
      squeue: () => ({ code: 1, stderr: "squeue: error: no controller\n" }),
      sacct: () => accounted("5", "RUNNING"),
    }, /no controller/],
  ];
  for (const [title, answers, why] of table) {
    await t.step(title, async () => {
      match(whyOf((await bench(answers).scheduler.states(["5"])).get("5")), why);
    });
  }
  const { scheduler } = bench({});
  match(whyOf((await scheduler.states(["5;x"])).get("5;x")), /no id of Slurm's/);
});

Deno.test("states() believes accounting about what is over while the controller is away", async () => {
  const down = () => ({ code: 1, stderr: "squeue: error: Unable to contact slurm controller\n" });
  const { scheduler } = bench({
    squeue: down,
    sacct: () => accounted("5_0", "TIMEOUT") + accounted("5_1", "RUNNING"),
  });
  const tasks = tasksOf((await scheduler.states(["5"])).get("5"));
  deepEqual(tasks.map(({ state }) => state), ["TIMEOUT", "UNKNOWN"]);
  match(tasks[1]!.reason!, /Unable to contact/);
});

Deno.test("states() asks again after a pause when the network failed, and not for ever", async () => {
  let calls = 0;
  const flaky = bench({ squeue: () => ++calls < 3 ? TIMED_OUT : queued("1", "RUNNING") });
  equal(tasksOf((await flaky.scheduler.states(["1"])).get("1"))[0]!.state, "RUNNING");
  deepEqual(flaky.pauses, [500, 1000]);
  const dead = bench({ squeue: () => TIMED_OUT, sacct: () => REFUSED });
  match(whyOf((await dead.scheduler.states(["1"])).get("1")), /Socket timed out/);
  deepEqual(dead.ran(), ["squeue", "squeue", "squeue", "sacct"]);
});

Deno.test("states() finds jobs of other people by number", async () => {
  const { scheduler, ran } = bench({
    squeue: (argv) => argv.includes("--jobs=5") ? queued("5", "RUNNING") : "",
    sacct: () => accounted("5", "RUNNING"),
  });
  equal(tasksOf((await scheduler.states(["5"])).get("5"))[0]!.state, "RUNNING");
  deepEqual(ran(), ["squeue", "sacct", "squeue"]);
});

Deno.test("states() leaves aside records of an earlier job with the same number", async () => {
  const { scheduler } = bench({
    squeue: () => queued("5", "CANCELLED"),
    sacct: () => accounted("5", "COMPLETED", { name: "older" }) + accounted("5", "CANCELLED by 7"),
  });
  const [task] = tasksOf((await scheduler.states(["5"])).get("5"));
  deepEqual([task!.state, task!.reason], ["CANCELLED", "cancelled by user 7"]);
});

Deno.test("states() answers for each wanted task of an array", async (t) => {
  const wanted = new Map([["5", [0, 1, 2, 3]]]);
  const squeue = () => queued("5", "RUNNING", "1") + queued("5", "PENDING", "2");
  const states = async (answers: Answers) => {
    const one = bench({ squeue, ...answers });
    const tasks = tasksOf((await one.scheduler.states(["5"], wanted)).get("5"));
    return { said: tasks.map(({ state }) => state), ran: one.ran(), tasks };
  };
  const sacct = () => accounted("5_0", "OUT_OF_MEMORY") + accounted("5_1", "RUNNING");
  await t.step("a task that was purged, and one that was cancelled before it started", async () => {
    const { said, ran } = await states({ sacct, sdiag: () => "DBD Agent queue size: 0\n" });
    deepEqual(said, ["OUT_OF_MEMORY", "RUNNING", "PENDING", "CANCELLED"]);
    deepEqual(ran, ["squeue", "sacct", "sdiag"]);
  });
  await t.step("nothing is concluded while the database is behind", async () => {
    const { said } = await states({ sacct, sdiag: () => "DBD Agent queue size: 3\n" });
    equal(said[3], "UNKNOWN");
  });
  await t.step("nor without accounting", async () => {
    const { said, tasks } = await states({ sacct: () => REFUSED });
    deepEqual(said, ["UNKNOWN", "RUNNING", "PENDING", "UNKNOWN"]);
    match(tasks[0]!.reason!, /Connection refused/);
  });
  await t.step("a queue that has them all is enough", async () => {
    const { ran } = await states({ squeue: () => queued("5", "PENDING", "0-3") });
    deepEqual(ran, ["squeue"]);
  });
});

Deno.test("states() passes on denials only when every source answered and none has the job", async (t) => {
  const gone = () => fixture("22.05.8", "squeue-forgotten").reply;
  const squeue = (argv: string[]) => argv.includes("--jobs=5") ? gone() : "";
  const sdiag = () => "DBD Agent queue size: 0\n";
  const off = () => fixture("22.05.8", "sacct-no-accounting").reply;
  const denials = async (answers: Answers) => {
    const report = (await bench({ squeue, ...answers }).scheduler.states(["5"])).get("5");
    ok(report && !report.known, JSON.stringify(report));
    return report.denials?.map(({ source, words, epoch }) => [source, words, epoch]);
  };
  await t.step("with accounting", async () => {
    deepEqual(await denials({ sdiag }), [
      ["squeue", "slurm_load_jobs error: Invalid job id specified", NOW],
      ["sacct", "exit code 0, without a row for it", NOW],
    ]);
  });
  await t.step("where there is no accounting", async () => {
    deepEqual((await denials({ sacct: off }))?.[1], [
      "sacct",
      "Slurm accounting storage is disabled",
      NOW,
    ]);
  });
  const table: [string, Answers][] = [
    ["accounting is behind", { sdiag: () => "DBD Agent queue size: 2\n" }],
    ["nobody says whether accounting is behind", {}],
    ["slurmdbd is down", { sacct: () => REFUSED, sdiag }],
    ["sacct is not there", { sacct: () => ({ code: 127, stderr: "sacct: command not found" }) }],
    ["the second squeue fails", {
      squeue: (argv) => argv.includes("--jobs=5") ? TIMED_OUT : "",
      sdiag,
    }],
    ["accounting has half a record", {
      sacct: () => accounted("5", "FAILED", { name: "allocation" }),
      sdiag,
    }],
    ["accounting says that it runs", { sacct: () => accounted("5", "RUNNING"), sdiag }],
  ];
  for (const [title, answers] of table) {
    await t.step(`not when ${title}`, async () => equal(await denials(answers), undefined));
  }
  await t.step("tasks that left the queue, without accounting", async () => {
    const { scheduler } = bench({ squeue: () => queued("5", "RUNNING", "1"), sacct: off });
    const tasks = tasksOf((await scheduler.states(["5"], new Map([["5", [0, 1]]]))).get("5"));
    deepEqual(tasks.map(({ state, denials }) => [state, denials?.map(({ words }) => words)]), [
      ["UNKNOWN", [
        "exit code 0, without some of its tasks",
        "Slurm accounting storage is disabled",
      ]],
      ["RUNNING", undefined],
    ]);
  });
});

Deno.test("jobs of other clusters are asked for there", async () => {
  const { scheduler, commands } = bench({
    squeue: (argv) =>
      argv.includes("--clusters=far") ? queued("5", "RUNNING") : queued("5", "PENDING"),
  });
  const reports = await scheduler.states(["5@far", "5"]);
  equal(tasksOf(reports.get("5@far"))[0]!.state, "RUNNING");
  equal(tasksOf(reports.get("5"))[0]!.state, "PENDING");
  await scheduler.cancel([{ job: "5@far" }, { job: "6" }]);
  deepEqual(commands.slice(2).map(({ argv }) => argv), [
    ["scancel", "--clusters=far", "5"],
    ["scancel", "6"],
  ]);
});

Deno.test("cancel() names exactly its targets, in few calls", async () => {
  const { scheduler, commands } = bench({});
  const singles = Array.from({ length: 501 }, (_, at) => ({ job: String(1000 + at) }));
  await scheduler.cancel([{ job: "7", task: 3 }, { job: "7", task: 4 }, { job: "7", task: 9 }]);
  await scheduler.cancel([{ job: "8", task: 1 }, { job: "8" }, { job: "8", task: 2 }]);
  await scheduler.cancel(singles);
  deepEqual(commands.slice(0, 2).map(({ argv }) => argv), [["scancel", "7_[3-4,9]"], [
    "scancel",
    "8",
  ]]);
  deepEqual(commands.slice(2).map(({ argv }) => argv.length), [501, 2]);
  await scheduler.cancel([]);
  equal(commands.length, 4);
  await rejects(scheduler.cancel([{ job: "-u" }]), SchedulerError);
});

Deno.test("cancel() leaves alone what is over, and says when it could not", async () => {
  const gone = "scancel: error: Kill job error on job id 5: Invalid job id specified\n" +
    "scancel: error: Kill job error on job id 6: Job/step already completing or completed\n";
  await bench({ scancel: () => ({ code: 1, stderr: gone }) }).scheduler.cancel([{ job: "5" }]);
  const denied = "scancel: error: Kill job error on job id 7: Access/permission denied\n";
  await rejects(
    bench({ scancel: () => ({ code: 1, stderr: gone + denied }) }).scheduler.cancel([{ job: "5" }]),
    /Access\/permission denied/,
  );
});

Deno.test("requeue() is not repeated", async () => {
  const { scheduler, commands } = bench({ scontrol: () => TIMED_OUT });
  await rejects(scheduler.requeue({ job: "5", task: 3 }), SchedulerError);
  deepEqual(commands.map(({ argv }) => argv), [["scontrol", "requeue", "5_3"]]);
});

Deno.test("findByName() says none only when that is proven", async (t) => {
  const down = { code: 1, stderr: "squeue: error: Unable to contact slurm controller\n" };
  const config = () => "MaxArraySize = 1001\nMinJobAge = 300 sec\n";
  const other = queued("7", "RUNNING", "N/A", { name: "a.name2" });
  const refused = queued("8", "FAILED", "N/A", { node: "", reason: "BadConstraints", exit: "1" });
  const table: [string, Answers, number | undefined, string[] | "throws"][] = [
    ["nobody has it", {}, undefined, []],
    [
      "both have it",
      {
        squeue: () => queued("5", "PENDING", "0-9") + other,
        sacct: () => accounted("5_0", "RUNNING") + accounted("4", "FAILED"),
      },
      undefined,
      ["5", "4"],
    ],
    [
      "only the queue answers, and has it",
      { squeue: () => queued("5", "PENDING"), sacct: () => REFUSED },
      undefined,
      ["5"],
    ],
    [
      "only accounting answers, and has it",
      { squeue: () => down, sacct: () => accounted("5", "FAILED") },
      undefined,
      ["5"],
    ],
    ["only accounting answers, and has not", { squeue: () => down }, NOW - 5, "throws"],
    [
      "only the queue answers, too late",
      { sacct: () => REFUSED, scontrol: config },
      NOW - 295,
      "throws",
    ],
    ["only the queue answers, in time", { sacct: () => REFUSED, scontrol: config }, NOW - 100, []],
    [
      "only the queue answers, nobody knows since when",
      { sacct: () => REFUSED, scontrol: config },
      undefined,
      "throws",
    ],
    [
      "only the queue answers, for how long is not known",
      { sacct: () => REFUSED },
      NOW - 5,
      "throws",
    ],
    ["nobody answers", { squeue: () => down, sacct: () => REFUSED }, NOW - 5, "throws"],
    ["half a row", { squeue: () => "5|N/A|N/A\n" }, NOW - 5, "throws"],
    ["what was refused is no job", { squeue: () => refused }, undefined, []],
  ];
  for (const [title, answers, since, expected] of table) {
    await t.step(title, async () => {
      const found = bench(answers).scheduler.findByName("a.name", since);
      if (expected === "throws") await rejects(found, UncertainSubmissionError);
      else deepEqual(await found, expected);
    });
  }
  await t.step("the window reaches back before the submission", async () => {
    const { scheduler, commands } = bench({});
    await scheduler.findByName("a,b", NOW - 50);
    const [squeue, sacct] = commands.map(({ argv }) => argv);
    ok(!squeue!.some((word) => word.startsWith("--name")), "a comma would make two names");
    ok(sacct!.includes("--starttime=now-650seconds") && sacct!.includes("--endtime=now"));
  });
});

Deno.test("limits() asks once, and again after a failure", async () => {
  let calls = 0;
  const text = "MaxArraySize            = 10001\nMinJobAge = 300 sec\n" +
    "SchedulerParameters     = bf_continue,max_array_tasks=5000\n";
  const { scheduler } = bench({ scontrol: () => ++calls === 1 ? { code: 1 } : text });
  await rejects(scheduler.limits(), SchedulerError);
  deepEqual(await scheduler.limits(), { maxArrayTasks: 5000, submit: [] });
  await scheduler.limits();
  equal(calls, 2);
});

Deno.test("who submits is asked again after a failure", async () => {
  let calls = 0;
  const config = "MaxArraySize = 101\nMinJobAge = 300 sec\nClusterName = c\n" +
    "AccountingStorageEnforce = associations,limits\n";
  const { scheduler } = bench({
    scontrol: (argv) => argv.includes("config") ? config : "",
    sacctmgr: () => REFUSED,
    squeue: () => "",
    id: () => ++calls === 1 ? { code: 1 } : "alice\n",
  });
  await rejects(scheduler.countQueued([{ own: true }]), SchedulerError);
  deepEqual(await scheduler.countQueued([{ own: true }]), [0]);
  match((await scheduler.limits()).unknown!, /Connection refused/);
  equal(calls, 2);
});

Deno.test("submit() of a part of an array says name and tasks", async () => {
  const { scheduler, commands } = bench({ sbatch: () => "5\n" });
  await scheduler.submit({ script: "/x", dependencies: [], name: "e.1", array: "3,5-7%2" });
  deepEqual(commands[0]!.argv.slice(3), ["--job-name=e.1", "--array=3,5-7%2", "/x"]);
});

Deno.test("limits() without accounting are unknown, and nothing is refused for that", async () => {
  const config = "MaxArraySize = 101\nMinJobAge = 300 sec\nClusterName = c\n" +
    "AccountingStorageEnforce = associations,limits\n";
  const { scheduler } = bench({
    scontrol: (argv) => argv.includes("config") ? config : "",
    sacctmgr: () => REFUSED,
    id: () => "alice\n",
  });
  const { maxArrayTasks, submit, unknown } = await scheduler.limits({ qos: "x" });
  deepEqual([maxArrayTasks, submit], [100, []]);
  match(unknown!, /Connection refused/);
});

Deno.test("countQueued() counts by user, account, QOS and partition, with one squeue", async () => {
  const rows = [
    "alice|astro|limited|cpu|",
    "alice|hep|normal|gpu,short|",
    "bob|astro|limited|cpu|",
  ];
  const { scheduler, ran, commands } = bench({
    squeue: () => rows.map((row, at) => `${at}|${row}\n`).join(""),
    id: () => "alice\n",
  });
  const counts = await scheduler.countQueued([
    { own: true },
    { own: true, qos: { name: "limited", partitions: [] } },
    { qos: { name: "imposed", partitions: ["short"] } },
    { accounts: ["astro", "physics"] },
    {},
  ]);
  deepEqual(counts, [2, 1, 1, 2, 3]);
  deepEqual(ran().filter((program) => program === "squeue"), ["squeue"]);
  ok(!commands.find(({ argv }) => argv[0] === "squeue")!.argv.includes("--me"));
  await rejects(bench({ squeue: () => TIMED_OUT }).scheduler.countQueued([{}]), SchedulerError);
});

Deno.test("submit() tells a full queue from a refusal", async (t) => {
  const failed = "sbatch: error: Batch job submission failed: ";
  const full = "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying\n";
  const policy = `${failed}Job violates accounting/QOS policy (job submit limit)\n`;
  const table: [string, Partial<Reply>, Partial<NoRoomError>][] = [
    ["a QOS limit", {
      code: 1,
      stderr: `sbatch: error: QOSMaxSubmitJobPerUserLimit\n${policy}`,
    }, { limit: "QOSMaxSubmitJobPerUserLimit", sure: true, shared: false }],
    ["an account's", { code: 1, stderr: `sbatch: error: AssocGrpSubmitJobsLimit\n${policy}` }, {
      limit: "AssocGrpSubmitJobsLimit",
      sure: true,
      shared: false,
    }],
    ["ended between two tries", { code: 137, stderr: full }, {
      limit: "MaxJobCount",
      sure: false,
      shared: true,
    }],
    ["tried to the end", {
      code: 1,
      stderr: `${full}${failed}Resource temporarily unavailable\n`,
    }, { limit: "MaxJobCount", sure: true, shared: true }],
  ];
  for (const [name, reply, expected] of table) {
    await t.step(name, async () => {
      const { scheduler } = bench({ sbatch: () => reply });
      const submitted = scheduler.submit({ script: "/x", dependencies: [] });
      await rejects(submitted, (error) => {
        ok(error instanceof NoRoomError);
        const { limit, sure, shared } = error;
        deepEqual({ limit, sure, shared }, expected);
        return true;
      });
    });
  }
  await t.step("not so when the answer was lost at last, or by a time-out", async () => {
    const lost = { code: 1, stderr: `${full}${failed}Socket timed out on send/recv operation\n` };
    for (const reply of [lost, { code: 137, stderr: full, timedOut: true }]) {
      const submitted = bench({ sbatch: () => reply }).scheduler.submit({
        script: "/x",
        dependencies: [],
      });
      await rejects(submitted, UncertainSubmissionError);
    }
  });
});

Deno.test("testStart() submits nothing and reads local times too", async () => {
  const line =
    "sbatch: Job 5 to start at 2026-11-21T22:46:38 using a 1 processors on nodes cpu01\n";
  const { scheduler, commands } = bench({ sbatch: () => ({ stderr: line }) });
  deepEqual(await scheduler.testStart({ script: "/x", dependencies: [] }), {
    kind: "start",
    epoch: Date.parse("2026-11-21T22:46:38") / 1000,
    nodes: "cpu01",
    source: "sbatch --test-only",
  });
  deepEqual(commands[0]!.argv, ["sbatch", "--test-only", "--export=NONE", "/x"]);
});

Deno.test("topology() counts GPUs of all types", async () => {
  const { scheduler } = bench({
    sinfo: () =>
      "g1|64|gpu:a100:4(S:0-1),gpu:v100:2,shard:8\nc1|32|(null)\nc1|32|(null)\nx|8|gpu:1\n",
  });
  deepEqual(await scheduler.topology(), {
    nodes: [
      { name: "g1", cpus: 64, gpus: 6 },
      { name: "c1", cpus: 32, gpus: 0 },
      { name: "x", cpus: 8, gpus: 1 },
    ],
  });
});
