/**
 * Hostile texts as values of parameters go through real bash, in every form in which they reach a
 * program, and come back byte for byte.
 */
import assert from "node:assert/strict";
import { chunk } from "./chunk.ts";
import { BASH, type Lab, withLab } from "./harness.ts";
import { hostileTexts, SEED } from "./hostile.ts";
import type { Params } from "../../lib/core/params.ts";
import { argumentsFor } from "../../lib/script/arguments.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import { exists } from "../../lib/system/files.ts";

const COUNT = 10_000;
const PER_RUN = 500;
/** Few enough that all values of a script are embedded in it. */
const EMBEDDED_PER_SCRIPT = 100;
const EMIT = `printf '%s\\0' {args} > "$EXPFLOW_RUN_DIR/out"`;
const EXPLAIN = `seed ${SEED}: EXPFLOW_TEST_SEED=${SEED} repeats it`;

function paramsOf(texts: readonly string[]): Params {
  return Object.fromEntries(texts.map((text, i) => [`p${i}`, text]));
}

/** Runs one job for each run of a script, and gives what each has written, split at NUL. */
async function emitted(
  lab: Lab,
  { stage, command, args, points }: {
    stage: string;
    command: string;
    args: "argparse" | "hydra" | "none";
    points: Params[];
  },
): Promise<string[][]> {
  const runs = points.map((params, index) => ({ index, attempt: 1, params }));
  const table = lab.at(`${stage}.table`);
  const paths = { ...lab.model().paths, runs: lab.at(stage), table };
  const script = lab.write({ stage, command, args, runs, array: true, paths });
  assert.equal((await denoRunner.run({ argv: [BASH, "-n", script] })).stderr, "");
  const outputs: string[][] = [];
  for (const { index, params } of runs) {
    const reply = await lab.run(script, {
      SLURM_ARRAY_JOB_ID: "1",
      SLURM_ARRAY_TASK_ID: String(index),
      LC_ALL: index % 2 ? "C" : "C.UTF-8",
    });
    assert.deepEqual([reply.code, reply.stderr], [0, ""], EXPLAIN);
    const folder = lab.at(stage, String(index));
    const parts = Deno.readTextFileSync(`${folder}/out`).split("\0");
    assert.equal(parts.pop(), "");
    outputs.push(parts);
    assert.equal(Deno.readTextFileSync(`${folder}/params.json`), JSON.stringify(params), EXPLAIN);
  }
  return outputs;
}

function assertSame(actual: string[], expected: string[]): void {
  for (const [i, text] of expected.entries()) assert.equal(actual[i], text, EXPLAIN);
  assert.equal(actual.length, expected.length, EXPLAIN);
}

function argparseWords(texts: readonly string[]): string[] {
  return texts.flatMap((text, i) => text.startsWith("-") ? [`--p${i}=${text}`] : [`--p${i}`, text]);
}

/** The ways to write a placeholder, and what bash makes of it. */
const FORMS: [write: (name: string) => string, expected: (text: string) => string][] = [
  [(name) => name, (text) => text],
  [(name) => `x${name}.y`, (text) => `x${text}.y`],
  [(name) => `"a ${name} b"`, (text) => `a ${text} b`],
  [(name) => `'a ${name} "b"'`, (text) => `a ${text} "b"`],
  [(name) => `$'a\\t${name}\\n'`, (text) => `a\t${text}\n`],
  [(name) => `"$(printf '%s.' ${name})"`, (text) => `${text}.`],
  [(name) => `"$(printf '%s' "$(printf "%s." "${name}")")"`, (text) => `${text}.`],
  [(name) => `"$(printf '%s%s' 'x${name}' ".")"`, (text) => `x${text}.`],
  [(name) => `"\`printf '%s.' ${name}\`"`, (text) => `${text}.`],
  [(name) => `"\${nothing:-${name}}"`, (text) => text],
  [(name) => `\${nothing:-"${name}"}`, (text) => text],
];

Deno.test(`${COUNT} hostile texts come back from bash byte for byte`, async (t) => {
  // What argparse and Hydra cannot be given at all is refused: see arguments_test.ts.
  const texts = hostileTexts(COUNT, SEED).map((text) => ["--", "???"].includes(text) ? "" : text);
  await withLab(async (lab) => {
    await t.step("argparse, in a table", async () => {
      const groups = chunk(texts, PER_RUN);
      const outputs = await emitted(lab, {
        stage: "argparse",
        command: EMIT,
        args: "argparse",
        points: groups.map(paramsOf),
      });
      assert.ok(lab.read("argparse.table").length > 0);
      for (const [i, group] of groups.entries()) assertSame(outputs[i]!, argparseWords(group));
    });
    await t.step("argparse, embedded", async () => {
      for (const [i, group] of chunk(texts, EMBEDDED_PER_SCRIPT).slice(0, 20).entries()) {
        const stage = `embedded${i}`;
        const outputs = await emitted(lab, {
          stage,
          command: EMIT,
          args: "argparse",
          points: [paramsOf(group)],
        });
        assert.throws(() => lab.read(`${stage}.table`), Deno.errors.NotFound);
        assertSame(outputs[0]!, argparseWords(group));
      }
    });
    await t.step(`placeholders in ${FORMS.length} places`, async () => {
      const form = (i: number) => FORMS[i % FORMS.length]!;
      const groups = chunk(texts, PER_RUN);
      const words = groups[0]!.map((_, i) => form(i)[0](`{params.p${i}}`));
      const outputs = await emitted(lab, {
        stage: "placeholders",
        command: `printf '%s\\0' ${words.join(" \\\n")} > "$EXPFLOW_RUN_DIR/out"`,
        args: "argparse",
        points: groups.map(paramsOf),
      });
      for (const [i, group] of groups.entries()) {
        assertSame(outputs[i]!, group.map((text, j) => form(j)[1](text)));
      }
    });
    await t.step("hydra", async () => {
      const groups = chunk(texts, PER_RUN);
      const outputs = await emitted(lab, {
        stage: "hydra",
        command: EMIT,
        args: "hydra",
        points: groups.map(paramsOf),
      });
      const expected = groups.map((group) => argumentsFor("hydra", paramsOf(group)));
      for (const [i, words] of expected.entries()) assertSame(outputs[i]!, words);
    });
  });
  assert.equal(exists("/tmp/expflow-owned"), false);
});
