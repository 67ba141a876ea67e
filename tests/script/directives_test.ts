import assert from "node:assert/strict";
import { ConfigError, UsageError } from "../../lib/core/errors.ts";
import type { Resources } from "../../lib/core/experiment.ts";
import { arraySpec, directives } from "../../lib/script/directives.ts";
import type { ScriptModel } from "../../lib/script/model.ts";
import { modelIn } from "./harness.ts";
import { hostileTexts, SEED } from "./hostile.ts";

function render(changes: Partial<ScriptModel>): string[] {
  return directives(modelIn("/p", changes));
}

function resourceLines(resources: Resources): string[] {
  const fixed = render({});
  return render({ resources }).filter((line) => !fixed.includes(line));
}

/** What sbatch makes of a directive: the parser of its source (src/sbatch/opt.c), in short. */
function asSbatchReads(line: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quoted = "";
  const text = line.replace(/^#SBATCH/, "");
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === "\\") word = (word ?? "") + (text[++i] ?? "");
    else if (quoted) {
      if (character === quoted) quoted = "";
      else word = (word ?? "") + character;
    } else if (character === '"' || character === "'") quoted = character;
    else if (character === "#") break;
    else if (/\s/.test(character)) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  return word === undefined ? found : [...found, word];
}

Deno.test("directives() names the job, its logs and its warning", () => {
  assert.deepEqual(render({}), [
    "#SBATCH --job-name=exp.train.0-test",
    "#SBATCH --output=/p/logs/train.0.out",
    "#SBATCH --error=/p/logs/train.0.err",
    "#SBATCH --open-mode=append",
    "#SBATCH --signal=B:USR1@120",
  ]);
});

Deno.test("directives() writes each resource in sbatch's words", async (t) => {
  const cases: [Resources, string[]][] = [
    [{ partition: "gpu", account: "astro", qos: "high" }, [
      "--partition=gpu",
      "--account=astro",
      "--qos=high",
    ]],
    [{ time: "2h" }, ["--time=02:00:00"]],
    [{ time: "1-12" }, ["--time=1-12:00:00"]],
    [{ time: "90" }, ["--time=01:30:00"]],
    [{ nodes: 2, ntasks: 4, ntasks_per_node: 2, cpus_per_task: 8 }, [
      "--nodes=2",
      "--ntasks=4",
      "--ntasks-per-node=2",
      "--cpus-per-task=8",
    ]],
    [{ mem: "16GB", mem_per_cpu: "1.5G", mem_per_gpu: "4000" }, [
      "--mem=16G",
      "--mem-per-cpu=1536M",
      "--mem-per-gpu=4000M",
    ]],
    [{ mem: "0" }, ["--mem=0"]],
    [{ gpus: 2 }, ["--gres=gpu:2"]],
    [{ gpus: 2, gpu_type: "a100" }, ["--gres=gpu:a100:2"]],
    [{ gpus: 0 }, []],
    [{ gpus: 1, gpu_mem: "9G" }, ["--gres=gpu:1"]],
    [{ constraint: "a100&ib", nodelist: "gpu[01-02]", exclude: "gpu03", reservation: "r" }, [
      '--constraint="a100&ib"',
      "--nodelist=gpu[01-02]",
      "--exclude=gpu03",
      "--reservation=r",
    ]],
    [{ exclusive: true, requeue: true }, ["--exclusive", "--requeue"]],
    [{ exclusive: false, requeue: false }, ["--no-requeue"]],
    [{ signal: "SIGUSR2@300" }, ["--signal=B:USR2@300"]],
    [{ signal: "B:10@60" }, ["--signal=B:USR1@60"]],
    [{ signal: "R:TERM" }, ["--signal=RB:TERM"]],
    [{ comment: 'a "b" \\ c # d', mail_user: "a@b.c", mail_type: "END,FAIL" }, [
      String.raw`--comment="a \"b\" \\ c # d"`,
      "--mail-user=a@b.c",
      "--mail-type=END,FAIL",
    ]],
    [{ sbatch: ["--hint=nomultithread", "--contiguous", "--licenses=a b"] }, [
      "--hint=nomultithread",
      "--contiguous",
      '--licenses="a b"',
    ]],
  ];
  for (const [resources, options] of cases) {
    await t.step(JSON.stringify(resources), () => {
      assert.deepEqual(
        resourceLines(resources),
        options.map((option) => `#SBATCH ${option}`),
      );
    });
  }
});

