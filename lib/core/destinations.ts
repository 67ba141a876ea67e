import { UsageError } from "./errors.ts";

/** Where results are sent to. */
export type Destination =
  | { kind: "folder"; /** As it is written, perhaps relative to the project. */ path: string }
  | {
    kind: "ssh"; /** `user@host`, or a host of the user's ssh settings. */
    host: string;
    path: string;
  }
  | {
    kind: "s3";
    bucket: string; /** Without a slash at either end; may be empty. */
    prefix: string;
  };

const FORMS =
  "write a folder (/archive/me), host:/folder for rsync over ssh, or s3://bucket/folder";
const HOST = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * Reads a destination: a folder, `user@host:/folder`, or `s3://bucket/folder`. Nothing in it can be
 * taken for an option of ssh or rsync.
 *
 * @throws {UsageError} on anything else.
 */
export function parseDestination(text: string): Destination {
  if (text === "" || /\p{Cc}/u.test(text)) throw refused(text, "it is not one line of text");
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/.exec(text);
  if (scheme) return bucketOf(text, scheme[1]!, scheme[2]!);
  if (text.startsWith("-")) throw refused(text, "it begins with -");
  if (text.startsWith("~")) throw refused(text, "~ is not expanded");
  const [, host, path] = /^([^/]*?):(.*)$/.exec(text) ?? [];
  if (host === undefined || path === undefined) return { kind: "folder", path: text };
  if (!HOST.test(host)) throw refused(text, `${JSON.stringify(host)} is no host`);
  if (path === "") throw refused(text, "there is no folder behind the colon");
  if (path.startsWith(":")) throw refused(text, "an rsync daemon is not spoken to");
  if (path.startsWith("~")) throw refused(text, "~ is not expanded");
  return { kind: "ssh", host, path };
}

function bucketOf(text: string, scheme: string, rest: string): Destination {
  if (scheme !== "s3") throw refused(text, `${scheme}:// is not known`);
  const [bucket = "", ...parts] = rest.replace(/\/+$/, "").split("/");
  if (!BUCKET.test(bucket)) throw refused(text, `${JSON.stringify(bucket)} is no bucket`);
  if (parts.some((part) => ["", ".", ".."].includes(part))) {
    throw refused(text, "a part of its path is empty, . or ..");
  }
  return { kind: "s3", bucket, prefix: parts.join("/") };
}

function refused(text: string, why: string): UsageError {
  return new UsageError(`Cannot send to ${JSON.stringify(text)}: ${why}`, { hint: FORMS });
}
