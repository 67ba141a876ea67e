/** A request that the server saw. */
export interface Seen {
  path: string;
  key: string | null;
  body: { contents: { parts: { text: string }[] }[] };
}

/** How the server answers. */
export type Answer = { status?: number; body: unknown } | { raw: string } | "hang" | "redirect";

/** A server on this machine that speaks Gemini's REST interface. */
export class GeminiServer implements AsyncDisposable {
  readonly seen: Seen[] = [];
  answer: Answer = { body: reply("Take a100.") };
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #waiting: (() => void)[] = [];

  constructor() {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      (request) => this.#handle(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Variables with which this server is asked. */
  env(key: string | undefined = "test-key-123"): (name: string) => string | undefined {
    const known: Record<string, string | undefined> = {
      GEMINI_API_KEY: key,
      GOOGLE_GEMINI_BASE_URL: this.url,
    };
    return (name) => known[name];
  }

  async #handle(request: Request): Promise<Response> {
    this.seen.push({
      path: new URL(request.url).pathname,
      key: request.headers.get("x-goog-api-key"),
      body: await request.json(),
    });
    const { answer } = this;
    if (answer === "hang") {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      return new Response();
    }
    if (answer === "redirect") return Response.redirect(`${this.url}/elsewhere`, 307);
    if ("raw" in answer) return new Response(answer.raw);
    return Response.json(answer.body, { status: answer.status ?? 200 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const go of this.#waiting) go();
    await this.#server.shutdown();
  }
}

/** What Gemini answers when all is well. */
export function reply(text: string, finishReason = "STOP"): unknown {
  return { candidates: [{ content: { role: "model", parts: [{ text }] }, finishReason }] };
}
