/**
 * Records what the commands of lib/schedulers/slurm really print in a running lab:
 *
 *     deno run -A tests/slurm/capture.ts [--only PART] [SUITE]
 *
 * writes tests/fixtures/slurm/VERSION/NAME.txt, each with the version, the command, the date and the
 * exit code. It stops and starts daemons of the lab, and takes about four minutes; `--only
 * environment` and `--only limits` take seconds and stop nothing.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  accountsCommand,
  partitionsCommand,
  qosCommand,
  userAssociationsCommand,
} from "../../lib/schedulers/slurm/accounting.ts";
import {
  configCommand,
  nodesCommand,
  statisticsCommand,
} from "../../lib/schedulers/slurm/cluster.ts";
import { accountingQuestions } from "../../lib/cluster/probes/accounting.ts";
import { accountsQuestion } from "../../lib/cluster/probes/accounts.ts";
import { configQuestion, pingQuestion } from "../../lib/cluster/probes/config.ts";
import { nodesQuestion } from "../../lib/cluster/probes/nodes.ts";
import { nodeUseQuestion } from "../../lib/cluster/probes/node_use.ts";
import { qosLimitsQuestion } from "../../lib/cluster/probes/limits.ts";
import { standingQuestion } from "../../lib/cluster/probes/standing.ts";
import { partitionsQuestion } from "../../lib/cluster/probes/partitions.ts";
import { scrubbed } from "../../lib/core/slurm_variables.ts";
import { sacctCommand } from "../../lib/schedulers/slurm/sacct.ts";
import { sbatchCommand } from "../../lib/schedulers/slurm/sbatch.ts";
import { queuedCommand } from "../../lib/schedulers/slurm/queue_count.ts";
import { testStartCommand } from "../../lib/schedulers/slurm/test_start.ts";
import { squeueCommand } from "../../lib/schedulers/slurm/squeue.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import type { Command, Reply } from "../../lib/system/runner.ts";
import { labRunner, runningLabs } from "./bench.ts";
import { withoutAccounting } from "./lab.ts";

const { values: options, positionals: [suite] } = parseArgs({
  options: { only: { type: "string" } },
  allowPositionals: true,
});
const CLUSTER = fileURLToPath(new URL("cluster.sh", import.meta.url));
const FIXTURES = fileURLToPath(new URL("../fixtures/slurm/", import.meta.url));
const lab = (await runningLabs()).find(({ root }) => (root === "/") === (suite === undefined));
if (!lab) throw new Error("no lab answers: tests/slurm/cluster.sh up");
const { root, version } = lab;
const folder = `${FIXTURES}${version}`;
const scratch = `${root === "/" ? "" : root}/scratch/alice`;
Deno.mkdirSync(folder, { recursive: true });

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

function cluster(...args: string[]): Promise<Reply> {
  const choice = suite === undefined ? [] : ["--suite", suite];
  return denoRunner.run({ argv: [CLUSTER, ...choice, ...args], timeoutMs: 120_000 });
}

/** Chooses the cluster that alice's commands go to. */
let surroundings: Record<string, string> = {};

function alice(
  argv: Command["argv"],
  env: Record<string, string> = {},
  stdin?: string,
): Promise<Reply> {
  const { run } = labRunner(root);
  const changes = { ...scrubbed(Deno.env.toObject()), ...env, ...surroundings };
  return run({ argv, env: changes, cwd: "/", timeoutMs: 200_000, stdin });
}

async function record(name: string, argv: Command["argv"], stdin?: string): Promise<Reply> {
  const reply = await alice(argv, { SLURM_TIME_FORMAT: "%s", SLURM_BITSTR_LEN: "0" }, stdin);
  const head = [
    `# Slurm ${version}`,
    `# date: ${new Date().toISOString()}`,
    `# argv: ${JSON.stringify(argv)}`,
    `# exit: ${reply.code}`,
  ];
  const text = `${head.join("\n")}\n--- stdout\n${reply.stdout}--- stderr\n${reply.stderr}`;
  Deno.writeTextFileSync(`${folder}/${name}.txt`, text);
  return reply;
}

