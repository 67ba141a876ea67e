import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { labIsUp, LabUser } from "./lab.ts";

const ignore = !labIsUp;

const AUTO = `
command: "true"
snapshot: false
resources: {partition: auto, account: auto, cpus_per_task: 1, nodelist: cpu03, mem: 100M, time: 12m}
`;

// deno-lint-ignore no-explicit-any
function planOf(project: string, id: string): any {
  return JSON.parse(
    Deno.readTextFileSync(join(project, "generated_scripts", id, "001", "plan.json")),
  );
}

Deno.test(
  { name: "submit with auto: a place that this user may use, recorded", ignore },
  async () => {
    for (const name of ["alice", "bob"]) {
      await using user = await LabUser.login(name);
      const project = await user.project();
      user.write(project, "exp", AUTO);
      const { err } = await user.ok(["submit", "exp", "--wait"], project);
      equal(err.includes("error"), false, err);
      const plan = planOf(project, "exp");
      const { partition, account } = plan.config.stages[0].resources;
      equal(plan.config.stages[0].resources.partition === "auto", false);
      match(
        plan.decisions.join("\n"),
        new RegExp(`partition ${partition} with account ${account}`),
      );
      equal(plan.provenance["stages.train.resources.partition"], "chosen by the advisor");
      equal((await user.status(project, "exp")).runs[0].state, "completed");
    }
  },
);

Deno.test({ name: "submit with auto: what only alice may use is hers alone", ignore }, async () => {
  const only = AUTO.replace("time: 12m", "time: 8d");
  await using alice = await LabUser.login("alice");
  const hers = await alice.project();
  alice.write(hers, "long", only);
  await alice.ok(["submit", "long", "--dry-run"], hers);
  const told = await alice.ok(["submit", "long", "--dry-run", "--json"], hers);
  equal(JSON.parse(told.out).plan.config.stages[0].resources.partition, "vip");
  await using bob = await LabUser.login("bob");
  const his = await bob.project();
  bob.write(his, "long", only);
  const refused = await bob.run(["submit", "long"], his);
  equal(refused.code, 6, refused.err);
  match(refused.err, /Cannot choose a partition for long\/train: nothing fits for bob: /);
  match(refused.err, /vip: /);
  await using mallory = await LabUser.login("mallory");
  const theirs = await mallory.project();
  mallory.write(theirs, "long", only);
  const none = await mallory.run(["submit", "long"], theirs);
  equal(none.code, 6, none.err);
  match(none.err, /mallory has no association on testcluster/);
});

Deno.test({ name: "submit --race: one job in several partitions", ignore }, async () => {
  await using alice = await LabUser.login("alice");
  const project = await alice.project();
  alice.write(project, "exp", AUTO.replace("time: 12m", "time: 5m"));
  await alice.ok(["submit", "exp", "--race", "--wait"], project);
  const { config: { stages: [{ resources }] }, decisions } = planOf(project, "exp");
  ok(resources.partition.split(",").length >= 2, resources.partition);
  match(decisions.join("\n"), /races in .*short/);
});
