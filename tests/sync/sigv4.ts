import { createHash, createHmac } from "node:crypto";

const hex = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");
const mac = (key: string | Uint8Array, text: string) =>
  createHmac("sha256", key).update(text).digest();

/** A request as a server sees it. */
export interface SeenRequest {
  method: string;
  /** As it came over the wire, still escaped. */
  path: string;
  query: string;
  headers: Headers;
}

/**
 * The signature a request must have, by the words of Amazon's documentation ("Authenticating Requests:
 * Using the Authorization Header"); written for the server's side, with nothing of the client.
 */
export function expectedSignature(
  { method, path, query, headers }: SeenRequest,
  { secret, credential, signed }: { secret: string; credential: string; signed: string },
): string {
  const [, date, region, service] = credential.split("/") as [string, string, string, string];
  const sorted = query.split("&").filter(Boolean).map((pair) =>
    pair.includes("=") ? pair : `${pair}=`
  )
    .sort();
  const canonical = [
    method,
    path,
    sorted.join("&"),
    ...signed.split(";").map((name) => `${name}:${(headers.get(name) ?? "").trim()}`),
    "",
    signed,
    headers.get("x-amz-content-sha256") ?? "",
  ].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", headers.get("x-amz-date"), scope, hex(canonical)].join("\n");
  const key = [date, region, service, "aws4_request"].reduce<string | Uint8Array>(
    mac,
    `AWS4${secret}`,
  );
  return mac(key, text).toString("hex");
}

/** Why a request would be refused; empty when it is signed as it should be. */
export function whyRefused(
  request: SeenRequest,
  body: Uint8Array,
  keys: { id: string; secret: string },
): string {
  const found = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)$/
    .exec(request.headers.get("authorization") ?? "");
  if (!found) return "AccessDenied";
  const [, credential = "", signed = "", signature] = found;
  if (credential.split("/")[0] !== keys.id) return "InvalidAccessKeyId";
  const secret = keys.secret;
  if (expectedSignature(request, { secret, credential, signed }) !== signature) {
    return "SignatureDoesNotMatch";
  }
  for (const name of request.headers.keys()) {
    if (name.startsWith("x-amz-") && !signed.split(";").includes(name)) return "AccessDenied";
  }
  if (request.headers.get("x-amz-content-sha256") !== hex(body)) return "XAmzContentSHA256Mismatch";
  const md5 = request.headers.get("content-md5");
  const own = createHash("md5").update(body).digest("base64");
  return body.length > 0 && md5 !== own ? "BadDigest" : "";
}
