import assert from "node:assert/strict";
import { hasSecretShape, isSecret } from "../../lib/config/secrets.ts";

Deno.test("isSecret() goes by name and by shape", async (t) => {
  const x = "aB3dE6gH9jK2mN5pQ8sT";
  const cases: [string, string, boolean][] = [
    ["HF_TOKEN", "abc", true],
    ["WANDB_API_KEY", "abc", true],
    ["apiKey", "abc", true],
    ["DB_PASSWORD", "hunter2", true],
    ["AWS_SECRET", "abc", true],
    ["TOKENIZERS_PARALLELISM", "false", false],
    ["MAX_TOKENS", "4096", false],
    ["KEYS", "a,b", false],
    ["SSH_KEY_PATH", "/home/me/.ssh/id", false],
    ["USE_TOKEN", "true", false],
    ["MONKEY", "x", false],
    ["PAD_TOKEN", "", false],
    ["X", `sk-${x}`, true],
    ["X", `sk-proj-${x}`, true],
    ["X", `--token=ghp_${x}`, true],
    ["X", `hf_${x}`, true],
    ["X", `github_pat_${x}`, true],
    ["X", `glpat-${x}`, true],
    ["X", "AKIAIOSFODNN7EXAMPLE", true],
    ["X", `xoxb-1234567890-${x}`, true],
    ["X", "-----BEGIN OPENSSH PRIVATE KEY-----", true],
    ["X", "sk-learn-pipeline", false],
    ["X", "hf_transformers", false],
    ["X", "0.1", false],
    ["X", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", false],
  ];
  for (const [name, value, expected] of cases) {
    await t.step(`${name}=${value}`, () => assert.equal(isSecret(name, value), expected));
  }
  assert.equal(hasSecretShape("python train.py --lr 0.1"), false);
});
