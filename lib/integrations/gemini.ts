import { z } from "zod";
import { type AdviceProvider, ProviderError, type WrittenAdvice } from "./advice_provider.ts";
import { post, type Replied } from "./http.ts";

/** The name that Google moves on to its current fast model: a number would be retired. */
const DEFAULT_MODEL = "gemini-flash-latest";
const KEY = "GEMINI_API_KEY";
/** Google's own libraries take the address of a gateway from this variable. */
const ADDRESS = "GOOGLE_GEMINI_BASE_URL";
const GOOGLE = "https://generativelanguage.googleapis.com";
const TIMEOUT_MS = 60_000;
const MOST_TOKENS = 4096;

const REPLY = z.object({
  candidates: z.array(z.object({
    content: z.object({
      parts: z.array(z.object({ text: z.string().optional(), thought: z.boolean().optional() }))
        .optional(),
    }).optional(),
    finishReason: z.string().optional(),
  })).optional(),
  promptFeedback: z.object({ blockReason: z.string().optional() }).optional(),
});
const COMPLAINT = z.object({ error: z.object({ message: z.string() }) });

/** What a provider is made with. */
export interface GeminiOptions {
  /** Google's current fast model unless told. */
  model?: string;
  /** Where the key and the address come from. */
  env: (name: string) => string | undefined;
  /** How long an answer may take, in milliseconds. */
  timeoutMs?: number;
}

/** Google's Gemini, over its REST interface. The key travels in a header and is never told. */
export function gemini(
  { model = DEFAULT_MODEL, env, timeoutMs = TIMEOUT_MS }: GeminiOptions,
): AdviceProvider {
  return {
    name: "gemini",
    model,
    async advise(prompt) {
      const key = keyOf(env);
      const base = (env(ADDRESS) || GOOGLE).replace(/\/+$/, "");
      const reply = await post({
        name: "Gemini",
        url: `${base}/v1beta/models/${encodeURIComponent(model)}:generateContent`,
        headers: { "x-goog-api-key": key },
        body: {
          contents: [{ role: "user", parts: [{ text: prompt }] }],
          generationConfig: { temperature: 0, maxOutputTokens: MOST_TOKENS },
        },
        timeoutMs,
        secret: key,
      });
      return reply.status === 200 ? written(reply) : refused(reply, model);
    },
  };
}

function keyOf(env: GeminiOptions["env"]): string {
  const key = env(KEY)?.trim();
  if (key && /^[\x21-\x7e]+$/.test(key)) return key;
  throw new ProviderError(
    `Cannot ask Gemini: ${KEY} ${key ? "holds what no key has" : "is not set"}`,
    { hint: `export ${KEY} with a key of https://aistudio.google.com/apikey` },
  );
}

function written({ json }: Replied): WrittenAdvice {
  const { data } = REPLY.safeParse(json);
  if (!data) {
    throw new ProviderError("Cannot use Gemini's answer: it is not in the form of its interface");
  }
  const [first] = data.candidates ?? [];
  const parts = first?.content?.parts ?? [];
  const text = parts.flatMap((part) => part.thought ? [] : part.text ?? []).join("").trim();
  const reason = first?.finishReason ?? data.promptFeedback?.blockReason;
  if (text !== "" && (reason === undefined || reason === "STOP" || reason === "MAX_TOKENS")) {
    return { text, cut: reason === "MAX_TOKENS" };
  }
  throw new ProviderError(
    `Cannot use Gemini's answer: ${
      reason === undefined || reason === "STOP" ? "it is empty" : `it was stopped by ${reason}`
    }`,
    { hint: "ask again, or set another model: `expflow config set ai.model NAME`" },
  );
}

const HINTS: Record<number, string> = {
  400: `is ${KEY} right? \`--show-prompt\` shows what was sent`,
  401: `is ${KEY} right?`,
  403: `may this ${KEY} use this model, from this country?`,
  404: "set a model that there is: `expflow config set ai.model NAME`",
  429: "its quota is used up: wait a minute, or look at your plan",
};

function refused({ status, json }: Replied, model: string): never {
  const said = COMPLAINT.safeParse(json).data?.error.message;
  const what = said === undefined ? "" : `: ${oneLine(said)}`;
  throw new ProviderError(`Cannot ask Gemini (${model}): it answered ${status}${what}`, {
    hint: HINTS[status] ??
      (status >= 500 ? "it has a problem of its own: try again later" : undefined),
  });
}

const MOST_SAID = 200;

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > MOST_SAID ? `${line.slice(0, MOST_SAID)}…` : line;
}