function write(name: string, body: string): string {
  Deno.writeTextFileSync(`${scratch}/${name}`, body);
  return `/scratch/alice/${name}`;
}

const quick = write("capture-quick.sh", "#!/bin/bash\nexit ${SLURM_ARRAY_TASK_ID:-0}\n");
const slow = write("capture-slow.sh", "#!/bin/bash\nsleep 600\n");
const plain = write("capture-plain.sh", "true\n");
const COMMON = ["--output=/dev/null", "--time=5", "--mem=50"];

async function submit(...options: string[]): Promise<string> {
  const reply = await alice(["sbatch", "--parsable", "--export=NONE", ...COMMON, ...options]);
  if (reply.code !== 0) throw new Error(`${options.join(" ")}: ${reply.stderr}`);
  return reply.stdout.trim();
}

function recordSubmission(name: string, ...options: string[]): Promise<Reply> {
  const [program, ...rest] = sbatchCommand(
    { script: options.pop()!, dependencies: [] },
    { exported: "NONE", testOnly: name.startsWith("test-") },
  );
  return record(name, [program, ...rest.slice(0, -1), ...COMMON, ...options, rest.at(-1)!]);
}

async function recordJobs(name: string, jobs: string[]): Promise<void> {
  await record(`squeue-${name}`, squeueCommand({ jobs }));
  await record(`sacct-${name}`, sacctCommand({ jobs }));
}

async function refusals(): Promise<void> {
  const table: Record<string, string[]> = {
    "partition": ["--partition=nosuch", quick],
    "account": ["--account=nosuch", quick],
    "account-partition": ["--partition=vip", "--account=astro", quick],
    "qos": ["--qos=nosuch", quick],
    "time": ["--partition=short", "--time=100", quick],
    "array-too-large": ["--array=0-1001", quick],
    "array-backwards": ["--array=5-1", quick],
    "nodes": ["--nodes=1000", quick],
    "cpus": ["--cpus-per-task=500", quick],
    "memory": ["--mem=9999G", quick],
    "gpus": ["--gpus=10000", quick],
    "gres": ["--gres=nosuch:1", quick],
    "feature": ["--constraint=nosuch", quick],
    "nodelist": ["--nodelist=nosuch", quick],
    "reservation": ["--reservation=nosuch", quick],
    "license": ["--licenses=nosuch:1", quick],
    "dependency": ["--dependency=afterok:99999999", quick],
    "dependency-words": ["--dependency=afterok:abc", quick],
    "option": ["--nosuch", quick],
    "time-words": ["--time=soon", quick],
    "no-file": ["/scratch/alice/absent.sh"],
    "no-shebang": [plain],
    "qos-submit-limit": ["--qos=limited", "--array=0-5", quick],
    "account-submit-limit": ["--account=capped", "--array=0-6", quick],
  };
  for (const [name, options] of Object.entries(table)) {
    await recordSubmission(`sbatch-${name}`, ...options);
  }
  await recordSubmission("sbatch-accepted", "--hold", quick);
  await recordSubmission("sbatch-accepted-cluster", "--hold", "--clusters=testcluster", quick);
  await recordSubmission("test-start", quick);
  await recordSubmission("test-nodes", "--nodes=1000", quick);
  await recordSubmission("test-partition", "--partition=nosuch", quick);
  await recordSubmission("test-time-words", "--time=soon", quick);
  await record("squeue-unknown", squeueCommand({ jobs: ["99999999"] }));
  await record("squeue-unknown-two", squeueCommand({ jobs: ["99999999", "99999998"] }));
  await record("squeue-bad-field", ["squeue", "--noheader", "--me", "--Format=nosuch:|"]);
  await record("squeue-cluster", squeueCommand({ cluster: "testcluster" }));
  await record("sacct-unknown", sacctCommand({ jobs: ["99999999"] }));
  await record("scancel-unknown", ["scancel", "99999999"]);
  await record("scancel-words", ["scancel", "nosuch"]);
  await record("requeue-unknown", ["scontrol", "requeue", "99999999"]);
  await record("config", configCommand);
  await record("nodes", nodesCommand);
  await record("statistics", statisticsCommand());
  await alice(["scancel", "--me"]);
}

