import { deepEqual, equal, ok } from "node:assert/strict";
import { detectEnvironment } from "../../lib/cluster/detect.ts";
import { machinePorts } from "../../lib/cluster/ports.ts";
import { adviseResources } from "../../lib/manager/advise.ts";
import { detectAccess } from "../../lib/manager/partitions.ts";
import { resourceStatus } from "../../lib/manager/resources.ts";
import { testStartCommand } from "../../lib/schedulers/slurm/test_start.ts";
import { advising } from "./advising.ts";
import { versions } from "../schedulers/slurm_fixtures.ts";
import { machine } from "./machine.ts";

const MOST: Record<string, number> = { sinfo: 1, squeue: 1, sacctmgr: 1, sacct: 1 };

/** Runs a command's work with an empty cache and with a warm one. @returns what the first ran. */
async function counted(
  version: string,
  work: (runner: ReturnType<typeof machine>["runner"], folder: string) => Promise<unknown>,
): Promise<string[][]> {
  const folder = Deno.makeTempDirSync();
  const cache = Deno.env.get("XDG_CACHE_HOME");
  const user = Deno.env.get("USER");
  Deno.env.set("XDG_CACHE_HOME", folder);
  Deno.env.set("USER", "alice");
  try {
    const [cold, warm] = [
      machine({ programs: advising(version) }),
      machine({
        programs: advising(version),
      }),
    ];
    for (const { runner, ran } of [cold, warm]) {
      await work(runner, folder);
      for (const [program, most] of Object.entries(MOST)) {
        const times = ran.filter(([name]) => name === program).length;
        ok(times <= most, `${program} was run ${times} times`);
      }
      const questions = ran.filter(([name]) => name !== "sbatch").map((argv) => argv.join(" "));
      deepEqual(questions, [...new Set(questions)], "a question was asked twice");
    }
    return cold.ran;
  } finally {
    cache === undefined ? Deno.env.delete("XDG_CACHE_HOME") : Deno.env.set("XDG_CACHE_HOME", cache);
    user === undefined ? Deno.env.delete("USER") : Deno.env.set("USER", user);
    Deno.removeSync(folder, { recursive: true });
  }
}

for (const version of versions) {
  Deno.test(`commands ask each of Slurm's programs once (${version})`, async (t) => {
    await t.step("info and doctor", async () => {
      const ran = await counted(version, (runner) => detectEnvironment(machinePorts(runner)));
      equal(ran.filter(([name]) => name === "sbatch").length, 1); // --version
    });
    await t.step("resources", async () => {
      const ran = await counted(version, (runner) => resourceStatus({ runner }));
      deepEqual(ran.map(([name]) => name), ["sinfo"]);
    });
    await t.step("partitions", async () => {
      await counted(version, (runner, folder) => detectAccess({ runner, folder }));
    });
    await t.step("advise, with at most 14 questions about starts", async () => {
      const ran = await counted(version, async (runner) => {
        const advice = await adviseResources({ gpus: 2, time: "5m", runner });
        ok(advice.kind === "slurm" && advice.places.length > 0);
        deepEqual(advice.unknown, []);
      });
      const submissions = ran.filter(([name]) => name === "sbatch");
      ok(submissions.every((argv) => argv.includes("--test-only")));
      const start = testStartCommand([]).argv.join();
      const starts = submissions.filter((argv) => argv.join() === start);
      ok(starts.length > 0 && starts.length <= 14, `${starts.length} questions`);
    });
  });
}
