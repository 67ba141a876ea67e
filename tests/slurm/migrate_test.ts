import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { labIsUp, LabUser } from "./lab.ts";

const WHERE = `#!/bin/bash
echo "$* $SLURM_NTASKS tasks, rank $SLURM_PROCID, in $PWD, $COLOUR"
`;

/** Name → script, number of runs, and what stands behind the script. */
const SCRIPTS: Record<string, [script: string, runs: number, args?: string[]]> = {
  launcher: [
    `#!/bin/bash
#SBATCH --nodes=2 --ntasks-per-node=1 --mem=64 -t 2 -o launcher.0.out
export COLOUR=red
srun --kill-on-bad-exit ./where.sh plain "two words"
`,
    1,
  ],
  steps: [
    `#!/bin/bash
#SBATCH -n 2 --mem-per-cpu=64 --time=2 --output=steps.0.out
export COLOUR=blue
hosts=( $(scontrol show hostnames $SLURM_JOB_NODELIST) )
srun -n1 --exclusive ./where.sh first "\${#hosts[@]}" &
wait
srun ./where.sh "$1" \${2:-nothing}
echo "code $?"
`,
    1,
    ["given", "to sbatch"],
  ],
  array: [
    `#!/bin/bash
#SBATCH --array=2,5%1 --mem=64 --time=2 --output=array.%a.out
VALUES=(a b c d e "f g")
VALUE=\${VALUES[$SLURM_ARRAY_TASK_ID]}
./where.sh "$VALUE" $SLURM_ARRAY_TASK_ID $SLURM_ARRAY_TASK_COUNT
exit 3
`,
    2,
  ],
};

Deno.test({
  name: "a migrated script does on Slurm what sbatch did with the original",
  ignore: !labIsUp,
}, async (t) => {
  await using alice = await LabUser.login("alice");
  const project = await alice.project();
  const code = join(alice.scratch, "code");
  await alice.do(["mkdir", code]);
  Deno.writeTextFileSync(join(code, "where.sh"), WHERE, { mode: 0o755 });
  for (const [name, [script, runs, args = []]] of Object.entries(SCRIPTS)) {
    await t.step(name, async () => {
      const path = join(code, `${name}.slurm`);
      Deno.writeTextFileSync(path, script);
      const { code: wanted } = await alice.do(["sbatch", "--wait", path, ...args], code);
      const told = linesOf(code, name);
      equal(told.length > 0, true, "the original said nothing");
      await alice.ok(["migrate", "script", path, ...args], project);
      const submitted = await alice.run(["submit", name, "--wait"], project);
      equal(submitted.code === 0, wanted === 0, submitted.err);
      const logs = await Promise.all(
        Array.from({ length: runs }, (_, run) => alice.ok(["logs", `${name}/${run}`], project)),
      );
      deepEqual(logs.flatMap(({ out }) => out.trimEnd().split("\n")).sort(), told);
    });
  }
});

/** Everything that the tasks of the original said, sorted. */
function linesOf(folder: string, name: string): string[] {
  return [...Deno.readDirSync(folder)].filter((entry) =>
    entry.name.startsWith(`${name}.`) && entry.name.endsWith(".out")
  ).flatMap((entry) => Deno.readTextFileSync(join(folder, entry.name)).trimEnd().split("\n"))
    .sort();
}
