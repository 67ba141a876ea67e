/** Scripts whose jobs carry several runs, run by bash. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { ScriptModel } from "../../lib/script/model.ts";
import { inLabs, type Lab, until } from "./harness.ts";

/** A job of the runs 0 to 3. */
function packed(lab: Lab, atOnce: number, changes: Partial<ScriptModel> = {}): string {
  const indices = [0, 1, 2, 3];
  return lab.write({
    runs: indices.map((index) => ({ index, attempt: 1, params: {} })),
    pack: { atOnce, tasks: [{ task: 0, runs: indices }], log: lab.at("logs", "train") },
    ...changes,
  });
}

Deno.test("a job of several runs", async (t) => {
  await inLabs(t, [
    ["does what was not begun, and says with its code that one failed", async (lab) => {
      const script = packed(lab, 1, { command: "echo $EXPFLOW_RUN; test $EXPFLOW_RUN != 2" });
      const { code, stderr } = await lab.run(script);
      deepEqual([code, stderr], [1, "expflow: Run 2 ended with 1\n"]);
      equal(lab.read("logs", "train.3.out"), "3\n");
      const ends = lab.events().filter((name) => name.includes(".end."));
      deepEqual(ends, [0, 1, 2, 3].map((run) => `${run}.train.1.end.${run === 2 ? 1 : 0}`));
    }],
    ["after a restart leaves alone what had ended by itself", async (lab) => {
      const command = "echo $EXPFLOW_RUN >>../order; test $EXPFLOW_RUN != 1";
      const script = packed(lab, 1, { command });
      for (const name of ["0.train.1.start.0.1", "0.train.1.end.0.1", "1.train.1.start.0.1"]) {
        mark(lab, name);
      }
      for (const name of ["1.train.1.end.4.1", "2.train.1.start.0.1", "2.train.1.stop.143.1"]) {
        mark(lab, name);
      }
      for (const run of [0, 1, 2]) claim(lab, run);
      const { code } = await lab.run(script, { SLURM_RESTART_COUNT: "1" });
      equal(lab.read("order"), "2\n3\n");
      equal(code, 1); // run 1 had failed
      ok(lab.events().includes("2.train.2.end.0") && lab.events().includes("3.train.2.end.0"));
    }],
    ["does not begin what was cancelled", async (lab) => {
      Deno.mkdirSync(lab.at("state", "submit"), { recursive: true });
      Deno.writeTextFileSync(lab.at("state", "submit", "cancel.1.100"), "");
      Deno.writeTextFileSync(lab.at("state", "submit", "cancel.12.100"), "");
      const { code, stderr } = await lab.run(packed(lab, 2, { command: "true" }));
      deepEqual([code, stderr], [0, "expflow: Run 1 was cancelled: it is not begun\n"]);
      ok(!lab.events().some((name) => name.startsWith("1.")));
    }],
    ["passes the warning on, and begins nothing after it", async (lab) => {
      const command = "trap 'echo warned >>../warned; exit 5' USR1; touch ../up.$EXPFLOW_RUN\n" +
        "for ((i = 0; i < 100; i++)); do sleep 0.1; done";
      const job = lab.start(packed(lab, 2, { command, resources: { signal: "USR1@30" } }));
      await until(
        () => [0, 1].every((run) => exists(lab, `up.${run}`)),
        "two runs have begun",
      );
      job.kill("SIGUSR1");
      const { code, stderr } = await job.output();
      equal(code, 1);
      equal(lab.read("warned"), "warned\nwarned\n");
      match(
        new TextDecoder().decode(stderr),
        /Run 2 is not begun: .*\nexpflow: Run 3 is not begun/,
      );
      deepEqual(
        lab.events().filter((name) => !name.includes("start")),
        ["0.train.1.end.5", "1.train.1.end.5", "2.train.1.left.75", "3.train.1.left.75"],
      );
    }],
    ["ends with 75 when all that it began went well", async (lab) => {
      const command = "touch ../up; sleep 1";
      const job = lab.start(packed(lab, 1, { command }));
      await until(() => exists(lab, "up"), "a run has begun");
      job.kill("SIGUSR1");
      const { code } = await job.output();
      equal(code, 75);
      deepEqual(lab.events().filter((name) => !name.includes("start")), [
        "0.train.1.end.0",
        "1.train.1.left.75",
        "2.train.1.left.75",
        "3.train.1.left.75",
      ]);
    }],
    ["told to end tells all its runs", async (lab) => {
      const command = "touch ../up.$EXPFLOW_RUN; sleep 60";
      const job = lab.start(packed(lab, 3, { command }));
      await until(() => [0, 1, 2].every((run) => exists(lab, `up.${run}`)), "three runs begin");
      job.kill("SIGTERM");
      const { code } = await job.output();
      equal(code, 143);
      deepEqual(lab.events().filter((name) => !name.includes("start")), [
        "0.train.1.stop.143",
        "1.train.1.stop.143",
        "2.train.1.stop.143",
        "3.train.1.left.75",
      ]);
    }],
    ["divides GPUs and processors", async (lab) => {
      const command =
        'echo "$CUDA_VISIBLE_DEVICES $OMP_NUM_THREADS" >../slot.$EXPFLOW_SLOT; sleep 1';
      const env = { CUDA_VISIBLE_DEVICES: "0,2,GPU-5", SLURM_CPUS_ON_NODE: "8" };
      equal((await lab.run(packed(lab, 2, { command }), env)).code, 0);
      deepEqual([0, 1].map((slot) => lab.read(`slot.${slot}`)), ["0 4\n", "2 4\n"]);
    }],
    ["lets runs share a GPU where there are fewer", async (lab) => {
      const command = 'echo "$CUDA_VISIBLE_DEVICES" >../slot.$EXPFLOW_SLOT; sleep 1';
      equal((await lab.run(packed(lab, 4, { command }), { CUDA_VISIBLE_DEVICES: "1,3" })).code, 0);
      deepEqual([0, 1, 2, 3].map((slot) => lab.read(`slot.${slot}`)), ["1\n", "3\n", "1\n", "3\n"]);
    }],
    ["pins each run to its own processors where the job has its own", async (lab) => {
      const cpus = Number(
        (await lab.run(lab.write({ command: "nproc >../cpus" }))).code === 0
          ? lab.read("cpus")
          : "0",
      );
      if (cpus < 2) return console.warn("NOT RUN: dividing processors needs two of them");
      Deno.removeSync(lab.at("state"), { recursive: true });
      const command = "taskset -pc $BASHPID | sed 's/.*: //' >../on.$EXPFLOW_SLOT; sleep 1";
      const env = { SLURM_CPUS_ON_NODE: String(cpus) };
      equal((await lab.run(packed(lab, 2, { command }), env)).code, 0);
      ok(lab.read("on.0") !== lab.read("on.1"), lab.read("on.0"));
    }],
  ]);
});

function mark(lab: Lab, name: string): void {
  Deno.mkdirSync(lab.at("state", "events"), { recursive: true });
  Deno.writeTextFileSync(lab.at("state", "events", name), "");
}

function claim(lab: Lab, run: number): void {
  Deno.mkdirSync(lab.at("state", "claims"), { recursive: true });
  Deno.symlinkSync("100", lab.at("state", "claims", `${run}.train`));
}

function exists(lab: Lab, name: string): boolean {
  try {
    Deno.statSync(join(lab.root, name));
    return true;
  } catch {
    return false;
  }
}
