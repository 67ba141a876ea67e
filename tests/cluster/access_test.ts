import { deepEqual, equal } from "node:assert/strict";
import { accessByLists, type AccessFacts } from "../../lib/cluster/access.ts";
import { parseAccounts } from "../../lib/cluster/probes/accounts.ts";
import { configQuestion } from "../../lib/cluster/probes/config.ts";
import { parsePartitions, type Partition } from "../../lib/cluster/probes/partitions.ts";
import { fixture, versions } from "../schedulers/slurm_fixtures.ts";

const ENFORCING = { clusterName: "c", enforced: ["associations", "qos"], accounting: true };
const OPEN: Partition = {
  name: "p",
  state: "UP",
  isDefault: false,
  rootOnly: false,
  needsReservation: false,
};
const astro = { cluster: "c", account: "astro", qos: ["normal"], isDefault: true };

function facts(partition: Partial<Partition>, rest: Partial<AccessFacts> = {}): AccessFacts {
  return {
    user: "alice",
    host: "log-1",
    config: ENFORCING,
    accounts: [astro],
    groups: ["users"],
    partitions: [{ ...OPEN, ...partition }],
    ...rest,
  };
}

Deno.test("accessByLists() decides what lists can decide, and leaves the rest open", async (t) => {
  const table: [string, AccessFacts, string][] = [
    ["nothing forbids", facts({}), "allowed"],
    ["AllowAccounts has it", facts({ allowAccounts: ["astro", "x"] }), "allowed"],
    ["AllowAccounts may have its parent", facts({ allowAccounts: ["x"] }), "unknown"],
    ["DenyAccounts has it", facts({ denyAccounts: ["astro"] }), "denied"],
    ["DenyAccounts may have its parent", facts({ denyAccounts: ["x"] }), "unknown"],
    ["AllowQos has it", facts({ allowQos: ["normal"] }), "allowed"],
    ["AllowQos lacks it", facts({ allowQos: ["high"] }), "denied"],
    ["DenyQos has it", facts({ denyQos: ["normal"] }), "denied"],
    ["AllowGroups has one", facts({ allowGroups: ["staff", "users"] }), "allowed"],
    ["AllowGroups has none", facts({ allowGroups: ["staff"] }), "denied"],
    [
      "groups are not known",
      facts({ allowGroups: ["staff"] }, { groups: undefined }),
      "unknown",
    ],
    ["AllocNodes has another", facts({ allocNodes: ["log-9"] }), "unknown"],
    ["it is down", facts({ state: "DOWN" }), "allowed"],
    ["it is inactive", facts({ state: "INACTIVE" }), "denied"],
    ["it is drained", facts({ state: "DRAIN" }), "denied"],
    ["only root", facts({ rootOnly: true }), "denied"],
    ["only with a reservation", facts({ needsReservation: true }), "denied"],
    ["no association", facts({}, { accounts: [] }), "denied"],
    ["an association elsewhere", facts({}, { accounts: [{ ...astro, cluster: "d" }] }), "denied"],
    [
      "an association of another partition",
      facts({}, { accounts: [{ ...astro, partition: "q" }] }),
      "denied",
    ],
    ["accounts are not known", facts({}, { accounts: undefined }), "unknown"],
    ["the configuration is not known", facts({}, { accounts: [], config: undefined }), "unknown"],
    [
      "associations are not enforced",
      facts({}, { accounts: [], config: { ...ENFORCING, enforced: [] } }),
      "allowed",
    ],
    [
      "there is no accounting, but accounts decide",
      facts({ allowAccounts: ["x"] }, {
        config: { ...ENFORCING, accounting: false },
        accounts: [],
      }),
      "unknown",
    ],
  ];
  for (const [name, what, access] of table) {
    await t.step(name, () => {
      const cells = accessByLists(what);
      deepEqual(cells.map((cell) => cell.access), [access], cells[0]?.reason);
    });
  }
});

for (const version of versions) {
  Deno.test(`the lab of ${version}: alice and bob differ at vip`, () => {
    const reply = (name: string) => fixture(version, name).reply.stdout;
    const map = (user: string) =>
      accessByLists({
        user,
        host: "vm",
        config: configQuestion.parse(reply("env-config")),
        accounts: parseAccounts(reply(`env-accounts-${user}`)),
        groups: [user],
        partitions: parsePartitions(reply("env-partitions"))!,
      });
    const allowed = (user: string) =>
      new Set(
        map(user).filter(({ access }) => access === "allowed").map((cell) => cell.partition),
      );
    equal(allowed("alice").has("vip"), true);
    deepEqual([...allowed("bob")].sort(), ["a100", "cpu", "gpu", "preempt", "short"]);
    deepEqual(new Set(map("mallory").map(({ access }) => access)), new Set(["denied"]));
    const open = map("bob").filter(({ access }) => access === "unknown");
    deepEqual(open.map(({ partition, account, qos }) => [partition, account, qos]).sort(), [
      ["vip", "biology", "normal"],
      ["vip", "capped", "normal"],
    ]);
  });
}
