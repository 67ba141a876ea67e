import { sha256 } from "../core/fingerprint.ts";
import { isId } from "../core/ids.ts";

const LONGEST = 90;

/**
 * The id of an experiment made from a name, which may hold anything. A name that is an id stays as it
 * is; any other gets a part of its hash, so that two names never have one id, and each has the same
 * at every import.
 */
export function idFor(name: string, prefix = ""): string {
  if (isId(prefix + name)) return prefix + name;
  const plain = (prefix + name.normalize("NFKD")).replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replaceAll(/\.{2,}/g, ".").replace(/^[^A-Za-z0-9]+/, "").slice(0, LONGEST)
    .replace(/[^A-Za-z0-9]+$/, "");
  return `${plain || "imported"}-${sha256(name).slice(0, 8)}`;
}
