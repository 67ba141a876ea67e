import { equal, match, ok } from "node:assert/strict";
import { GeminiServer, reply } from "../integrations/gemini_server.ts";
import { Sandbox } from "./harness.ts";

const KEY = "test-key-123";

Deno.test("advise --ai: an AI's words come after our numbers, and are marked", async (t) => {
  await using server = new GeminiServer();
  await using box = new Sandbox();
  Object.assign(box.env, { GEMINI_API_KEY: KEY, GOOGLE_GEMINI_BASE_URL: server.url });
  const advise = (...args: string[]) => box.ok(["advise", "--gpus", "2", ...args]);

  await t.step("on the terminal, and no codes of the answer reach it", async () => {
    server.answer = { body: reply("Take \u001b[31mone\u001b[0m GPU.\nIt fits.") };
    const { out } = await advise("--ai", "--global-batch", "64");
    match(out, /batch: 32 a GPU[^]*\nAI output \(gemini, gemini-flash-latest; not measured/);
    match(out, /\n {2}Take one GPU\.\n {2}It fits\.\n$/);
  });
  await t.step("as JSON, beside the numbers", async () => {
    const { ai, kind } = JSON.parse((await advise("--ai", "--json")).out);
    equal(kind, "machine");
    equal(ai.text, "Take \u001b[31mone\u001b[0m GPU.\nIt fits.");
  });
  await t.step("an error is a warning on stderr, and no advice", async () => {
    server.answer = { status: 429, body: { error: { message: `quota of ${KEY}` } } };
    const { out, err } = await advise("--ai");
    ok(!out.includes("AI output") && !`${out}${err}`.includes(KEY), out);
    match(err, /warning: no AI advice: .*429: quota of \*\*\*\nhint: .*quota/);
    const { ai } = JSON.parse((await advise("--ai", "--json")).out);
    equal(ai.text, undefined);
    match(ai.failure.message, /429/);
  });
  await t.step("--show-prompt sends nothing", async () => {
    const before = server.seen.length;
    const { out } = await advise("--show-prompt", "--ai");
    match(out, /^A researcher[^]*"machine"/);
    equal(server.seen.length, before);
  });
  await t.step("what was sent is what it shows, and the key is in no argument", async () => {
    server.answer = { body: reply("ok") };
    await advise("--ai");
    const { out } = await advise("--show-prompt");
    equal(server.seen.at(-1)!.body.contents[0]!.parts[0]!.text, out);
    equal(server.seen.at(-1)!.key, KEY);
    ok(server.seen.every(({ path }) => !path.includes(KEY)));
  });
  await t.step("without a key everything else is told", async () => {
    delete box.env.GEMINI_API_KEY;
    const { out, err } = await advise("--ai");
    match(out, /CPUs/i);
    match(err, /no AI advice: Cannot ask Gemini: GEMINI_API_KEY is not set\nhint: export/);
  });
  await t.step(
    "the project's model is asked; a provider that there is not is an error",
    async () => {
      box.env.GEMINI_API_KEY = KEY;
      const project = await box.project();
      await box.ok(["config", "set", "ai.model", "gemini-x"], { cwd: project });
      await box.ok(["advise", "--ai"], { cwd: project });
      match(server.seen.at(-1)!.path, /models\/gemini-x:/);
      await box.ok(["config", "set", "ai.provider", "oracle"], { cwd: project });
      const { code, err } = await box.run(["advise", "--ai"], { cwd: project });
      equal(code, 3);
      match(err, /Cannot ask "oracle" for advice: expected gemini/);
    },
  );
});
