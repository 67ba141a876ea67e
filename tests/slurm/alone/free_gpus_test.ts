import { deepEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { resourceStatus } from "../../../lib/manager/resources.ts";
import { labRunner } from "../bench.ts";
import { labIsUp, LabUser } from "../lab.ts";

/** GPUs by type that no job has, counted node by node from `scontrol show node`. */
function independentCount(text: string): Record<string, number> {
  const free: Record<string, number> = {};
  for (const line of text.trim().split("\n")) {
    const value = (key: string) => new RegExp(`(?:^| )${key}=(\\S*)`).exec(line)?.[1] ?? "";
    const gpus = (tres: string) =>
      [...value(tres).matchAll(/gres\/gpu:(\w+)=(\d+)/g)].map((m) =>
        [m[1]!, Number(m[2])] as const
      );
    const usable = /^(IDLE|MIXED|ALLOCATED)(\+COMPLETING)?$/.test(value("State"));
    const used = new Map(gpus("AllocTRES"));
    for (const [type, count] of gpus("CfgTRES")) {
      free[type] = (free[type] ?? 0) + (usable ? count - (used.get(type) ?? 0) : 0);
    }
  }
  return free;
}

/** Waits until a job of the load runs; not for long, as none may fit. */
async function untilSomeRun(user: LabUser): Promise<void> {
  for (const end = Date.now() + 5000; Date.now() < end;) {
    const { out } = await user.do(["squeue", "--me", "-h", "-t", "R", "-n", "load.sh"]);
    if (out !== "") return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

Deno.test(
  { name: "free GPUs are what scontrol counts, under random loads", ignore: !labIsUp },
  async () => {
    await using alice = await LabUser.login("alice");
    const runner = labRunner("/", "alice");
    const job = fc.record({
      type: fc.constantFrom("a100", "rtx8000", "h100"),
      gpus: fc.integer({ min: 1, max: 4 }),
    });
    const script = join(alice.scratch, "load.sh");
    Deno.writeTextFileSync(script, "#!/bin/bash\nsleep 300\n");
    let compared = 0;
    let busiest = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(job, { minLength: 1, maxLength: 5 }), async (jobs) => {
        await Promise.all(
          jobs.map(({ type, gpus }) =>
            alice.do(["sbatch", "-p", "gpu", "-t", "5", "--mem=50", "--output=/dev/null"].concat(
              [`--gres=gpu:${type}:${gpus}`, script],
            ))
          ),
        );
        await untilSomeRun(alice);
        // others use the lab: only counts between two equal looks of scontrol are compared
        for (let tries = 0; tries < 20; tries++) {
          const before = independentCount((await alice.do(["scontrol", "-o", "show", "node"])).out);
          const status = await resourceStatus({ runner });
          const after = independentCount((await alice.do(["scontrol", "-o", "show", "node"])).out);
          if (JSON.stringify(before) !== JSON.stringify(after)) continue;
          ok(status.kind === "slurm");
          const told = Object.fromEntries(
            status.total.flatMap(({ gpuType, freeGpus }) => gpuType ? [[gpuType, freeGpus]] : []),
          );
          deepEqual(told, before);
          compared++;
          busiest = Math.max(busiest, 18 - Object.values(before).reduce((a, b) => a + b, 0));
          break;
        }
        await alice.do(["scancel", "--me", "--name=load.sh"]);
      }),
      { numRuns: 12 },
    );
    ok(compared >= 10, `${compared} of 12 could be compared`);
    ok(busiest > 0, "no load was seen");
  },
);
