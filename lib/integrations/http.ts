import { ProviderError } from "./advice_provider.ts";

/** A question to a service. */
export interface Post {
  /** How messages name the service. */
  name: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
  timeoutMs: number;
  /** Never told, whatever the service answers. */
  secret: string;
}

/** What a service answered. */
export interface Replied {
  status: number;
  json: unknown;
}

/**
 * Asks a service once. A redirection is not followed: the key is for that address alone.
 *
 * @throws {ProviderError} where there is no connection, no answer in time, or one that is no JSON.
 */
export async function post(
  { name, url, headers, body, timeoutMs, secret }: Post,
): Promise<Replied> {
  if (!URL.canParse(url)) {
    throw new ProviderError(`Cannot ask ${name}: ${JSON.stringify(url)} is no address`, {
      hint: "it begins with https://",
    });
  }
  const { status, text } = await answered({ name, url, headers, body, timeoutMs });
  try {
    return { status, json: JSON.parse(text.replaceAll(secret, "***")) };
  } catch {
    throw new ProviderError(`Cannot use ${name}'s answer: it is no JSON (status ${status})`, {
      hint: `is ${new URL(url).origin} the service, and not a proxy's page?`,
    });
  }
}

async function answered(
  { name, url, headers, body, timeoutMs }: Omit<Post, "secret">,
): Promise<{ status: number; text: string }> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const reply = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      redirect: "error",
      signal,
    });
    return { status: reply.status, text: await reply.text() };
  } catch (cause) {
    if (signal.aborted) {
      throw new ProviderError(`Cannot ask ${name}: no answer in ${timeoutMs / 1000} s`, {
        hint: "try again later; everything else was told without it",
        cause,
      });
    }
    throw new ProviderError(`Cannot ask ${name}: ${new URL(url).host} cannot be reached`, {
      hint: "many nodes have no internet: try it on a login node, or set HTTPS_PROXY",
      cause,
    });
  }
}
