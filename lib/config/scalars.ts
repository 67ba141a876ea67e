import { CORE_SCHEMA, NOT_RESOLVED, type ScalarTagDefinition } from "js-yaml";
import type { ScalarNode } from "./located.ts";

type ScalarTag = ScalarTagDefinition<ScalarNode["value"]>;

const TAGS = CORE_SCHEMA.tags.filter((tag): tag is ScalarTag => tag.nodeKind === "scalar");
const STANDARD = "tag:yaml.org,2002:";

/** Value of an untagged plain scalar by the core schema of YAML 1.2. */
export function resolvePlain(text: string): ScalarNode["value"] {
  for (const tag of TAGS) {
    const value = tag.implicit ? tag.resolve(text, false, tag.tagName) : NOT_RESOLVED;
    if (value !== NOT_RESOLVED) return value;
  }
  return text;
}

/** Value of a scalar with a tag such as `!!str`; `undefined` when the two do not go together. */
export function resolveTagged(text: string, tag: string): ScalarNode["value"] | undefined {
  if (tag === "!") return text;
  const name = tag.replace(/^!!/, STANDARD).replace(/^!<(.*)>$/, "$1");
  const known = TAGS.find((candidate) => candidate.tagName === name);
  if (!known) return undefined;
  const value = known.resolve(text, true, name);
  return value === NOT_RESOLVED ? undefined : value;
}

/** Why a number cannot be kept as it was written; `undefined` when it can. */
export function numberProblem(value: unknown, text: string): string | undefined {
  if (typeof value !== "number") return undefined;
  if (!Number.isFinite(value)) return "JSON has no such number";
  if (!/^[-+]?\d+$/.test(text)) return undefined;
  const kept = String(value) === text || BigInt(text.replace(/^\+/, "")) === BigInt(value);
  return kept ? undefined : "it has more digits than a number keeps";
}
