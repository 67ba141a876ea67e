import { formatDuration, parseDuration } from "../../core/durations.ts";
import { expandHostlist } from "../../core/hostlist.ts";
import { formatMemory, parseMemory } from "../../core/memory.ts";
import { isGroup, paramAt, type Params, type ParamValue } from "../../core/params.ts";
import type { Resources } from "../../core/resources.ts";
import type { RetryRule } from "../../core/retry.ts";

/** A change, or why it cannot be made. */
export type Changed<Value> = { to: Value; told: string[] } | { why: string };

const MEMORY = ["mem", "mem_per_cpu", "mem_per_gpu"] as const;

/**
 * What a stage asks for after a failure, in the place of what it asked for.
 *
 * @param nodes hostlist of where it failed, where that is known.
 */
export function changedResources(
  rule: RetryRule,
  had: Resources,
  nodes: string | undefined,
): Changed<Resources> {
  const to: Resources = {};
  const told: string[] = [];
  const set = (word: keyof Resources, value: string) => {
    if (had[word] === value) return;
    Object.assign(to, { [word]: value });
    told.push(`${word} ${had[word] ?? "as the site gives"} → ${value}`);
  };
  if (rule.mem !== undefined) {
    const word = MEMORY.find((one) => had[one] !== undefined) ?? "mem";
    const mib = scaled(rule.mem, had[word], parseMemory);
    if (mib === undefined) return { why: `it asked for no mem, so that ${rule.mem} says nothing` };
    if (mib > 0) set(word, formatMemory(Math.ceil(mib)));
  }
  if (rule.time !== undefined) {
    const seconds = scaled(rule.time, had.time, parseDuration);
    if (seconds === undefined) {
      return { why: `it asked for no time, so that ${rule.time} says nothing` };
    }
    set("time", formatDuration(seconds));
  }
  if (rule.partition !== undefined) set("partition", rule.partition);
  if (rule.exclude_node) {
    if (nodes === undefined) return { why: "the node that it failed on is not known" };
    set("exclude", excluded(had.exclude, nodes));
  }
  return { to, told };
}

/** A hostlist with these nodes too. */
export function excluded(before: string | undefined, nodes: string): string {
  const all = [...expandHostlist(before ?? ""), ...expandHostlist(nodes)];
  return [...new Set(all)].sort().join(",");
}

function scaled(
  change: string,
  had: string | undefined,
  read: (text: string) => number,
): number | undefined {
  const factor = /^x([\d.]+)$/.exec(change)?.[1];
  if (factor === undefined) return read(change);
  return had === undefined ? undefined : read(had) * Number(factor);
}

const OPERATION = /^([/*+-])(\d+(?:\.\d+)?)$/;

/** Parameters after a failure: what a rule changes of them. A whole number stays one, and above 0. */
export function changedParams(rule: RetryRule, had: Params): Changed<Params> {
  let to = had;
  const told: string[] = [];
  for (const [key, change] of Object.entries(rule.params ?? {})) {
    const before = paramAt(had, key);
    const after = operated(before, change);
    if (after === undefined) return { why: `${key} is ${shown(before)}: ${change} cannot be made` };
    to = withParam(to, key, after);
    told.push(`${key} ${shown(before)} → ${shown(after)}`);
  }
  return { to, told };
}

function operated(before: ParamValue | undefined, change: ParamValue): ParamValue | undefined {
  const [, sign, by] = typeof change === "string" ? OPERATION.exec(change) ?? [] : [];
  if (sign === undefined) return change;
  if (typeof before !== "number") return undefined;
  const results = { "/": before / Number(by), "*": before * Number(by) };
  const sums = { "+": before + Number(by), "-": before - Number(by) };
  const after = { ...results, ...sums }[sign]!;
  const whole = Number.isInteger(before) ? Math.floor(after) : after;
  return Number.isFinite(whole) && whole > 0 ? whole : undefined;
}

/** The same parameters with one that is other, at the place where it was. */
function withParam(params: Params, key: string, value: ParamValue): Params {
  if (Object.hasOwn(params, key)) return { ...params, [key]: value };
  for (let dot = key.indexOf("."); dot > 0; dot = key.indexOf(".", dot + 1)) {
    const [head, rest] = [key.slice(0, dot), key.slice(dot + 1)];
    const group = Object.hasOwn(params, head) ? params[head] : undefined;
    if (isGroup(group)) return { ...params, [head]: withParam(group, rest, value) };
  }
  return { ...params, [key]: value };
}

function shown(value: ParamValue | undefined): string {
  return value === undefined
    ? "not set"
    : typeof value === "string"
    ? value
    : JSON.stringify(value);
}
