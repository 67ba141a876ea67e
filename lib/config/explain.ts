import type { z } from "zod";
import type { ConfigError } from "../core/errors.ts";
import { describe, entryAt, errorAt, type MapNode, type Origin, toValue } from "./located.ts";

type Issue = z.core.$ZodIssue;

interface Finding {
  at: Origin;
  path: PropertyKey[];
  message: string;
  hint: string;
}

/**
 * What a schema makes of a mapping.
 *
 * @throws {ConfigError} for the first thing that is wrong, with its place.
 */
export function check<Schema extends z.ZodType>(schema: Schema, tree: MapNode): z.infer<Schema> {
  const result = schema.safeParse(toValue(tree));
  if (result.success) return result.data;
  throw explain(result.error.issues, tree);
}

function explain(issues: Issue[], tree: MapNode): ConfigError {
  const findings = issues.flatMap((issue) => findingsOf(issue, [], tree));
  const first = findings.reduce((best, next) => compare(next, best) < 0 ? next : best);
  return errorAt(first.at, first.message, first.hint);
}

function compare(a: Finding, b: Finding): number {
  return (a.at.line ?? 0) - (b.at.line ?? 0) || (a.at.col ?? 0) - (b.at.col ?? 0) ||
    a.path.length - b.path.length;
}

function findingsOf(issue: Issue, above: PropertyKey[], tree: MapNode): Finding[] {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union") {
    const meant = issue.errors.filter((option) => option.every((inner) => !isOtherType(inner)));
    if (meant.length === 1) return meant[0]!.flatMap((inner) => findingsOf(inner, path, tree));
  }
  if (issue.code === "unrecognized_keys") return [unknownKey(issue.keys[0]!, path, issue, tree)];
  const entry = entryAt(tree, path);
  const [expected, hint = ""] = issue.message.split(" | ");
  const isKey = issue.code === "custom" && issue.params?.key === true;
  if (isKey) {
    const name = JSON.stringify(String(path.at(-1)));
    const message = `Cannot use ${name} in ${pathText(path.slice(0, -1))}: expected ${expected}`;
    return [{ at: entry?.key ?? tree.at, path, message, hint }];
  }
  if (!entry) {
    const message = `Cannot use ${pathText(path.slice(0, -1))}: it has no ${String(path.at(-1))}`;
    return [{ at: nearestOrigin(tree, path), path, message, hint: `add ${String(path.at(-1))}:` }];
  }
  const found = describe(entry.value);
  const message = `Cannot use ${pathText(path)}: found ${found}, expected ${expected}`;
  return [{ at: entry.value.at, path, message, hint }];
}

/** Whether an option of a union was not meant at all, because the value is of another type. */
function isOtherType({ code, path }: Issue): boolean {
  return path.length === 0 && (code === "invalid_type" || code === "invalid_union");
}

function unknownKey(key: string, path: PropertyKey[], issue: Issue, tree: MapNode): Finding {
  const at = entryAt(tree, [...path, key])?.key ?? tree.at;
  const where = path.length === 0 ? "" : ` in ${pathText(path)}`;
  const message = `Cannot use the key ${JSON.stringify(key)}${where}: it is not known here`;
  return { at, path, message, hint: issue.message };
}

function nearestOrigin(tree: MapNode, path: PropertyKey[]): Origin {
  for (let length = path.length; length > 0; length--) {
    const entry = entryAt(tree, path.slice(0, length));
    if (entry) return entry.key;
  }
  return tree.at;
}

/** `stages.train.after[0]` */
function pathText(path: PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? String(step) : `${text}.${String(step)}`;
  }, "");
}
