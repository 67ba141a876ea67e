import type { Diagnosis, Evidence, Facts, Rule, Sign, Tail } from "./rule.ts";
import { RULES } from "./rules/index.ts";

/** Lines quoted of one rule, and of a log that no rule knows. */
const QUOTED = 3;
const LAST_LINES = 5;

interface Match {
  rule: Rule;
  certain: boolean;
  evidence: Evidence[];
}

/**
 * What a run failed of, and what says so. Touches nothing.
 *
 * A sign that leaves no doubt comes before one that does; of equal ones the earlier rule counts.
 */
export function diagnose(facts: Facts, rules: readonly Rule[] = RULES): Diagnosis {
  if (facts.state === "completed") return noOutput(facts);
  const found = rules.flatMap((rule) => matchOf(rule, facts) ?? []);
  const [first, ...others] = [
    ...found.filter(({ certain }) => certain),
    ...found.filter(({ certain }) => !certain),
  ];
  if (!first) return unknown(facts);
  return {
    class: first.rule.class,
    rule: first.rule.id,
    title: first.rule.title,
    remedy: first.rule.remedy,
    certainty: first.certain ? "certain" : "likely",
    evidence: first.evidence,
    also: others.map(({ rule, evidence }) => ({
      class: rule.class,
      rule: rule.id,
      title: rule.title,
      evidence,
    })),
  };
}

function noOutput({ missing }: Facts): Diagnosis {
  return {
    class: "no_output",
    rule: "no-output",
    title: "it ended with 0, and left no output that is required",
    remedy: "does the program write to EXPFLOW_RUN_DIR ({run.dir})? Else correct `harvest:`",
    certainty: "certain",
    evidence: missing.map((path) => ({ source: path, text: "is required, and is not there" })),
    also: [],
  };
}

function unknown(facts: Facts): Diagnosis {
  const tail = facts.tails.find(({ lines }) => lines.some((line) => line.trim() !== ""));
  return {
    class: "unknown",
    title: "no rule knows this failure",
    remedy: "its last lines may tell",
    certainty: "unknown",
    evidence: [...wordOf(facts), ...tail ? lastLines(tail) : []],
    also: [],
  };
}

function lastLines(tail: Tail): Evidence[] {
  const told = [...tail.lines.keys()].filter((at) => tail.lines[at]!.trim() !== "");
  return told.slice(-LAST_LINES).map((at) => lineOf(tail, at));
}

function matchOf(rule: Rule, facts: Facts): Match | undefined {
  const held = rule.signs.flatMap((sign) => {
    const evidence = evidenceOf(sign, facts);
    return evidence ? [{ certain: sign.certain ?? false, evidence }] : [];
  });
  if (held.length === 0) return undefined;
  const certain = held.some((sign) => sign.certain);
  const telling = held.filter((sign) => sign.certain === certain).flatMap((sign) => sign.evidence);
  return { rule, certain, evidence: withoutTwins(telling).slice(0, QUOTED) };
}

/** What shows that a sign holds; `undefined` where it does not. */
function evidenceOf(sign: Sign, facts: Facts): Evidence[] | undefined {
  const { states, exitCodes, reason, log } = sign;
  const code = exitCodeOf(facts);
  if (states && !states.includes(facts.state)) return undefined;
  if (exitCodes && (code === undefined || !exitCodes.includes(code))) return undefined;
  if (reason && !reason.test(facts.reason ?? "")) return undefined;
  const own = states || exitCodes || reason ? wordOf(facts) : [];
  if (!log) return own;
  const lines = facts.tails.flatMap((tail) => linesWith(log, sign.not, tail));
  return lines.length === 0 ? undefined : [...lines, ...own];
}

/** As bash would see it: a signal that ended the script itself counts as 128 + n. */
function exitCodeOf({ exitCode, signal }: Facts): number | undefined {
  return signal && !exitCode ? 128 + signal : exitCode;
}

function wordOf(facts: Facts): Evidence[] {
  const code = exitCodeOf(facts);
  const words = [
    facts.state.replaceAll("_", " "),
    ...code === undefined
      ? []
      : [code > 128 ? `exit code ${code} (signal ${code - 128})` : `exit code ${code}`],
    ...facts.reason && facts.reason !== `exit code ${code}` ? [facts.reason] : [],
  ];
  return [{ source: "state", text: words.join(", ") }];
}

/** The last lines that match, the very last one first. */
function linesWith(pattern: RegExp, not: RegExp | undefined, tail: Tail): Evidence[] {
  const found: Evidence[] = [];
  for (let at = tail.lines.length - 1; at >= 0 && found.length < QUOTED; at--) {
    const line = tail.lines[at]!;
    if (pattern.test(line) && !not?.test(line)) found.push(lineOf(tail, at));
  }
  return found;
}

const TEXT_CHARACTERS = 300;

function lineOf({ file, lines, first }: Tail, at: number): Evidence {
  const text = lines[at]!.trim();
  return {
    source: file,
    ...first === undefined ? { fromEnd: lines.length - at } : { line: first + at },
    text: text.length > TEXT_CHARACTERS ? `${text.slice(0, TEXT_CHARACTERS)}…` : text,
  };
}

function withoutTwins(evidence: readonly Evidence[]): Evidence[] {
  return [...new Map(evidence.map((one) => [JSON.stringify(one), one])).values()];
}
