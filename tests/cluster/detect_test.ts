import { deepEqual, equal } from "node:assert/strict";
import { detectEnvironment, type DetectionPorts } from "../../lib/cluster/detect.ts";
import type { Reply } from "../../lib/system/runner.ts";

/** A machine as the test says it is. */
function machine(
  env: Record<string, string>,
  folders: string[],
  replies: Record<string, Partial<Reply>> = {},
): DetectionPorts {
  return {
    runner: {
      run: ({ argv }) => {
        const none = { code: 127, stdout: "", stderr: "", timedOut: false };
        return Promise.resolve({ ...none, ...replies[argv[0]] });
      },
      detach: () => 0,
    },
    env: (name) => env[name],
    writable: (folder) => folders.includes(folder),
    hostname: () => "log-1",
    cpus: () => 8,
  };
}

Deno.test("detectEnvironment() takes the first scratch folder that can be written to", async (t) => {
  const table: [string, Record<string, string>, string[], string, string][] = [
    ["the variable", { SCRATCH: "/s/a" }, ["/s/a", "/scratch/a"], "/s/a", "$SCRATCH"],
    [
      "not one that is missing",
      { SCRATCH: "/s/a" },
      ["/scratch/a"],
      "/scratch/a",
      "it exists and is writable",
    ],
    ["Perlmutter's", { PSCRATCH: "/p/a" }, ["/p/a"], "/p/a", "$PSCRATCH"],
    ["a usual place", {}, ["/gpfs/scratch/a"], "/gpfs/scratch/a", "it exists and is writable"],
    ["home", {}, [], "/home/a", "home, as no scratch folder was found"],
  ];
  for (const [name, env, folders, value, source] of table) {
    await t.step(name, async () => {
      const ports = machine({ USER: "a", HOME: "/home/a", ...env }, folders);
      deepEqual((await detectEnvironment(ports)).scratch, { value, source });
    });
  }
});

Deno.test("detectEnvironment() survives a machine with nothing, and tools that fail", async () => {
  const bare = await detectEnvironment(machine({}, []));
  deepEqual([bare.user.value, bare.slurm, bare.git.value], [
    "unknown",
    { value: undefined, source: "there is no sbatch" },
    undefined,
  ]);
  equal(bare.warnings.length, 1);
  const slow = await detectEnvironment(machine({}, [], {
    id: { code: 0, stdout: "alice\n" },
    sbatch: { code: 137, timedOut: true },
    git: { code: 1 },
  }));
  deepEqual([slow.user, slow.slurm, slow.git], [
    { value: "alice", source: "id -un" },
    { value: undefined, source: "sbatch --version did not answer" },
    { value: undefined, source: "git --version failed" },
  ]);
});
