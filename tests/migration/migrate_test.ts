import { deepEqual, equal, match, throws } from "node:assert/strict";
import { ConfigError } from "../../lib/core/errors.ts";
import { migrateScript } from "../../lib/migration/migrate.ts";
import type { MigrationRequest } from "../../lib/migration/model.ts";
import { plainWords } from "../../lib/migration/words.ts";

const AROUND = {
  user: "tester",
  home: "/home/tester",
  scratch: "/scratch/tester",
  scratchIsSet: false,
  readText: (path: string) => path === "seeds.txt" ? "7\n8\n" : undefined,
};

function migrate(body: string, changes: Partial<MigrationRequest> = {}) {
  return migrateScript({
    script: `#!/bin/bash\n${body}\n`,
    path: "/code/job.sh",
    id: "job",
    workdir: "/code",
    loops: false,
    args: [],
    around: AROUND,
    ...changes,
  });
}

Deno.test("plainWords() removes quotes, and gives up where bash would do more", async (t) => {
  const cases: [string, string[] | undefined][] = [
    ["python train.py --lr 0.1", ["python", "train.py", "--lr", "0.1"]],
    [`a 'b c' "d e" f\\ g`, ["a", "b c", "d e", "f g"]],
    ["a \\\n  b # said", ["a", "b"]],
    [`a"b"'c'`, ["abc"]],
    ["a ''", ["a", ""]],
    ["a ~/b", ["a", "~/b"]],
    ...["a $b", "a; b", "a | b", "a > b", "a *", "a {1,2}", "a `b`", 'a "$b"', "a 'b", "a=~/b"].map(
      (text): [string, undefined] => [text, undefined],
    ),
  ];
  for (const [text, words] of cases) {
    await t.step(text, () => deepEqual(plainWords(text), words));
  }
});

Deno.test("migrateScript() takes a launcher only where its keys say all of it", async (t) => {
  const cases: [string, unknown][] = [
    ["srun python a.py", { kind: "srun" }],
    ["srun --mpi pmix -u python a.py", { kind: "srun", mpi: "pmix", options: ["-u"] }],
    ["#SBATCH -n 4\nsrun -n 4 python a.py", { kind: "srun" }],
    ["#SBATCH -n 4\nsrun -n 2 python a.py", undefined],
    ["srun --overlap python a.py", undefined],
    ["srun python a.py --port $PORT", undefined],
    ["srun torchrun --nproc_per_node=2 a.py", undefined],
    ["torchrun --nproc-per-node 2 -m a.b", { kind: "torchrun", processes_per_node: 2 }],
    ["python -m torch.distributed.run a.py", { kind: "torchrun", processes_per_node: 1 }],
    ["#SBATCH -N 2\ntorchrun --nproc-per-node 2 a.py", undefined],
    ["torchrun --nproc-per-node=gpu a.py", undefined],
    ["accelerate launch --config_file x.yaml a.py", undefined],
    ["accelerate launch --num_processes 2 a.py", { kind: "accelerate", processes_per_node: 2 }],
    ["mpirun ./solver", { kind: "mpirun" }],
    ["mpirun --bind-to core ./solver", undefined],
    ["trap 'echo x' USR1\nsrun python a.py", undefined],
  ];
  for (const [body, launcher] of cases) {
    await t.step(body.replaceAll("\n", "; "), () => {
      const { template } = migrate(body);
      deepEqual(template.launcher, launcher);
      const last = body.split("\n").at(-1)!;
      if (launcher === undefined) equal(String(template.command).endsWith(last), true);
    });
  }
});

Deno.test("migrateScript() takes a line for a key only where the order allows it", async (t) => {
  const cases: [string, Record<string, unknown> | undefined, string][] = [
    ["A=3\nexport A=1", undefined, "A=3\nexport A=1"],
    ["export A=1\nmodule load x", { modules: ["x"], purge: false, env: { A: "1" } }, ""],
    ["export MODULEPATH=/x\nmodule load x", undefined, "export MODULEPATH=/x\nmodule load x"],
    ["conda activate a\nmodule load x", { conda: "a" }, "module load x"],
    ["module purge", undefined, "module purge"],
    ["module load $V", undefined, "module load $V"],
    ["cd src\nsource .venv/bin/activate", undefined, "cd src\nsource .venv/bin/activate"],
    [
      "source ~/own/conda.sh\nconda activate a",
      undefined,
      "source ~/own/conda.sh\nconda activate a",
    ],
  ];
  for (const [body, keys, setup] of cases) {
    await t.step(body.replaceAll("\n", "; "), () => {
      const environment = migrate(`${body}\npython a.py`).template.environment;
      const kept = setup === "" ? {} : { setup: `set +e +o pipefail\n${setup}` };
      deepEqual(environment, { ...keys, ...kept });
    });
  }
});

