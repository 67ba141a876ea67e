import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { Sandbox, statusOf, writeExperiment } from "./harness.ts";
import { queueOf, spawnWorker } from "./queue_workers.ts";

const AD_HOC = ["queue", "add", "--id"];

async function itemsOf(box: Sandbox, cwd: string): Promise<string[]> {
  const { out } = await box.ok(["queue", "list", "--json"], { cwd });
  return JSON.parse(out).map(({ item, state }: Record<string, string>) => `${item} ${state}`);
}

Deno.test("a queue's folder was removed: nothing is said to be empty, and nobody else is hit", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  await box.ok([...AD_HOC, "first", "--", "true"], { cwd });
  Deno.removeSync(queueOf(cwd), { recursive: true });
  await t.step("what was in it is unknown", async () => {
    deepEqual(await itemsOf(box, cwd), ["first/0 unknown"]);
  });
  await t.step(
    "a job that has its number now is not cancelled, held or killed in its place",
    async () => {
      await box.ok([...AD_HOC, "second", "--", "true"], { cwd });
      const { runs: [run] } = await statusOf(box, cwd, "first");
      match(
        run.stages.train.reason,
        /^job 1 is second\.train\.0-\S+ now: its number was given out/,
      );
      equal(run.stages.train.job, undefined);
      const { out, err } = await box.ok(["cancel", "first"], { cwd });
      equal(out, "first: asked to cancel 1 runs\n");
      match(err, /^warning: no job is known for 1 of them: nobody was asked/);
      deepEqual(await itemsOf(box, cwd), ["second/0 queued"]);
    },
  );
});

Deno.test("the local scheduler's folder was removed: a job with the same number is not cancelled", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  for (const id of ["first", "second"]) {
    writeExperiment(cwd, id, "command: sleep 60\nargs: none\n");
    await box.ok(["submit", id], { cwd });
    const { runs: [run] } = await statusOf(box, cwd, id);
    equal(run.stages.train.job, "1");
    if (id === "second") break;
    await box.ok(["local", "stop", "--cancel"], { cwd });
    Deno.removeSync(join(cwd, ".expflow", "local"), { recursive: true });
  }
  await box.ok(["cancel", "first"], { cwd });
  const { runs: [run] } = await statusOf(box, cwd, "second");
  match(run.state, /^(pending|running)$/);
});

Deno.test("what a kill did not reach is not called killed: the queue is removed meanwhile", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  await box.ok([...AD_HOC, "gone", "--", "sleep", "60"], { cwd });
  const worker = spawnWorker(box, cwd);
  for (let state = ""; state !== "running";) {
    ({ state } = (await statusOf(box, cwd, "gone")).runs[0]);
  }
  worker.kill("SIGSTOP");
  const killed = box.run(["queue", "kill", "gone", "--patience", "5s"], { cwd });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  Deno.removeSync(queueOf(cwd), { recursive: true });
  const { code, out, err } = await killed;
  deepEqual([code, out], [1, ""]);
  match(err, /gone\/0 was not killed: it is unknown|gone\/0 is not over yet/);
  worker.kill("SIGKILL");
  await Promise.all([worker.status, worker.stdout.cancel(), worker.stderr.cancel()]);
});

Deno.test("what is unknown cannot be held", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  await box.ok([...AD_HOC, "first", "--", "true"], { cwd });
  Deno.removeSync(queueOf(cwd), { recursive: true });
  const { code, err } = await box.run(["queue", "hold", "first"], { cwd });
  equal(code, 5);
  match(err, /^error: Cannot hold first: it is unknown\nhint: /);
});

Deno.test("a worker that leaves says what it could not take, and does not begin with no CPU", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  await box.ok([...AD_HOC, "big", "--gpus", "9", "--", "true"], { cwd });
  const { err } = await box.ok(["worker", "--linger", "0"], { cwd });
  match(
    err,
    /leaves: empty\nwarning: 1 run waits for more CPUs, GPUs or time than this worker has/,
  );
  const none = await box.run(["worker", "--cpus", "0"], { cwd });
  equal(none.code, 2);
  match(none.err, /^error: Cannot work with 0 CPUs: a run needs one at least\n/);
  const preview = await box.ok(["launch", "--dry-run"], { cwd });
  match(
    preview.err,
    /0 items wait for such workers; .*\nnothing would be submitted now: 1 items wait/,
  );
});

Deno.test("a queue of another version, or none, is refused in one line", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  await box.ok(["queue", "init"], { cwd });
  const cases: [string, RegExp][] = [
    ['{"version":0}', /version 0, not 1\nhint: an older expflow wrote it/],
    ['{"version":2}', /version 2, not 1\nhint: a newer expflow wrote it/],
    ["", /queue\.json holds no version\nhint: /],
    ["null", /queue\.json holds no version\nhint: /],
    ["{", /queue\.json holds no version\nhint: /],
  ];
  for (const [text, expected] of cases) {
    await t.step(JSON.stringify(text), async () => {
      Deno.writeTextFileSync(join(queueOf(cwd), "queue.json"), text);
      const { code, err } = await box.run(["queue", "list"], { cwd });
      equal(code, 6);
      match(err, expected);
      equal(err.trimEnd().split("\n").length, 2);
    });
  }
});

Deno.test("orders for fleets that are not there are not silent", async (t) => {
  await using box = new Sandbox();
  const cwd = await box.project();
  for (const args of [["stop"], ["drain"], ["keep", "--once"], ["keep"]]) {
    await t.step(args.join(" "), async () => {
      const { out, err } = await box.ok(["launch", ...args], { cwd });
      deepEqual([out, err], ["", "there are no fleets; `expflow launch` makes one\n"]);
    });
  }
  const logs = await box.ok(["launch", "logs"], { cwd });
  deepEqual([logs.out, logs.err], ["", "no logs are there yet\n"]);
});

Deno.test("an agent whose allocation is over does not work any more, whatever it said last", async () => {
  await using box = new Sandbox();
  const cwd = await box.project();
  await box.ok([...AD_HOC, "short", "--time", "1m", "--", "true"], { cwd });
  await box.ok(["launch", "--time", "1h", "--linger", "0"], { cwd });
  await box.ok(["launch", "keep", "--poll", "1s"], { cwd });
  const folder = join(queueOf(cwd), "agents");
  const [{ name: id }] = [...Deno.readDirSync(folder)] as [Deno.DirEntry];
  const path = join(folder, id, "status.json");
  const said = JSON.parse(Deno.readTextFileSync(path));
  const killed = (updated: number) => ({
    ...said,
    updated,
    why: undefined,
    state: "working",
    slots: said.slots.map((slot: object) => ({ ...slot, state: "working" })),
  });
  Deno.writeTextFileSync(path, JSON.stringify(killed(said.updated)));
  const [{ agents: [lost] }] = JSON.parse(
    (await box.ok(["launch", "status", "--json"], { cwd })).out,
  );
  deepEqual([lost.state, lost.working, lost.why], [
    "lost",
    0,
    "its allocation is over: COMPLETED",
  ]);
  const elsewhere = { ...killed(said.updated - 60), allocation: undefined };
  Deno.writeTextFileSync(path, JSON.stringify(elsewhere));
  match((await box.ok(["launch", "status"], { cwd })).out, / working +\?\/1 .* silent for \d+ s/);
});
