import { equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import type { SlurmAdvice } from "../../lib/advisor/advise.ts";
import { maskOf } from "../../lib/advisor/mask.ts";
import { adviseWithAi, aiPrompt } from "../../lib/manager/ai_advice.ts";
import { GeminiServer, reply } from "../integrations/gemini_server.ts";

const ADVICE: SlurmAdvice = {
  kind: "slurm",
  asked: 1_795_318_000,
  user: "alice",
  accounts: ["torch_pr_1_cds", "torch_pr_1", "root"],
  places: [{
    resources: {
      partition: "h200",
      account: "torch_pr_1_cds",
      qos: "alice",
      gpus: 2,
      comment: "for Carol",
      sbatch: ["--mail-user=alice@nyu.edu"],
    },
    partition: "h200",
    nodes: 1,
    gpusPerNode: 2,
    fittingNow: 1,
    start: { epoch: 1_795_318_060, seconds: 60, nodes: "secret01", source: "sbatch --test-only" },
    holds: [{
      limit: "GrpTRES cpu of account torch_pr_1",
      max: 8,
      used: 8,
      wanted: 2,
      never: false,
    }],
    cost: { billingHours: null, source: "no weights" },
    score: 0.5,
    terms: [{ name: "start", weight: 0.45, value: 0.9, why: "alice waits" }],
  }],
  rejected: [{
    partition: "vip",
    reason: "AllowAccounts does not name torch_pr_1_cds",
    source: "scontrol show partition",
  }],
  unknown: ["sacctmgr show user alice withassoc: no answer"],
};
const PRIVATE = ["alice", "torch_pr_1", "Carol", "nyu.edu", "secret01"];

Deno.test("aiPrompt() tells numbers and partitions, and no names unless asked to", () => {
  const prompt = aiPrompt(ADVICE);
  for (const word of PRIVATE) ok(!prompt.includes(word), word);
  match(prompt, /"start_in_s": 60/);
  match(prompt, /"billing_hours": null/);
  match(prompt, /GrpTRES cpu of account account-2/);
  match(prompt, /vip: AllowAccounts does not name account-1/);
  const real = aiPrompt(ADVICE, { unmasked: true });
  match(real, /"account": "torch_pr_1_cds"/);
  ok(!/Carol|nyu\.edu|secret01/.test(real));
});

Deno.test("adviseWithAi() gives the real names back to the reader", async () => {
  await using server = new GeminiServer();
  server.answer = { body: reply("Use account-1, not account-10, in h200.") };
  const { text } = await adviseWithAi(ADVICE, { env: server.env() });
  equal(text, "Use torch_pr_1_cds, not account-10, in h200.");
  ok(!JSON.stringify(server.seen).includes("alice"));
});

Deno.test("maskOf() hides every name, and shows it again", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_.+-]{0,59}[a-z0-9]$/);
  fc.assert(fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), (names) => {
    const { hide, show } = maskOf({ zzaccount: names });
    const text = names.join(" | ");
    const hidden = hide(text);
    return hidden.split(" | ").every((word) => /^zzaccount-\d+$/.test(word)) &&
      show(hidden) === text;
  }));
});
