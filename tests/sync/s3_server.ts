import { createHash } from "node:crypto";
import { type SeenRequest, whyRefused } from "./sigv4.ts";

const md5 = (data: Uint8Array) => createHash("md5").update(data).digest("hex");

interface Stored {
  body: Uint8Array;
  sum: string | null;
}

/** What S3 does with one bucket, strictly: signatures, checksums, parts; in memory. */
export class S3Server implements AsyncDisposable {
  readonly keys = { id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
  readonly objects = new Map<string, Stored>();
  readonly uploads = new Map<string, { key: string; sum: string | null; parts: Uint8Array[] }>();
  /** Requests that were answered, as `PUT key`. */
  readonly log: string[] = [];
  /** Answers in the place of the usual. */
  fault?: (request: SeenRequest) => Response | undefined;
  readonly #server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => this.#answer(request),
  );

  constructor(readonly bucket = "results") {}

  get endpoint(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Objects by key, but expflow's own. */
  get texts(): Record<string, string> {
    const shown = [...this.objects].filter(([key]) => !key.includes(".expflow-sync/"));
    return Object.fromEntries(
      shown.map(([key, { body }]) => [key, new TextDecoder().decode(body)]),
    );
  }

  async #answer(request: Request): Promise<Response> {
    const [, path = "", query = ""] = /^https?:\/\/[^/]+([^?]*)\??(.*)$/.exec(request.url) ?? [];
    const { method, headers } = request;
    const body = new Uint8Array(await request.arrayBuffer());
    const seen = { method, path, query, headers };
    const why = whyRefused(seen, body, this.keys);
    if (why) return refusal(403, why);
    const fault = this.fault?.(seen);
    if (fault) return fault;
    const [bucket, ...parts] = path.slice(1).split("/").map(decodeURIComponent);
    if (bucket !== this.bucket) return refusal(404, "NoSuchBucket");
    this.log.push(`${method} ${parts.join("/")}`);
    return this.#act(method, parts.join("/"), new URLSearchParams(query), { headers, body });
  }

  #act(
    method: string,
    key: string,
    query: URLSearchParams,
    { headers, body }: { headers: Headers; body: Uint8Array },
  ): Response {
    const sum = headers.get("x-amz-meta-sha256");
    const id = query.get("uploadId");
    if (id !== null) return this.#part(method, id, Number(query.get("partNumber")), body);
    if (method === "POST" && query.has("uploads")) {
      const uploadId = crypto.randomUUID();
      this.uploads.set(uploadId, { key, sum, parts: [] });
      return xml(
        `<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    if (method === "PUT") {
      this.objects.set(key, { body, sum });
      return new Response(null, { headers: { etag: `"${md5(body)}"` } });
    }
    const stored = this.objects.get(key);
    if (!stored) return refusal(404, "NoSuchKey");
    const told = new Headers({ "content-length": String(stored.body.length) });
    if (stored.sum) told.set("x-amz-meta-sha256", stored.sum);
    return new Response(method === "HEAD" ? null : stored.body.slice(), { headers: told });
  }

  #part(method: string, id: string, number: number, body: Uint8Array): Response {
    const upload = this.uploads.get(id);
    if (!upload) return refusal(404, "NoSuchUpload");
    if (method === "DELETE") {
      this.uploads.delete(id);
      return new Response(null, { status: 204 });
    }
    if (method === "PUT") {
      upload.parts[number] = body;
      return new Response(null, { headers: { etag: `"${md5(body)}"` } });
    }
    const listed = [...upload.parts.entries()].filter(([, part]) => part);
    if (method === "GET") {
      const rows = listed.map(([at, part]) =>
        `<Part><PartNumber>${at}</PartNumber><ETag>&quot;${md5(part)}&quot;</ETag></Part>`
      );
      return xml(
        `<ListPartsResult><IsTruncated>false</IsTruncated>${rows.join("")}</ListPartsResult>`,
      );
    }
    const wanted = new TextDecoder().decode(body).matchAll(
      /<PartNumber>(\d+)<\/PartNumber><ETag>"(\w+)"/g,
    );
    const chosen = Array.from(wanted, ([, at, etag]) => ({ part: upload.parts[Number(at)], etag }));
    if (chosen.some(({ part, etag }) => !part || md5(part) !== etag)) {
      return refusal(400, "InvalidPart");
    }
    this.objects.set(upload.key, {
      body: new Uint8Array(chosen.flatMap(({ part }) => [part!]).reduce(joined, new Uint8Array())),
      sum: upload.sum,
    });
    this.uploads.delete(id);
    return xml("<CompleteMultipartUploadResult/>");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function xml(text: string): Response {
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`, {
    headers: { "content-type": "application/xml" },
  });
}

/** How S3 says no. */
export function refusal(status: number, code: string): Response {
  const text = `<Error><Code>${code}</Code><Message>the message of ${code}</Message></Error>`;
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`, { status });
}
