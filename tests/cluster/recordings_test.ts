import { deepEqual, equal, match, ok } from "node:assert/strict";
import { clusterCapacities, freeNodes } from "../../lib/cluster/capacity.ts";
import { accountingQuestions } from "../../lib/cluster/probes/accounting.ts";
import { accountsQuestion, parseAccounts } from "../../lib/cluster/probes/accounts.ts";
import { parseQosLimits } from "../../lib/cluster/probes/limits.ts";
import { parseNodeUse } from "../../lib/cluster/probes/node_use.ts";
import { parseStanding } from "../../lib/cluster/probes/standing.ts";
import { readStartEstimate } from "../../lib/schedulers/slurm/refusals.ts";
import { testStartCommand } from "../../lib/schedulers/slurm/test_start.ts";
import { fixture, versions } from "../schedulers/slurm_fixtures.ts";

for (const version of versions) {
  Deno.test(`recordings of ${version}: two of eight a100 are taken by alice`, () => {
    const text = (name: string) => fixture(version, name).reply.stdout;
    const total = clusterCapacities(freeNodes(parseNodeUse(text("advice-nodes"))!));
    const a100 = total.find(({ gpuType }) => gpuType === "a100");
    deepEqual([a100?.freeGpus, a100?.gpus], [6, 8]);
    const { accounts, qos } = parseStanding(text("advice-standing"), "alice")!;
    const capped = accounts.find(({ account, user }) => account === "capped" && !user);
    deepEqual([capped?.group.cpu?.max, capped?.parent], [8, "root"]);
    equal(qos.find(({ name }) => name === "normal")?.usedByUser["gres/gpu:a100"], 2);
    const limit = parseQosLimits(text("advice-qos"))!.find(({ name }) => name === "gpulimit");
    deepEqual(limit?.perUser, { "gres/gpu": 2 });
  });

  Deno.test(`recordings of ${version}: when a job would start, and why not`, () => {
    const start = (name: string) => {
      const { argv, reply } = fixture(version, `advice-start-${name}`);
      deepEqual(argv, testStartCommand([]).argv);
      return readStartEstimate(reply);
    };
    const now = start("now");
    ok(now.kind === "start" && now.epoch > 1_795_000_000 && now.nodes === "cpu01", now.kind);
    const gpus = start("gpus");
    equal(gpus.kind === "start" && gpus.nodes, "gpu04");
    const large = start("refused-gpus");
    match(large.kind === "refused" ? large.reason : "", /node configuration is not available/);
    const charged = start("refused-account");
    match(charged.kind === "refused" ? charged.reason : "", /Invalid account/);
  });

  Deno.test(`recordings of ${version}: one sacctmgr tells accounts and QOS, or that there are none`, () => {
    const read = (user: string) => {
      const { argv, reply: { stdout } } = fixture(version, `env-accounting-${user}`);
      const { accounts, qos } = accountingQuestions(user);
      deepEqual([argv, argv], [accounts.argv, qos.argv]);
      deepEqual(accounts.stdin, qos.stdin);
      const alone = fixture(version, `env-accounts-${user}`).reply.stdout;
      deepEqual(byAccount(accounts.parse(stdout)!), byAccount(parseAccounts(alone)!));
      deepEqual(qos.parse(stdout), parseQosLimits(text("advice-qos")));
      return accounts.parse(stdout)!;
    };
    const text = (name: string) => fixture(version, name).reply.stdout;
    equal(read("alice").find(({ isDefault }) => isDefault)?.account, "astro");
    deepEqual(read("mallory"), []);
  });
}

function byAccount<T extends { account: string }>(some: T[]): T[] {
  return some.toSorted((a, b) => a.account.localeCompare(b.account));
}

Deno.test("one sacctmgr for two questions: what is no answer is none", async (t) => {
  const { accounts, qos } = accountingQuestions("alice");
  const row = "c|astro||normal|normal|astro";
  const table: [string, string, number | undefined, number | undefined][] = [
    ["nothing at all", "", undefined, undefined],
    ["only prompts", "sacctmgr: \n", undefined, undefined],
    ["it stopped before the QOS", `${row}\nsacctmgr: `, undefined, undefined],
    ["the prompt before a row", `sacctmgr: ${row}\nsacctmgr: normal||||\n`, 1, 1],
    ["codes of a terminal", `\x1b[?2004h${row}\n\x1b[?2004lnormal||||\n`, 1, 1],
    ["no account", "sacctmgr: normal||||\nsacctmgr: ", 0, 1],
  ];
  for (const [name, text, some, limits] of table) {
    await t.step(name, () => {
      deepEqual([accounts.parse(text)?.length, qos.parse(text)?.length], [some, limits]);
    });
  }
  await t.step("a name that would be more than a name is asked about apart", () => {
    for (const user of ["a b", "x\ndelete user alice", "-i", "ex;it", ""]) {
      const { accounts: question } = accountingQuestions(user);
      equal(question.stdin, undefined);
      deepEqual(question, { ...accountsQuestion(user) });
    }
  });
});
