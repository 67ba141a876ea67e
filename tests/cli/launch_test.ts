import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { namesIn } from "../../lib/system/files.ts";
import { Sandbox } from "./harness.ts";

function experiment(runs: number, command = "echo 1 >{run.dir}/done"): string {
  const values = Array.from({ length: runs }, (_, index) => index).join(", ");
  return `command: ${JSON.stringify(command)}
args: none
resources: { time: 1m }
sweep: { grid: { x: [${values}] } }
`;
}

async function queued(box: Sandbox, text: string): Promise<string> {
  const project = await box.project();
  Deno.writeTextFileSync(join(project, "experiment_configs", "exp.yaml"), text);
  await box.ok(["submit", "exp", "--to", "queue", "--yes"], { cwd: project });
  return project;
}

const WORDS = ["launch", "--workers", "2", "--time", "1h", "--linger", "1s"];

// deno-lint-ignore no-explicit-any
async function json(box: Sandbox, cwd: string, ...args: string[]): Promise<any> {
  return JSON.parse((await box.ok([...args, "--json"], { cwd })).out);
}

Deno.test("launch submits no more allocations than the queue fills, and they end with it", async () => {
  await using box = new Sandbox();
  const project = await queued(box, experiment(3));
  const preview = await box.ok([...WORDS, "--jobs", "5", "--dry-run"], { cwd: project });
  match(preview.out, /^#!\/bin\/bash\n#SBATCH --job-name=expflow-workers-/);
  match(preview.err, /3 items wait for such workers; 2 workers an allocation/);
  const launched = await json(box, project, ...WORDS, "--jobs", "5");
  deepEqual([launched.fleet, launched.submitted, launched.workers], [1, 2, 2]);
  await box.ok(["launch", "keep", "--poll", "1s"], { cwd: project });
  const [status] = await json(box, project, "status", "exp");
  deepEqual(status.counts, { completed: 3 });
  const [fleet] = await json(box, project, "launch", "status");
  deepEqual(fleet.allocations.map(({ state }: { state: string }) => state), [
    "COMPLETED",
    "COMPLETED",
  ]);
  const { out } = await box.ok(WORDS, { cwd: project });
  equal(out, "nothing is launched: nothing waits in the queue\n");
  const shown = await box.ok(["launch", "status"], { cwd: project });
  match(shown.out, /^fleet 1: 2 COMPLETED\n/);
  match(shown.out, /ended +0\/2 +\d/);
});

Deno.test("launch says what no worker of such an allocation could take", async () => {
  await using box = new Sandbox();
  const text = experiment(3).replace("time: 1m", "time: 1m, cpus_per_task: 2");
  const project = await queued(box, text);
  const { out } = await box.ok([...WORDS, "--cpus-per-task", "2"], { cwd: project });
  equal(
    out,
    "nothing is launched: 3 items wait, for more than 1 CPUs and 0 GPUs in 1h\n",
  );
});

Deno.test("launch finds by its name what a killed launch had submitted", async () => {
  await using box = new Sandbox();
  const project = await queued(box, experiment(2));
  const launched = await json(box, project, ...WORDS);
  const journal = join(project, ".expflow", "queue", "fleets", "1", "submit");
  Deno.removeSync(join(journal, `launch.0.job.${launched.job}`));
  const [kept] = await json(box, project, "launch", "keep", "--once");
  equal(kept.job, launched.job);
  deepEqual(namesIn(journal).sort(), ["launch.0.intent.1", `launch.0.job.${launched.job}`]);
});

Deno.test("launch keep cancels allocations that nothing waits for any more", async () => {
  await using box = new Sandbox();
  const project = await queued(box, experiment(4));
  // all CPUs of this machine each: one runs, one waits
  const cpus = String(navigator.hardwareConcurrency);
  const many = ["--jobs", "2", "--max-jobs", "2", "--cpus-per-task", cpus];
  deepEqual((await json(box, project, ...WORDS, ...many)).submitted, 2);
  for (let completed = 0; completed < 4;) {
    const [{ counts }] = await json(box, project, "status", "exp");
    completed = counts.completed ?? 0;
  }
  await box.ok(["launch", "keep", "--poll", "1s"], { cwd: project });
  const [fleet] = await json(box, project, "launch", "status");
  deepEqual(fleet.allocations.map(({ state }: { state: string }) => state), [
    "COMPLETED",
    "CANCELLED",
  ]);
});

Deno.test("launch keep adds no more allocations when they fail one after the other", async () => {
  await using box = new Sandbox();
  const project = await queued(box, experiment(8));
  await json(box, project, ...WORDS, "--max-jobs", "1");
  // what is started is no program: as where the nodes do not see it
  const bundle = join(project, ".expflow", "queue", "bundle");
  for (const name of namesIn(bundle)) Deno.writeTextFileSync(join(bundle, name), "throw 1;");
  await box.run(["local", "stop", "--cancel"], { cwd: project });
  const { code, err } = await box.run(["launch", "keep", "--poll", "1s"], { cwd: project });
  equal(code, 6, err);
  match(err, /Cannot add allocations to fleet 1: its last 3 failed and ended no run\n/);
  const [{ allocations }] = await json(box, project, "launch", "status");
  const failed = allocations.filter(({ state }: { state: string }) => state === "FAILED");
  equal(failed.length, 3);
});

Deno.test("launch stop gives back what runs, cancels what waits, and adds nothing more", async () => {
  await using box = new Sandbox();
  const project = await queued(box, experiment(20, "sleep 60"));
  await json(box, project, ...WORDS, "--jobs", "3", "--max-jobs", "3", "--cpus-per-task", "2");
  for (let running = 0; running < 2;) {
    const [{ counts }] = await json(box, project, "status", "exp");
    running = counts.running ?? 0;
  }
  const [order] = await json(box, project, "launch", "stop");
  equal(order.fleet, 1);
  for (let living = true; living;) {
    const [{ allocations }] = await json(box, project, "launch", "status");
    living = allocations.some(({ state }: { state: string }) =>
      !["COMPLETED", "CANCELLED"].includes(state)
    );
  }
  const [{ counts }] = await json(box, project, "status", "exp");
  deepEqual(counts, { pending: 20 });
  const [kept] = await json(box, project, "launch", "keep", "--once");
  equal(kept, undefined);
  const [fleet] = await json(box, project, "launch", "status", "1");
  deepEqual([fleet.closed, fleet.agents[0].why], [true, "it was stopped"]);
});

Deno.test("worker takes runs here, and says what it does", async () => {
  await using box = new Sandbox();
  const project = await queued(box, experiment(2));
  const { err } = await box.ok(["worker"], { cwd: project });
  match(err, /begin\nclaim 1\.\d\nended 1\.\d with 0\n.*leaves: empty\n/s);
  const [{ counts }] = await json(box, project, "status", "exp");
  deepEqual(counts, { completed: 2 });
});
