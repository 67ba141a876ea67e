import assert from "node:assert/strict";
import { withLab } from "./harness.ts";

Deno.test("a run is claimed by the job that starts it", async (t) => {
  await withLab(async (lab) => {
    const script = lab.write({
      command: 'echo "$EXPFLOW_ATTEMPT" >> ran; test "$EXPFLOW_ATTEMPT" = 3',
    });
    await t.step("the first job runs it", async () => {
      assert.equal((await lab.run(script)).code, 1);
      assert.equal(Deno.readLinkSync(lab.at("state", "claims", "0.train")), "100");
    });
    await t.step("another job does nothing, and leaves nothing", async () => {
      const before = lab.events();
      const reply = await lab.run(script, { SLURM_JOB_ID: "101" });
      assert.equal(reply.code, 0);
      assert.equal(
        reply.stderr,
        "expflow: Run 0 (train) was already started by job 100: nothing to do\n",
      );
      assert.deepEqual(lab.events(), before);
    });
    await t.step("nor does a restart of that other job", async () => {
      const before = lab.events();
      await lab.run(script, { SLURM_JOB_ID: "101", SLURM_RESTART_COUNT: "1" });
      assert.deepEqual(lab.events(), before);
    });
    await t.step("its own restart runs it as another attempt", async () => {
      const reply = await lab.run(script, { SLURM_RESTART_COUNT: "1" });
      assert.equal(reply.code, 1);
      assert.equal(lab.read("work", "ran"), "1\n2\n");
    });
    await t.step("the same attempt of the same job is not run twice", async () => {
      const before = lab.events();
      const reply = await lab.run(script, { SLURM_RESTART_COUNT: "1" });
      assert.equal(reply.code, 0);
      assert.match(reply.stderr, /^expflow: Attempt 2 of run 0 \(train\) was already started/);
      assert.deepEqual(lab.events(), before);
      assert.equal(lab.read("work", "ran"), "1\n2\n");
    });
    await t.step("a restart after success does nothing", async () => {
      assert.equal((await lab.run(script, { SLURM_RESTART_COUNT: "2" })).code, 0);
      const before = lab.events();
      const reply = await lab.run(script, { SLURM_RESTART_COUNT: "3" });
      assert.equal(reply.code, 0);
      assert.match(reply.stderr, /^expflow: Run 0 \(train\) ended with success before/);
      assert.deepEqual(lab.events(), before);
    });
  });
});

Deno.test("a job that died between its claim and its start marker runs after all", () =>
  withLab(async (lab) => {
    const script = lab.write({ command: "touch ran" });
    Deno.mkdirSync(lab.at("state", "claims"), { recursive: true });
    Deno.symlinkSync("100", lab.at("state", "claims", "0.train"));
    assert.equal((await lab.run(script)).code, 0);
    assert.deepEqual(lab.events(), ["0.train.1.end.0", "0.train.1.start.0"]);
  }));

Deno.test("a claim cannot be fooled by a folder in its place", () =>
  withLab(async (lab) => {
    const script = lab.write({ command: "touch ran" });
    Deno.mkdirSync(lab.at("state", "claims", "0.train"), { recursive: true });
    assert.equal((await lab.run(script)).code, 74);
    assert.deepEqual(lab.events(), []);
  }));

Deno.test("a task of an array is claimed by array and task", () =>
  withLab(async (lab) => {
    const script = lab.write({
      array: true,
      base: 10,
      runs: [{ index: 13, attempt: 1, params: {} }],
    });
    const env = { SLURM_JOB_ID: "207", SLURM_ARRAY_JOB_ID: "200", SLURM_ARRAY_TASK_ID: "3" };
    assert.equal((await lab.run(script, env)).code, 0);
    assert.equal(Deno.readLinkSync(lab.at("state", "claims", "13.train")), "200_3");
  }));

Deno.test("a run started by hand is claimed as well", () =>
  withLab(async (lab) => {
    const script = lab.write({ command: "echo ran" });
    const byHand = { SLURM_JOB_ID: undefined };
    assert.equal((await lab.run(script, byHand)).stdout, "ran\n");
    assert.match(Deno.readLinkSync(lab.at("state", "claims", "0.train")), /^hand-.+-\d+$/);
    assert.match((await lab.run(script, byHand)).stderr, /already started by job hand-/);
  }));

Deno.test("of 50 jobs started at once exactly one runs", () =>
  withLab(async (lab) => {
    const script = lab.write({ command: "echo ran >> ran" });
    const jobs = Array.from(
      { length: 50 },
      (_, job) => lab.run(script, { SLURM_JOB_ID: `${job}` }),
    );
    const replies = await Promise.all(jobs);
    assert.deepEqual([...new Set(replies.map(({ code }) => code))], [0]);
    assert.equal(replies.filter(({ stderr }) => stderr.includes("nothing to do")).length, 49);
    assert.equal(lab.read("work", "ran"), "ran\n");
    assert.deepEqual(lab.events(), ["0.train.1.end.0", "0.train.1.start.0"]);
  }));
