import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { gemini } from "../../lib/integrations/gemini.ts";
import { ProviderError } from "../../lib/integrations/advice_provider.ts";
import { adviceProvider } from "../../lib/integrations/providers.ts";
import { type Answer, GeminiServer, reply } from "./gemini_server.ts";

const KEY = "test-key-123";

Deno.test("gemini() sends the prompt, the key in a header, to the model that is set", async () => {
  await using server = new GeminiServer();
  const { text, cut } = await gemini({ env: server.env(), model: "gemini-x" }).advise("Where?");
  deepEqual({ text, cut }, { text: "Take a100.", cut: false });
  const [{ path, key, body }] = server.seen as [typeof server.seen[0]];
  equal(path, "/v1beta/models/gemini-x:generateContent");
  equal(key, KEY);
  equal(body.contents[0]!.parts[0]!.text, "Where?");
});

const error = (code: number, message: string, status: string) => ({
  status: code,
  body: { error: { code, message, status } },
});

const CASES: Record<string, { answer: Answer; message: RegExp; hint?: RegExp }> = {
  "a key that is not valid": {
    answer: error(
      400,
      `API key not valid: ${KEY}.\nPlease pass a valid API key.`,
      "INVALID_ARGUMENT",
    ),
    message: /answered 400: API key not valid: \*\*\*\. Please/,
    hint: /GEMINI_API_KEY/,
  },
  "a model that there is not": {
    answer: error(404, "models/x is not found", "NOT_FOUND"),
    message: /answered 404: models\/x is not found/,
    hint: /ai\.model/,
  },
  "no quota": {
    answer: error(429, "You exceeded your current quota", "RESOURCE_EXHAUSTED"),
    message: /answered 429/,
    hint: /quota/,
  },
  "a server in trouble": {
    answer: error(500, "internal", "INTERNAL"),
    message: /answered 500: internal/,
    hint: /later/,
  },
  "no answer in time": { answer: "hang", message: /no answer in 0\.2 s/ },
  "a redirection": { answer: "redirect", message: /cannot be reached/ },
  "no JSON": { answer: { raw: "<html>Log in to the hotel</html>" }, message: /it is no JSON/ },
  "JSON that was cut": { answer: { raw: '{"candidates": [' }, message: /it is no JSON/ },
  "another form": { answer: { body: { candidates: "many" } }, message: /not in the form/ },
  "no candidates": { answer: { body: { candidates: [] } }, message: /it is empty/ },
  "a candidate without text": {
    answer: { body: { candidates: [{ finishReason: "STOP" }] } },
    message: /it is empty/,
  },
  "a blocked prompt": {
    answer: { body: { promptFeedback: { blockReason: "SAFETY" } } },
    message: /stopped by SAFETY/,
  },
  "an answer stopped half way": {
    answer: { body: reply("Take", "SAFETY") },
    message: /stopped by SAFETY/,
  },
};

Deno.test("gemini() has one line and a hint for what is no advice, and never tells the key", async (t) => {
  await using server = new GeminiServer();
  const provider = gemini({ env: server.env(KEY), timeoutMs: 200 });
  for (const [name, { answer, message, hint }] of Object.entries(CASES)) {
    await t.step(name, async () => {
      server.answer = answer;
      await rejects(provider.advise("Where?"), (caught) => {
        ok(caught instanceof ProviderError, String(caught));
        match(caught.message, message);
        ok(!caught.message.includes("\n") && !caught.message.includes(KEY), caught.message);
        if (hint) match(caught.hint ?? "", hint);
        return true;
      });
    });
  }
});

Deno.test("gemini() without a key, with one that cannot be, or with no network, asks nobody", async (t) => {
  await using server = new GeminiServer();
  for (const key of ["", "  ", "two\nlines", "schlüssel"]) {
    await t.step(JSON.stringify(key), async () => {
      await rejects(gemini({ env: server.env(key) }).advise("Where?"), /GEMINI_API_KEY/);
    });
  }
  equal(server.seen.length, 0);
  const at = (address: string) => (name: string) => name === "GEMINI_API_KEY" ? KEY : address;
  await t.step("nobody listens", async () => {
    await rejects(gemini({ env: at("http://127.0.0.1:1") }).advise("?"), /127\.0\.0\.1:1 cannot/);
  });
  await t.step("no address", async () => {
    await rejects(gemini({ env: at("nowhere") }).advise("?"), /is no address/);
  });
});

Deno.test("gemini() says where an answer was cut, and leaves thoughts out", async () => {
  await using server = new GeminiServer();
  const parts = [{ text: "hm", thought: true }, { text: "Take " }, { text: "h100." }];
  server.answer = { body: { candidates: [{ content: { parts }, finishReason: "MAX_TOKENS" }] } };
  const said = await gemini({ env: server.env() }).advise("?");
  deepEqual(said, { text: "Take h100.", cut: true });
});

Deno.test("adviceProvider() knows its providers by name", () => {
  equal(adviceProvider({ env: () => undefined }).name, "gemini");
  throws(
    () => adviceProvider({ provider: "gemni", env: () => undefined }),
    /expected gemini/,
  );
});