async function lives(): Promise<void> {
  const deadline = await submit("--hold", "--time=1", "--deadline=now+65seconds", slow);
  const running = await submit("--job-name=odd|na,me x", slow);
  const sparse = await submit("--hold", "--array=0-998:2,7%3", quick);
  const array = await submit("--array=0-3", quick);
  const partly = await submit("--array=0-9%2", slow);
  const bad = await submit(quick.replace("quick", "bad"));
  const waits = await submit(`--dependency=afterany:${running}`, quick);
  const never = await submit(`--dependency=afterok:${bad}`, "--kill-on-invalid-dep=yes", quick);
  const held = await submit("--hold", slow);
  const requeued = await submit("--requeue", slow);
  const limited = await submit(slow);
  const memory = await submit(
    "--mem=30",
    write("capture-oom.sh", "#!/bin/bash\nhead -c 300M /dev/zero | tail\n"),
  );
  const killed = await submit(write("capture-kill.sh", "#!/bin/bash\nkill -KILL $$\n"));
  const byRoot = await submit(slow);
  const preempted = await submit(
    "--partition=preempt",
    "--no-requeue",
    "--nodelist=cpu04",
    "--exclusive",
    slow,
  );
  const moved = await submit(
    "--partition=preempt",
    "--requeue",
    "--nodelist=cpu03",
    "--exclusive",
    slow,
  );
  const launch = await submit("--chdir=/nosuch", "--output=/nosuch/x", quick);
  await sleep(3);
  await record("requeue-pending", ["scontrol", "requeue", held]);
  await alice(["scontrol", "requeue", requeued]);
  await alice(["scontrol", "update", `jobid=${limited}`, "EndTime=now+2"]);
  await alice(["scancel", held]);
  await labRunner(root, "root").run({ argv: ["scancel", byRoot] });
  await alice(["scancel", `${partly}_[5-7]`]);
  const above = await submit(
    "--partition=short",
    "--nodelist=cpu[03-04]",
    "--nodes=2",
    "--exclusive",
    slow,
  );
  await recordJobs("just-now", [running, sparse, array, partly, waits, requeued]);
  await sleep(8);
  await recordJobs("live", [running, sparse, array, partly, waits, requeued, moved, deadline]);
  await recordSubmission("sbatch-several-lines", "--nodes=3-1", quick);
  await sleep(25);
  const ended = [array, bad, never, held, limited, memory, killed, byRoot, preempted, launch];
  await recordJobs("ended", ended);
  await alice(["scancel", above]);
  await sleep(70);
  await recordJobs("later", [...ended, deadline, moved, requeued]);
  await alice(["scancel", "--me"]);
  await sleep(6);
  await recordJobs("cancelled", [running, sparse, partly, waits, requeued]);
}

async function faults(): Promise<void> {
  const lost = await submit("--nodelist=cpu02", "--no-requeue", slow);
  const again = await submit("--nodelist=cpu02", "--requeue", slow);
  await sleep(2);
  await cluster("crash", "cpu02");
  await sleep(40);
  await recordJobs("crashed", [lost, again]);
  await cluster("start", "cpu02");
  await cluster("stop", "slurmdbd");
  await record("sacct-refused", sacctCommand({ jobs: [lost] }));
  await record("statistics-behind", statisticsCommand());
  await cluster("start", "slurmdbd");
  await cluster("stop", "slurmctld");
  await Promise.all([
    recordSubmission("sbatch-refused-connection", quick),
    recordSubmission("test-refused-connection", quick),
    record("squeue-refused-connection", squeueCommand({})),
    record("scancel-refused-connection", ["scancel", lost]),
    record("config-refused-connection", configCommand),
  ]);
  await cluster("start", "slurmctld");
  const pid = /slurmctld +running +pid (\d+)/.exec((await cluster("status")).stdout)?.[1];
  Deno.kill(Number(pid), "SIGSTOP");
  await Promise.all([
    recordSubmission("sbatch-hung", "--hold", quick),
    record("squeue-hung", squeueCommand({})),
    record("scancel-hung", ["scancel", lost]),
  ]);
  Deno.kill(Number(pid), "SIGCONT");
  await alice(["scancel", "--me"]);
  await cluster("up");
}

