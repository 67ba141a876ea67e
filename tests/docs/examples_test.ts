import { equal, match } from "node:assert/strict";
import { ROOT, Sandbox } from "../cli/harness.ts";

Deno.test("the examples in the documentation of the API run", async () => {
  await using box = new Sandbox();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--doc", "mod.ts", "lib/"],
    cwd: ROOT,
    clearEnv: true,
    env: { ...box.env, TMPDIR: box.root },
  }).output();
  const decoder = new TextDecoder();
  const out = decoder.decode(stdout);
  equal(code, 0, out + decoder.decode(stderr));
  match(out, /\b[1-9]\d* passed/);
});
