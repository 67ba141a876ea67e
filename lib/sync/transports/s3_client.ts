import { AwsClient } from "aws4fetch";
import { createHash } from "node:crypto";
import type { SyncTarget } from "../../config/sync_block.ts";
import { sha256 } from "../../core/fingerprint.ts";
import { DestinationError } from "../transport.ts";
import { refused, unreachable } from "./s3_errors.ts";

/** One request. Its body is signed by checksum: a service refuses another one. */
export interface S3Request {
  method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Without the bucket. */
  key: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Uint8Array<ArrayBuffer>;
}

const LEAST_MS = 60_000;
/** Slower than that an answer is not waited for. */
const BYTES_PER_MS = 50;

/** A bucket of Amazon's, MinIO's, Ceph's or another service with S3's interface. */
export class S3Client {
  readonly #aws: AwsClient;
  readonly #base: string;
  readonly #secrets: string[];

  constructor(
    readonly bucket: string,
    readonly target: SyncTarget,
    env: (name: string) => string | undefined,
    readonly signal?: AbortSignal,
  ) {
    const { region, endpoint = `https://s3.${region}.amazonaws.com`, credentials } = target;
    const accessKeyId = keyOf(target, env, credentials.access_key);
    const secretAccessKey = keyOf(target, env, credentials.secret_key);
    const sessionToken = env(credentials.session_token)?.trim() || undefined;
    this.#secrets = [secretAccessKey, ...sessionToken ? [sessionToken] : []];
    this.#aws = new AwsClient({
      ...{ accessKeyId, secretAccessKey, sessionToken, region },
      ...{ service: "s3", retries: 0 },
    });
    this.#base = `${endpoint}/${bucket}`;
  }

  /**
   * The answer to a request; `undefined` where there is no such key.
   *
   * @throws {DestinationError} where there is none, or a refusal; {NotSent} when it is of this key.
   */
  async ask(request: S3Request): Promise<Response | undefined> {
    const { method, key, query = {}, body, headers = {} } = request;
    const path = key.split("/").map(encode).join("/");
    const words = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
    const url = `${this.#base}/${path}${words.length > 0 ? `?${words.join("&")}` : ""}`;
    const signed = await this.#aws.sign(url, {
      method,
      headers: { ...headers, ...sumsOf(body) },
      ...body ? { body } : {},
    });
    const timeout = AbortSignal.timeout(LEAST_MS + (body?.length ?? 0) / BYTES_PER_MS);
    const signal = AbortSignal.any([timeout, ...this.signal ? [this.signal] : []]);
    let reply: Response;
    try {
      reply = await fetch(signed, { redirect: "manual", signal });
    } catch (error) {
      this.signal?.throwIfAborted();
      throw unreachable(this.target.to, url, error);
    }
    if (reply.ok) return reply;
    const { code, message } = await errorIn(reply);
    if (reply.status === 404 && code !== "NoSuchBucket" && code !== "NoSuchUpload") {
      return undefined;
    }
    throw refused(this.target.to, { status: reply.status, code, message: this.#hidden(message) });
  }

  /**
   * The values of some elements of an answer, in their order.
   *
   * @throws what S3 tells with status 200 too.
   */
  async elements(reply: Response, ...names: string[]): Promise<string[][]> {
    const document = await parse(await reply.text());
    if (document.querySelector("Error")) {
      const [code, message] = ["Code", "Message"].map((name) => textOf(document, name));
      throw refused(this.target.to, {
        status: reply.status,
        code: code ?? "",
        message: this.#hidden(message ?? ""),
      });
    }
    return names.map((name) =>
      Array.from(document.getElementsByTagName(name), (found) => found.textContent ?? "")
    );
  }

  #hidden(text: string): string {
    return this.#secrets.reduce((told, secret) => told.replaceAll(secret, "***"), text);
  }
}

function keyOf(
  { to }: SyncTarget,
  env: (name: string) => string | undefined,
  name: string,
): string {
  const value = env(name)?.trim();
  if (value && /^[\x21-\x7e]+$/.test(value)) return value;
  throw new DestinationError(
    `Cannot send to ${to}: ${name} ${value ? "holds what no key has" : "is not set"}`,
    { hint: `export ${name}, or name another variable under credentials:` },
  );
}

/** Both are checked by the service before it takes anything. */
function sumsOf(body: Uint8Array = new Uint8Array()): Record<string, string> {
  const md5 = createHash("md5").update(body).digest("base64");
  return {
    "x-amz-content-sha256": sha256(body),
    ...body.length > 0 ? { "content-md5": md5 } : {},
  };
}

function encode(part: string): string {
  const hex = (found: string) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(part).replaceAll(/[!'()*]/g, hex);
}

async function errorIn(reply: Response): Promise<{ code: string; message: string }> {
  const document = await parse(await reply.text());
  return { code: textOf(document, "Code"), message: textOf(document, "Message") };
}

interface Xml {
  querySelector(name: string): { textContent: string | null } | null;
  getElementsByTagName(name: string): Iterable<{ textContent: string | null }>;
}

async function parse(text: string): Promise<Xml> {
  const { DOMParser } = await import("linkedom");
  return new DOMParser().parseFromString(text || "<none/>", "text/xml") as unknown as Xml;
}

function textOf(document: Xml, name: string): string {
  return document.querySelector(name)?.textContent?.replaceAll(/\s+/g, " ").trim() ?? "";
}
