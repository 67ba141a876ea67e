import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { git, Sandbox, writeExperiment } from "./harness.ts";

const SWEEP = `command: sh train.sh {params.model} {params.seed}
args: none
workdir: .
resources: { time: 5m }
sweep: { grid: { model: [a, b] }, seeds: 3 }
`;

const program = (bonus: number) =>
  `echo "{\\"acc\\": 0.\${2}5, \\"loss\\": \${2}.$(echo "$1" | tr ab 2${bonus})}" > "$EXPFLOW_RUN_DIR/result.json"\n`;

Deno.test("results: query, stats, best, compare, diff, table, importance, export", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  Deno.writeTextFileSync(join(cwd, "train.sh"), program(1));
  await git(cwd, "init", "-q");
  await git(cwd, "add", "-A");
  await git(cwd, "commit", "-qm", "first");
  writeExperiment(cwd, "one", SWEEP);
  await box.ok(["submit", "one", "--wait", "--yes"], { cwd });
  Deno.writeTextFileSync(join(cwd, "train.sh"), program(3));
  writeExperiment(cwd, "two", SWEEP.replace("5m", "6m"));
  await box.ok(["submit", "two", "--wait", "--yes"], { cwd });
  const nothing = await box.run(["results", "query"], { cwd });
  deepEqual([nothing.code, nothing.err.includes("nothing was harvested")], [4, true]);
  await box.ok(["harvest", "--all"], { cwd });
  const results = async (...args: string[]) => await box.ok(["results", ...args], { cwd });
  const json = async (...args: string[]) => JSON.parse((await results(...args, "--json")).out);

  await t.step("query", async () => {
    const found = await json("query", "--where", "loss > 1 and model='b'", "--sort", "-loss");
    deepEqual(
      found.map((one: { experiment: string; run: number }) => `${one.experiment}/${one.run}`),
      [
        "two/5",
        "one/5",
        "two/4",
        "one/4",
      ],
    );
    const { out, err } = await results("query", "one", "--sort", "-acc", "--limit", "2");
    match(out, /^run +state +model +acc +loss\n/);
    equal(err, "2 of 6 runs\n");
    const mixed = await box.run(["results", "query", "--where", "model = 3"], { cwd });
    deepEqual([mixed.code, /one kind, found "a" and 3/.test(mixed.err)], [2, true]);
  });
  await t.step("stats and best", async () => {
    const groups = await json("stats", "one", "--metric", "loss");
    deepEqual(groups.map((one: { n: number; mean: number }) => [one.n, one.mean]), [[3, 1.2], [
      3,
      1.1,
    ]]);
    ok(groups[0].t.low < groups[0].bootstrap.low);
    const [best] = await json("best", "--metric", "loss", "--top", "1");
    deepEqual([best.experiment, best.params.model], ["one", "b"]);
    match((await results("stats", "one")).out, /95% CI \(t\)/);
  });
  await t.step("compare", async () => {
    const { runs, params, metrics } = await json("compare", "one/0", "two/3");
    deepEqual([runs, params.map((one: { name: string }) => one.name)], [["one/0", "two/3"], [
      "model",
    ]]);
    const loss = metrics.find((one: { name: string }) => one.name === "loss");
    ok(Math.abs(loss.deltas[1] - 0.1) < 1e-9, JSON.stringify(loss));
    const whole = await box.run(["results", "compare", "one", "two"], { cwd });
    deepEqual([whole.code, /hint: name one, as in one\/0/.test(whole.err)], [4, true]);
  });
  await t.step("diff", async () => {
    const { out } = await results("diff", "one/3", "two/3");
    match(out, /^- one\/3\n\+ two\/3\n\nparameters: the same\n/);
    match(out, /\n- stages\.train\.resources\.time: .*\n\+ stages\.train\.resources\.time: /);
    match(
      out,
      /code:\n[^]*\ndiff --git a\/one\/001\/code\/train\.sh b\/two\/001\/code\/train\.sh\n/,
    );
    match(out, /\n-echo .*tr ab 21.*\n\+echo .*tr ab 23/);
    equal((await json("diff", "one/0", "one/1")).code.same, true);
  });
  await t.step("table", async () => {
    const { rows, cells, notes } = await json(
      ...["table", "--rows", "model", "--cols", "experiment", "--metric", "loss"],
      ...["--test", "permutation", "--baseline", "a"],
    );
    deepEqual(rows, [{ model: "a" }, { model: "b" }]);
    deepEqual([cells[1][0].test.n, cells[1][0].test.p, cells[1][0].test.pHolm], [3, 0.25, 0.5]);
    match(notes.join("\n"), /3 pairs cannot give p < 0\.05 by permutation in 2 tests/);
    await results("table", "one", "--rows", "model", "--metric", "acc", "--out", "t.tex");
    match(Deno.readTextFileSync(join(cwd, "t.tex")), /\\toprule/);
    const wrong = await box.run(["results", "table", "--rows", "m", "--metric", "acc"], { cwd });
    deepEqual([wrong.code, wrong.err], [
      2,
      'error: Cannot find "m": no run has it\nhint: known: experiment, run, state, seed, model, acc, loss, elapsed, commit\n',
    ]);
  });
  await t.step("importance", async () => {
    const { n, params } = await json("importance", "two", "--metric", "loss");
    deepEqual([n, params.map((one: { name: string }) => one.name)], [6, ["model"]]);
  });
  await t.step("export", async () => {
    await results("export", "r.parquet");
    equal(Deno.readTextFileSync(join(cwd, "r.parquet")).slice(0, 4), "PAR1");
    await results("export", "m.csv", "--names", "mlflow", "--id", "one");
    match(Deno.readTextFileSync(join(cwd, "m.csv")), /^run_id,.*params\.model,.*metrics\.acc,/);
  });
});
