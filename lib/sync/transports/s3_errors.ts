import { NotSent } from "../reading.ts";
import { DestinationError } from "../transport.ts";

/** How a service refused. */
export interface Refusal {
  status: number;
  /** S3's word for it, as `NoSuchBucket`; empty where it said none. */
  code: string;
  message: string;
}

const HINTS: Record<string, string> = {
  NoSuchBucket: "make the bucket, or look at its name under sync:",
  InvalidAccessKeyId: "is the access key right, and of this service?",
  SignatureDoesNotMatch: "is the secret key right, and endpoint: and region: too?",
  ExpiredToken: "the session has ended: get new keys",
  RequestTimeTooSkewed: "this machine's clock is wrong",
  AccessDenied: "these keys need s3:GetObject, s3:PutObject and s3:ListBucket there",
  PermanentRedirect: "the bucket is in another region: set region: under sync:",
  AuthorizationHeaderMalformed: "is region: right?",
  QuotaExceeded: "free space there; what was sent stays, the rest follows",
  SlowDown: "it takes no more just now",
};
/** Of one object alone; the others may well be taken. */
const OF_ONE = /^(EntityTooLarge|KeyTooLongError|BadDigest|XAmzContentSHA256Mismatch|InvalidPart)$/;

/** What a refusal means: for one file, or for the destination. */
export function refused(to: string, { status, code, message }: Refusal): Error {
  const said = [code || `status ${status}`, message].filter(Boolean).join(": ").slice(0, 200);
  if (OF_ONE.test(code)) return new NotSent({ reason: `was refused: ${said}` });
  return new DestinationError(`Cannot send to ${to}: it answered ${said}`, {
    hint: HINTS[code] ?? (status >= 500 ? "it has a problem of its own" : undefined),
  });
}

/** There was no answer. */
export function unreachable(to: string, address: string, cause: unknown): DestinationError {
  const timedOut = cause instanceof DOMException && cause.name === "TimeoutError";
  const what = timedOut ? "did not answer in time" : "cannot be reached";
  return new DestinationError(`Cannot send to ${to}: ${new URL(address).host} ${what}`, {
    hint: "many compute nodes have no internet: try it on a login node, or set HTTPS_PROXY",
    cause,
  });
}
