import { equal, match } from "node:assert/strict";
import { labIsUp, LabUser } from "./lab.ts";

Deno.test({
  name:
    "quickstart --scheduler slurm, as an ordinary user: 18 runs, the table, the CSV and the plot",
  ignore: !labIsUp,
  async fn() {
    await using alice = await LabUser.login("alice");
    const { out, err } = await alice.ok(["quickstart", "--scheduler", "slurm"]);
    match(err, /submitted 18 runs to slurm/);
    match(out, /val_accuracy/);
    const csv = out.match(/^(.*results\.csv)$/m)![1]!;
    equal(Deno.readTextFileSync(csv).trimEnd().split("\n").length, 19);
    match(Deno.readTextFileSync(out.match(/^(.*\.svg)$/m)![1]!), /^<svg/);
  },
});
