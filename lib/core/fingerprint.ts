import canonicalize from "canonicalize";
import { createHash } from "node:crypto";
import { flattenParams, type Params } from "./params.ts";

/** SHA-256 of text or bytes, in hexadecimal. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** The same 16 hexadecimal digits for the same JSON value, whatever the order of its keys (RFC 8785). */
export function fingerprint(value: unknown): string {
  return sha256(canonicalize(value) ?? "").slice(0, 16);
}

/** The same for the same parameters, whether their groups are nested or dotted keys. */
export function paramsFingerprint(params: Params): string {
  return fingerprint(Object.fromEntries(flattenParams(params)));
}
