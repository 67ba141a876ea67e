import { createHash } from "node:crypto";
import { join } from "node:path";
import { sha256 } from "../../core/fingerprint.ts";
import { namesIn, readIfThere, removeIfThere, writeWhole } from "../../system/files.ts";
import { hashSource, NotSent, readBlocks } from "../reading.ts";
import type { Source } from "../transport.ts";
import type { S3Client } from "./s3_client.ts";

/** Smaller files go in one request. */
export const PART = 16 * 1024 * 1024;
/** S3 takes 10,000 parts. */
const MOST_PARTS = 9000;
/** Where the checksum of a whole object is kept with it. */
export const SUM_HEADER = "x-amz-meta-sha256";

/** An upload that was begun. */
interface Upload {
  key: string;
  id: string;
}

/** Large files, in parts; an upload that was interrupted goes on. It appears when it is whole. */
export class S3Parts {
  readonly #folder: string;

  /** @param folder keeps which uploads were begun. */
  constructor(readonly client: S3Client, folder: string) {
    this.#folder = join(folder, "uploads");
  }

  /** @returns SHA-256 of what was sent. */
  async send(file: Source, key: string): Promise<string> {
    const sum = await hashSource(file);
    const note = join(this.#folder, sha256(JSON.stringify([key, sum])));
    const { upload, parts } = await this.#upload(note, key, sum);
    const etags: string[] = [];
    const size = Math.max(PART, Math.ceil(file.upTo / MOST_PARTS));
    const buffer = new Uint8Array(Math.min(size, file.upTo));
    let filled = 0;
    const put = async () => {
      const body = buffer.subarray(0, filled);
      etags.push(await this.#part(upload, etags.length + 1, body, parts));
      filled = 0;
    };
    const seen = await readBlocks(file, async (block) => {
      for (let done = 0; done < block.length;) {
        const count = Math.min(block.length - done, buffer.length - filled);
        buffer.set(block.subarray(done, done + count), filled);
        filled += count;
        done += count;
        if (filled === buffer.length) await put();
      }
    });
    if (filled > 0) await put();
    if (seen !== sum) throw new NotSent({ reason: "changed while it was sent", changing: true });
    await this.#complete(upload, etags);
    removeIfThere(note);
    return sum;
  }

  /** The upload that was begun for this very content, with its parts; else a new one. */
  async #upload(
    note: string,
    key: string,
    sum: string,
  ): Promise<{ upload: Upload; parts: Map<number, string> }> {
    const kept = readIfThere(note);
    if (kept !== undefined) {
      const upload = JSON.parse(kept) as Upload;
      const parts = await this.#partsOf(upload).catch(() => undefined);
      if (parts) return { upload, parts };
    }
    const reply = await this.client.ask({
      method: "POST",
      key,
      query: { uploads: "" },
      headers: { [SUM_HEADER]: sum },
    });
    const [[id] = []] = reply ? await this.client.elements(reply, "UploadId") : [];
    if (!id) throw new NotSent({ reason: "was refused: no upload was begun" });
    writeWhole(note, JSON.stringify({ key, id }));
    return { upload: { key, id }, parts: new Map() };
  }

  async #partsOf({ key, id }: Upload): Promise<Map<number, string> | undefined> {
    const parts = new Map<number, string>();
    for (let marker = "0"; marker !== "";) {
      const query = { uploadId: id, "part-number-marker": marker };
      const reply = await this.client.ask({ method: "GET", key, query });
      if (!reply) return undefined;
      const [numbers = [], etags = [], [more] = [], [next = ""] = []] = await this.client.elements(
        ...[reply, "PartNumber", "ETag", "IsTruncated", "NextPartNumberMarker"] as const,
      );
      numbers.forEach((number, at) => parts.set(Number(number), plain(etags[at])));
      marker = more === "true" ? next : "";
    }
    return parts;
  }

  async #part(
    { key, id }: Upload,
    number: number,
    body: Uint8Array<ArrayBuffer>,
    parts: ReadonlyMap<number, string>,
  ): Promise<string> {
    const md5 = createHash("md5").update(body).digest("hex");
    if (parts.get(number) === md5) return md5;
    const query = { partNumber: String(number), uploadId: id };
    const reply = await this.client.ask({ method: "PUT", key, query, body });
    await reply?.body?.cancel();
    const etag = plain(reply?.headers.get("etag") ?? "");
    if (etag === "") throw new NotSent({ reason: `part ${number} was not taken` });
    return etag;
  }

  async #complete({ key, id }: Upload, etags: readonly string[]): Promise<void> {
    const parts = etags.map((etag, at) =>
      `<Part><PartNumber>${at + 1}</PartNumber><ETag>"${etag}"</ETag></Part>`
    );
    const body = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
    const reply = await this.client.ask({
      method: "POST",
      key,
      query: { uploadId: id },
      body: new TextEncoder().encode(body),
    });
    if (!reply) throw new NotSent({ reason: "its upload is gone there" });
    await this.client.elements(reply);
  }

  /** Ends uploads that nobody goes on with: their parts cost money. */
  async drop(): Promise<void> {
    for (const name of namesIn(this.#folder)) {
      const { key, id } = JSON.parse(readIfThere(join(this.#folder, name)) ?? "{}") as Upload;
      const reply = await this.client.ask({ method: "DELETE", key, query: { uploadId: id } })
        .catch(() => undefined);
      await reply?.body?.cancel();
      removeIfThere(join(this.#folder, name));
    }
  }
}

function plain(etag = ""): string {
  return etag.replaceAll(/^"|"$|&quot;/g, "");
}