Deno.test("migrateScript() replaces folders of users, however they are quoted", async (t) => {
  const cases: [string, string][] = [
    ["python a.py /scratch/tester/x", "python a.py $SCRATCH/x"],
    ["python a.py /scratch/bob/x", "python a.py $SCRATCH/x"],
    ["python a.py /gpfs/scratch/bob", "python a.py $SCRATCH"],
    ['python a.py "/home/bob/x"', 'python a.py "$HOME/x"'],
    ["python a.py '/home/bob/x'", `python a.py ''"$HOME"'/x'`],
    ["python a.py /scratch/shared/x", "python a.py /scratch/shared/x"],
    ["python a.py /scratch/testers/x", "python a.py $SCRATCH/x"],
    ["python a.py ./home/bob/x", "python a.py ./home/bob/x"],
    ["python a.py $ROOT/home/bob/x", "python a.py $ROOT/home/bob/x"],
    ["cat <<'E'\n/home/bob/x\nE", "set +e +o pipefail\ncat <<'E'\n/home/bob/x\nE"],
  ];
  for (const [body, command] of cases) {
    await t.step(body, () => equal(migrate(body).template.command, command));
  }
});

Deno.test("migrateScript() passes options on that are newer than expflow", () => {
  const { template, lines } = migrate(
    "#SBATCH --new-one=3 --newer -t 5\n#SBATCH --odd value\ntrue",
  );
  deepEqual(template.resources, { sbatch: ["--new-one=3", "--newer"], time: "5" });
  deepEqual(lines.find(({ line }) => line === 3)?.fate, "left out");
});

Deno.test("migrateScript() gives $1 and what is behind it what sbatch was given", () => {
  const body = 'python a.py $1 --name "$2"';
  const { template, notes } = migrate(body, { args: ["x y", "it's"] });
  equal(template.command, `set +e +o pipefail\nset -- 'x y' 'it'\\''s'\n${body}`);
  deepEqual(notes, []);
  match(migrate(body).notes[0]!, /^near line 2: \$1, where/);
});

Deno.test("migrateScript() reads lists that tasks of an array look up", async (t) => {
  const cases: [string, string, Record<string, unknown>[]][] = [
    ["V=(a b)\nX=${V[$SLURM_ARRAY_TASK_ID]}", "0-1", [{ x: "a" }, { x: "b" }]],
    ["export X=$(sed -n ${SLURM_ARRAY_TASK_ID}p seeds.txt)", "1-2", [{ x: 7 }, { x: 8 }]],
    ["X=$(head -n $SLURM_ARRAY_TASK_ID seeds.txt | tail -n 1)", "2", [{ x: 8 }]],
    ['X=$(awk "NR==$SLURM_ARRAY_TASK_ID" seeds.txt)', "1", [{ x: 7 }]],
  ];
  for (const [line, spec, values] of cases) {
    await t.step(line, () => {
      const { experiment } = migrate(`#SBATCH --array=${spec}\n${line}\npython a.py $X`);
      const { list } = experiment.sweep as { list: Record<string, unknown>[] };
      deepEqual(list.map(({ array_task_id: _, ...row }) => row), values);
    });
  }
  await t.step("a file that is too short, or not there, stays as it is", () => {
    for (const file of ["seeds.txt", "gone.txt"]) {
      const line = `X=$(sed -n "\${SLURM_ARRAY_TASK_ID}p" ${file})`;
      const { experiment, template } = migrate(`#SBATCH --array=1-3\n${line}\npython a.py $X`);
      deepEqual(experiment.sweep, { grid: { array_task_id: [1, 2, 3] } });
      equal(String(template.command).includes(line), true);
    }
  });
});

Deno.test("migrateScript() refuses what it cannot keep, and shows no secret", async (t) => {
  await t.step("a placeholder in a here-document", () => {
    throws(
      () => migrate("python - <<'E'\nprint(f'{seed}')\nE\necho done"),
      (error) => error instanceof ConfigError && error.message.startsWith("Cannot keep line 3"),
    );
  });
  await t.step("a secret in the middle of the script", () => {
    const body = "python prepare.py\nHF_TOKEN=hf_abcdefghijklmnopqrstuv python a.py";
    const { refusal, lines } = migrate(body);
    match(refusal!.message, /line 3 holds what looks like a secret/);
    equal(JSON.stringify(lines).includes("hf_abc"), false);
  });
  await t.step("a secret in a comment is masked", () => {
    const { comments, lines } = migrate("# export WANDB_API_KEY=0123456789abcdef\ntrue");
    deepEqual(comments, ["# export WANDB_API_KEY=***"]);
    equal(JSON.stringify(lines).includes("0123456789"), false);
  });
  await t.step("a heterogeneous job", () => {
    match(migrate("#SBATCH hetjob\ntrue").refusal!.message, /heterogeneous/);
  });
});
