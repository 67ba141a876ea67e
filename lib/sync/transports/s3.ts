import { createHash } from "node:crypto";
import type { Destination } from "../../core/destinations.ts";
import { eachOf } from "../each.ts";
import { problemOf, readBlocks } from "../reading.ts";
import type { TransportPorts } from "../transports.ts";
import { DestinationError, type Listed, type Outcome } from "../transport.ts";
import type { Source, Transport } from "../transport.ts";
import { S3Client } from "./s3_client.ts";
import { PART, S3Parts, SUM_HEADER } from "./s3_parts.ts";

const AT_ONCE = 8;

/**
 * A bucket. An object appears when it is whole; the service compares every request with the checksum
 * that it is signed with, and keeps that of the file beside it.
 */
export class S3Transport implements Transport {
  readonly #client: S3Client;
  readonly #parts: S3Parts;
  readonly #options: { atOnce: number; signal?: AbortSignal };

  constructor(
    readonly to: Extract<Destination, { kind: "s3" }>,
    { target, folder, env, signal }: TransportPorts,
  ) {
    this.#client = new S3Client(to.bucket, target, env, signal);
    this.#parts = new S3Parts(this.#client, folder);
    this.#options = { atOnce: AT_ONCE, signal };
  }

  #key(path: string): string {
    return [this.to.prefix, path].filter(Boolean).join("/");
  }

  /** Reading the manifest, which comes first, says whether the bucket can be used. */
  async prepare(): Promise<void> {}

  async hashes(files: readonly Listed[], reread = false): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    await eachOf(files, this.#options, async ({ path, bytes }) => {
      const key = this.#key(path);
      const reply = await this.#client.ask({ method: reread ? "GET" : "HEAD", key });
      if (!reply) return;
      const size = Number(reply.headers.get("content-length"));
      const sum = reread ? await hashOf(reply) : reply.headers.get(SUM_HEADER);
      if (sum && (bytes ?? size) === size) found.set(path, sum);
    });
    return found;
  }

  async send(files: readonly Source[], tell: (outcome: Outcome) => void): Promise<void> {
    await eachOf(files, this.#options, async (file) => {
      try {
        const key = this.#key(file.path);
        const sha256 = file.upTo > PART
          ? await this.#parts.send(file, key)
          : await this.#put(file, key);
        tell({ file, sha256 });
      } catch (error) {
        this.#options.signal?.throwIfAborted();
        if (error instanceof DestinationError) throw error;
        tell({ file, problem: problemOf(error, "was not taken") });
      }
    });
  }

  async #put(file: Source, key: string): Promise<string> {
    const body = new Uint8Array(file.upTo);
    const sum = await readBlocks(file, (block, offset) => body.set(block, offset));
    const reply = await this.#client.ask({
      method: "PUT",
      key,
      body,
      headers: { [SUM_HEADER]: sum },
    });
    await reply?.body?.cancel();
    if (!reply) throw new Error("there is no such key");
    return sum;
  }

  async read(path: string): Promise<string | undefined> {
    return await (await this.#client.ask({ method: "GET", key: this.#key(path) }))?.text();
  }

  async write(path: string, text: string): Promise<void> {
    const body = new TextEncoder().encode(text);
    const reply = await this.#client.ask({ method: "PUT", key: this.#key(path), body });
    await reply?.body?.cancel();
  }

  async finish(): Promise<void> {
    await this.#parts.drop();
  }
}

async function hashOf(reply: Response): Promise<string> {
  const hash = createHash("sha256");
  for await (const block of reply.body ?? []) hash.update(block);
  return hash.digest("hex");
}
