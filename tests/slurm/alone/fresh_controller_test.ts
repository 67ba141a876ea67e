/** A trap of Slurm that takes the controller's memory away; the others are in ../traps_test.ts. */
import { deepEqual } from "node:assert/strict";
import type { Command } from "../../../lib/system/runner.ts";
import { Lab as Words } from "../../schedulers/conformance_lab.ts";
import { controlLab, type Lab, labRunner, openSlurm, runningLabs } from "../bench.ts";

function uniqueName(): string {
  return `trap-${crypto.randomUUID().slice(0, 8)}`;
}

/** A controller without memory for as long as `during` takes. */
async function withFreshController(lab: Lab, during: () => Promise<void>): Promise<void> {
  const { root } = lab;
  const state = `${root === "/" ? "" : root}/tmp/expflow-lab/run/state`;
  await controlLab(lab, "stop", "slurmctld");
  Deno.renameSync(state, `${state}.kept`);
  try {
    await labRunner(root, "root").run({
      argv: ["install", "-d", "-o", "slurm", "-g", "slurm", "/tmp/expflow-lab/run/state"],
    });
    await controlLab(lab, "start", "slurmctld");
    await during();
  } finally {
    await controlLab(lab, "stop", "slurmctld");
    Deno.removeSync(state, { recursive: true });
    Deno.renameSync(`${state}.kept`, state);
    await controlLab(lab, "up");
  }
}

const labs = await runningLabs();
for (const lab of labs) {
  const as = (user: string) => (...argv: Command["argv"]) => {
    const env = { SLURM_TIME_FORMAT: "%s" };
    return labRunner(lab.root, user).run({ argv, env, cwd: "/", timeoutMs: 60_000 });
  };

  // Answer: mergeReport() in merge.ts goes by names.
  Deno.test({
    name: `a fresh controller of Slurm ${lab.version} gives out old numbers anew`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const bench = openSlurm(lab);
      const words = new Words(bench);
      try {
        await withFreshController(lab, async () => {
          const job = await words.submit([`--job-name=${uniqueName()}`, "--hold"], "true");
          const sacct = ["sacct", "--duplicates", "-nXPj", job, "-o", "jobname"] as const;
          await words.until("accounting has several jobs of this number", async () => {
            const { stdout } = await as("alice")(...sacct);
            return new Set(stdout.trim().split("\n")).size > 1;
          });
          const [task, ...others] = await words.tasks(job);
          deepEqual([task!.state, others], ["PENDING", []]);
          await bench.scheduler.cancel([{ job }]);
          deepEqual((await words.ended(job)).map(({ state }) => state), ["CANCELLED"]);
        });
      } finally {
        await bench.close();
      }
    },
  });
}

if (labs.length === 0) {
  console.warn("NOT RUN: a fresh controller (no lab answers; tests/slurm/cluster.sh up, as root)");
  Deno.test({ name: "a fresh controller", ignore: true, fn: () => {} });
}
