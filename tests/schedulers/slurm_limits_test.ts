import { deepEqual, equal, ok } from "node:assert/strict";
import type { JobScope } from "../../lib/schedulers/scheduler.ts";
import {
  parseAccounts,
  parsePartitions,
  parseQos,
  parseUserAssociations,
  type QosRules,
  type SiteRules,
} from "../../lib/schedulers/slurm/accounting.ts";
import { parseQueued } from "../../lib/schedulers/slurm/queue_count.ts";
import { submitLimits } from "../../lib/schedulers/slurm/submit_limits.ts";
import { fixture, fixtureNames, versions } from "./slurm_fixtures.ts";

const recorded = versions.filter((version) => fixtureNames(version).includes("associations"));
ok(recorded.length > 0);

function rulesOf(version: string, user: "alice" | "bob"): SiteRules {
  const text = (name: string) => fixture(version, name).reply.stdout;
  const own = text(user === "alice" ? "associations" : "associations-inherited");
  const { associations, defaultAccount } = parseUserAssociations(own, user);
  return {
    user,
    associations: [...associations, ...parseAccounts(text("accounts"))],
    defaultAccount,
    qos: parseQos(text("qos")),
    partitions: parsePartitions(text("partitions")),
  };
}

function told(rules: SiteRules, scope: JobScope): string[] {
  return submitLimits(rules, scope).map(({ name, max }) => `${name} is ${max}`);
}

for (const version of recorded) {
  Deno.test(`limits on submission as ${version} tells them`, async (t) => {
    const table: [string, "alice" | "bob", JobScope, string[]][] = [
      ["none", "alice", {}, []],
      ["a QOS for each user", "alice", { qos: "limited" }, [
        "MaxSubmitJobsPerUser of QOS limited is 5",
      ]],
      ["an account", "alice", { account: "capped" }, ["GrpSubmitJobs of account capped is 6"]],
      ["both", "alice", { account: "capped", qos: "limited" }, [
        "MaxSubmitJobsPerUser of QOS limited is 5",
        "GrpSubmitJobs of account capped is 6",
      ]],
      ["every kind in one QOS", "alice", { account: "capped", qos: "capture" }, [
        "MaxSubmitJobsPerUser of QOS capture is 7",
        "MaxSubmitJobsPerAccount of QOS capture is 8",
        "GrpSubmitJobs of QOS capture is 9",
      ]],
      ["inherited from the account", "bob", {}, ["MaxSubmitJobs of bob in account biology is 11"]],
      ["the user's hidden by the QOS's", "bob", { qos: "limited" }, [
        "MaxSubmitJobsPerUser of QOS limited is 5",
      ]],
    ];
    for (const [name, user, scope, expected] of table) {
      await t.step(name, () => deepEqual(told(rulesOf(version, user), scope), expected));
    }
    await t.step("a line each task", () => {
      const queued = parseQueued(fixture(version, "queued").reply.stdout);
      equal(queued.length, 3);
      deepEqual(queued[0], { user: "alice", account: "astro", qos: "normal", partition: "cpu" });
    });
  });
}

Deno.test("submitLimits() ranks the partition's QOS, the job's, and the accounts", async (t) => {
  const none = { overPartition: false };
  const rules: SiteRules = {
    user: "eve",
    associations: [
      { account: "lab", user: "eve", maxSubmit: 40, defaultQos: "normal" },
      { account: "lab", user: "eve", partition: "fast", maxSubmit: 4 },
      { account: "lab", parent: "faculty", groupSubmit: 100 },
      { account: "other", parent: "faculty" },
      { account: "faculty", parent: "root", groupSubmit: 200 },
      { account: "root" },
    ],
    defaultAccount: "lab",
    qos: new Map<string, QosRules>([
      ["normal", { ...none, perUser: 30 }],
      ["long", { ...none, perUser: 20, overPartition: true }],
      ["imposed", { ...none, perUser: 10 }],
      ["free", none],
    ]),
    partitions: [
      { name: "cpu", isDefault: true },
      { name: "gpu", isDefault: false, qos: "imposed" },
      { name: "fast", isDefault: false },
    ],
  };
  const accounts = [
    "GrpSubmitJobs of account lab is 100",
    "GrpSubmitJobs of account faculty is 200",
  ];
  const perUser = (qos: string, max: number) => `MaxSubmitJobsPerUser of QOS ${qos} is ${max}`;
  const table: [string, JobScope, string[]][] = [
    ["the association's default QOS", {}, [perUser("normal", 30)]],
    ["the partition's goes first", { partition: "gpu" }, [perUser("imposed", 10)]],
    ["unless the job's says so", { partition: "gpu", qos: "long" }, [perUser("long", 20)]],
    ["several partitions: each", { partition: "cpu,gpu" }, [
      perUser("normal", 30),
      perUser("imposed", 10),
    ]],
    ["the association where no QOS limits", { qos: "free" }, [
      "MaxSubmitJobs of eve in account lab is 40",
    ]],
    ["the association of the partition", { partition: "fast" }, [
      "MaxSubmitJobs of eve in account lab is 4",
    ]],
  ];
  for (const [name, scope, expected] of table) {
    await t.step(name, () => {
      const found = told(rules, scope);
      deepEqual(found.filter((text) => !text.startsWith("Grp")), expected);
      deepEqual(found.filter((text) => text.startsWith("Grp")), accounts);
    });
  }
  await t.step("an account counts what is below it", () => {
    const faculty = submitLimits(rules, {}).find(({ name }) => name.endsWith("faculty"))!;
    deepEqual(faculty.counts, { accounts: ["lab", "other", "faculty"] });
  });
});
