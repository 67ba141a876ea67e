import { equal, match, ok } from "node:assert/strict";
import { labIsUp, LabUser } from "../lab.ts";

Deno.test(
  { name: "a predicted start is Slurm's own for the same job once it waits", ignore: !labIsUp },
  async () => {
    await using alice = await LabUser.login("alice");
    const project = await alice.project();
    const exp = (minutes: number) =>
      "command: sleep 600\nsnapshot: false\n" +
      "resources: {partition: gpu, gpus: 8, gpu_type: rtx8000, mem: 100M, " +
      `time: ${minutes}m}\n`;
    alice.write(project, "first", exp(7));
    alice.write(project, "second", exp(5));
    await alice.ok(["submit", "first"], project);
    const advice = JSON.parse(
      (await alice.ok(["advise", "--exp", "second", "--json"], project)).out,
    );
    const predicted = advice.places[0].start.epoch;
    await alice.ok(["submit", "second"], project);
    const { runs: [{ stages: { train } }] } = await alice.until(
      project,
      "second",
      ({ runs }) => runs[0].stages.train.expected !== undefined || runs[0].state === "running",
      60,
    );
    equal(train.state, "pending", JSON.stringify(train));
    const { out } = await alice.do([
      "env",
      "SLURM_TIME_FORMAT=%s",
      ...["squeue", "--start", "--noheader", `--jobs=${train.job}`, "--format=%S"],
    ]);
    const own = Number(out);
    // Slurm plans in steps of a minute, and its own answer moves with the clock
    ok(Math.abs(predicted - own) <= 60, `${predicted - own} s apart`);
    ok(Math.abs(train.expected - own) <= 60, `status is ${train.expected - own} s apart`);
    const report = JSON.parse((await alice.ok(["why", "second/0", "--json"], project)).out);
    equal(report.start.source, "squeue");
    match((await alice.ok(["why", "second/0"], project)).out, /to start in \d+ min by squeue's/);
    match((await alice.ok(["status", "second"], project)).out, /to start in \d+ min/);
    console.log(`predicted and own start are ${predicted - own} s apart`);
  },
);