Deno.test("directives() writes tasks, not indices, with the limit", () => {
  const runs = [1003, 1004, 1005, 1010].map((index) => ({ index, attempt: 1, params: {} }));
  const lines = render({ array: true, base: 1000, runs, resources: { max_parallel: 2 } });
  assert.ok(lines.includes("#SBATCH --array=3-5,10%2"));
});

Deno.test("arraySpec() joins ranges", async (t) => {
  const cases: [number[], number | undefined, string][] = [
    [[0], undefined, "0"],
    [[0, 1, 2, 3, 7, 9, 10, 11], 4, "0-3,7,9-11%4"],
    [[5, 6], undefined, "5-6"],
    [[1, 3, 5], 1, "1,3,5%1"],
  ];
  for (const [tasks, limit, spec] of cases) {
    await t.step(spec, () => assert.equal(arraySpec(tasks, limit), spec));
  }
});

Deno.test("directives() keep hostile values in one argument, or refuse them", () => {
  let kept = 0;
  const model = modelIn("/p");
  for (const text of hostileTexts(5000, SEED)) {
    try {
      const lines = directives({ ...model, resources: { comment: text } });
      for (const line of lines) assert.doesNotMatch(line, /[\p{Cc}\u2028\u2029]/u);
      const line = lines.find((line) => line.startsWith("#SBATCH --comment"))!;
      assert.deepEqual(asSbatchReads(line), [`--comment=${text}`], `seed ${SEED}`);
      kept++;
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      assert.ok(text === "" || /[\p{Cc}\u2028\u2029]/u.test(text), `seed ${SEED}: ${text}`);
    }
  }
  assert.ok(kept > 1000);
});

Deno.test("directives() put only the task into the path of a log", () => {
  const model = modelIn("/p");
  const paths = { ...model.paths, log: "/p/100% sure/#1/train.%a" };
  const [, output] = directives({ ...model, paths });
  assert.equal(output, '#SBATCH --output="/p/100%% sure/#1/train.%a.out"');
  assert.throws(() => directives({ ...model, paths: { ...paths, log: "/p\\q/x" } }), ConfigError);
});

Deno.test("directives() refuse what sbatch would misread", async (t) => {
  const cases: Resources[] = [
    { partition: "a\n#SBATCH --uid=0" },
    { comment: "a\rb" },
    { account: "" },
    { gpu_type: "a100" },
    { gpu_type: "a100", gpus: 0 },
    { time: "soon" },
    { mem: "lots" },
    { signal: "KILL@60" },
    { signal: "USR1@soon" },
    { signal: "99@60" },
    { signal: "" },
    { sbatch: ["-p gpu"] },
    { sbatch: ["--gres gpu:1"] },
    { sbatch: ["--comment=a\nb"] },
    { sbatch: ["--comment="] },
    { sbatch: ["--Comment=x"] },
    { sbatch: ["--job-name=x"] },
    { sbatch: ["--array=0-9"] },
    { sbatch: ["--signal=USR1"] },
    { sbatch: ["--wrap=x"] },
  ];
  for (const resources of cases) {
    await t.step(JSON.stringify(resources), () => {
      assert.throws(() => render({ resources }), (error) => {
        assert.ok(error instanceof ConfigError || error instanceof UsageError);
        assert.ok(error.hint && !error.message.includes("\n"));
        return true;
      });
    });
  }
});