/** Rules on submission of every kind, made for the moment. */
async function limits(): Promise<void> {
  const { run } = labRunner(root, "root");
  const change = (...words: string[]) =>
    run({ argv: ["sacctmgr", "--immediate", "--quiet", ...words] });
  await change("add", "qos", "capture");
  try {
    const all = ["MaxSubmitJobsPerUser=7", "MaxSubmitJobsPerAccount=8", "GrpSubmitJobs=9"];
    await change("modify", "qos", "where", "name=capture", "set", ...all, "Flags=OverPartQOS");
    await change("modify", "account", "where", "name=biology", "set", "MaxSubmitJobs=11");
    await record("associations", userAssociationsCommand("alice", "testcluster"));
    await record("associations-inherited", userAssociationsCommand("bob", "testcluster"));
    await record("accounts", accountsCommand("testcluster"));
    await record("qos", qosCommand);
    await record("partitions", partitionsCommand);
    await submit("--hold", "--array=1-2,5", quick);
    await record("queued", queuedCommand([{ own: true }]));
    await alice(["scancel", "--me", "--state=PENDING", "--name=capture-quick.sh"]);
  } finally {
    await change("modify", "account", "where", "name=biology", "set", "MaxSubmitJobs=-1");
    await change("delete", "qos", "where", "name=capture");
  }
}

/** What lib/cluster asks, for users who differ in what they may do. */
async function environment(): Promise<void> {
  await record("env-config", configQuestion.argv);
  await record("env-ping", pingQuestion.argv);
  await record("env-partitions", partitionsQuestion.argv);
  await record("env-nodes", nodesQuestion.argv);
  for (const user of ["alice", "bob", "mallory"]) {
    await record(`env-accounts-${user}`, accountsQuestion(user).argv);
    const { argv, stdin } = accountingQuestions(user).qos;
    await record(`env-accounting-${user}`, argv, stdin);
  }
}

/** What is said where there is no accounting, and where the controller has lost its memory. */
async function absent(): Promise<void> {
  await cluster("--no-accounting", "up");
  surroundings = withoutAccounting;
  try {
    const known = await submit(slow);
    await record("sacct-no-accounting", sacctCommand({ jobs: [known] }));
    await cluster("--no-accounting", "forget");
    await record("squeue-forgotten", squeueCommand({ jobs: [known] }));
    await record("job-forgotten", ["scontrol", "show", "job", known]);
  } finally {
    surroundings = {};
    await cluster("--no-accounting", "down");
  }
}

const STARTS = {
  "now": ["#SBATCH --partition=cpu", "#SBATCH --time=5", "#SBATCH --mem=50M"],
  "gpus": ["#SBATCH --partition=gpu", "#SBATCH --time=5", "#SBATCH --gres=gpu:h100:2"],
  "refused-gpus": ["#SBATCH --partition=a100", "#SBATCH --time=5", "#SBATCH --gres=gpu:a100:9"],
  "refused-account": ["#SBATCH --partition=vip", "#SBATCH --time=5", "#SBATCH --account=astro"],
};

/** What the advisor asks, while a job has two GPUs. */
async function advice(): Promise<void> {
  const job = await submit("--partition=a100", "--gres=gpu:a100:2", slow);
  await sleep(3);
  await record("advice-nodes", nodeUseQuestion.argv);
  await record("advice-standing", standingQuestion("alice").argv);
  await record("advice-qos", qosLimitsQuestion.argv);
  for (const [name, lines] of Object.entries(STARTS)) {
    const asked = testStartCommand(lines);
    await record(`advice-start-${name}`, asked.argv, asked.stdin);
  }
  await alice(["scancel", job]);
}

write("capture-bad.sh", "#!/bin/bash\nsleep 1\nexit 7\n");
for (const part of [environment, advice, limits, refusals, lives, faults, absent]) {
  if (options.only === undefined || options.only === part.name) await part();
}
console.log(`recorded in ${folder}`);
