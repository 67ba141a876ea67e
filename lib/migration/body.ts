import { basename } from "node:path";
import { quote } from "../script/quote.ts";
import { scanBash } from "../script/bash_scanner.ts";
import { readArray } from "./array.ts";
import { withoutPlaceholders } from "./braces.ts";
import { LENIENT, type ReadCommand, readCommand } from "./command.ts";
import type { ReadDirectives } from "./directives.ts";
import { type Loop, readLoop } from "./loops.ts";
import type { LineReport, MigrationRequest } from "./model.ts";
import { isComment, type Source, type Statement } from "./source.ts";

/** What a script runs, as keys. */
export interface Body {
  command: string;
  setup?: string;
  launcher?: Record<string, unknown>;
  container?: Record<string, unknown>;
  sweep?: Record<string, unknown>;
  maxParallel?: number;
  comments: string[];
  lines: LineReport[];
  notes: string[];
}

const POSITIONAL = /\$(?:[1-9@*#]|\{[1-9@*#])/g;
/** In a function these make variables that the command would not see. */
const LOCAL = /\b(?:declare|typeset|local)\b/;

/** Sorts what is left of a script into a command, what comes before it, and a sweep. */
export function readBody(
  rest: readonly Statement[],
  source: Source,
  directives: ReadDirectives,
  request: MigrationRequest,
): Body {
  const notes: string[] = [];
  const head = [...modesOf(source), ...headLines(rest, directives, request, notes)];
  const loop = directives.array ? undefined : readLoop(rest);
  if (request.loops && !loop) {
    notes.push("--loops: the script does not end with a loop over values that are written out");
  }
  if (directives.array) return { ...arrayBody(rest, head, directives.array.value, request), notes };
  if (loop && request.loops) return { ...loopBody(loop, rest, head), notes };
  if (loop) {
    notes.push(
      `line ${loop.line}: the loop over ${loop.name} runs ${loop.values.length} times in one job; ` +
        "--loops makes each value a run of a sweep",
    );
  }
  const together = request.args.length > 0 || rest.some(({ text }) => LOCAL.test(text));
  const read = readCommand(rest, directives.resources);
  notes.push(...endingNotes(read.endsWith, rest));
  return { ...together ? oneCommand(rest, head) : divided(read, rest, head), notes };
}

type Told = Omit<Body, "notes">;

function oneCommand(rest: readonly Statement[], head: readonly string[]): Told {
  const command = commandOf([LENIENT, ...head], withoutPlaceholders(rest));
  return { command, comments: [], lines: kept(rest, "command") };
}

function arrayBody(
  rest: readonly Statement[],
  head: readonly string[],
  spec: string,
  { around }: MigrationRequest,
): Told {
  const array = readArray(spec, withoutPlaceholders(rest), around);
  return {
    command: commandOf([LENIENT, ...array.head, ...head], array.rest),
    sweep: array.sweep,
    maxParallel: array.maxParallel,
    comments: [],
    lines: [...array.lines, ...kept(rest, "command", array.lines)],
  };
}

function loopBody(loop: Loop, rest: readonly Statement[], head: readonly string[]): Told {
  const where = `sweep: ${loop.name}, a run for each value, all at the same time`;
  const inside = new Set([...loop.before, ...loop.inner].map(({ line }) => line));
  const lines = rest.filter(({ line, text }) => !inside.has(line) && !isComment(text))
    .flatMap((statement) => linesOf(statement, "key", where));
  const assigned: Statement = { line: loop.line, text: `${loop.name}={params.${loop.name}}` };
  const [before, inner] = [withoutPlaceholders(loop.before), withoutPlaceholders(loop.inner)];
  return {
    command: commandOf([LENIENT, ...head], [...before, assigned, ...inner]),
    sweep: { grid: { [loop.name]: loop.values } },
    comments: [],
    lines: [...lines, ...kept(rest, "command", lines)],
  };
}

function divided(read: ReadCommand, rest: readonly Statement[], head: readonly string[]): Told {
  const { setup, launcher, container, comments, where } = read;
  const end = rest.findLastIndex(({ text }) => !isComment(text));
  const modes = read.lenient ? [LENIENT, ...head] : head;
  const isWhole = read.lenient && setup === undefined;
  const last = [{ line: rest[end]?.line ?? 1, text: read.command }];
  const command = withoutPlaceholders(isWhole ? rest : last);
  const inOne = setup === undefined && !launcher && !container;
  const lines = rest.flatMap((statement, index): LineReport[] => {
    if (index === end && (!read.lenient || where !== "command")) {
      return linesOf(statement, "key", where);
    }
    const loose = isComment(statement.text) && comments.includes(statement.text.trim());
    if (loose) return linesOf(statement, "comment", "comment");
    return linesOf(statement, "kept", index < end && setup ? "environment.setup" : "command");
  });
  return {
    command: commandOf(inOne ? modes : [], command),
    ...setup === undefined ? {} : { setup: [...modes, setup].join("\n") },
    launcher,
    container,
    comments,
    lines,
  };
}

function commandOf(head: readonly string[], statements: readonly Statement[]): string {
  return [...head, ...statements.map(({ text }) => text)].join("\n").trimEnd();
}

function kept(
  rest: readonly Statement[],
  where: string,
  told: readonly LineReport[] = [],
): LineReport[] {
  return rest.filter(({ line }) => !told.some((entry) => entry.line === line))
    .flatMap((statement) => linesOf(statement, "kept", where));
}

function linesOf({ line, text }: Statement, fate: LineReport["fate"], where: string): LineReport[] {
  return text.split("\n").map((text, index) => ({ line: line + index, text, fate, where }))
    .filter(({ text }) => text.trim() !== "");
}

/** Modes that the first line gives to bash: `#!/bin/bash -e`. */
function modesOf({ shebang = [] }: Source): string[] {
  const flags = shebang.slice(1).filter((word) => /^-[eux]+$/.test(word));
  return flags.map((flag) => `set ${flag}`);
}

/** Lines that give the script what sbatch would have given it. */
function headLines(
  rest: readonly Statement[],
  { jobName }: ReadDirectives,
  { args, path }: MigrationRequest,
  notes: string[],
): string[] {
  const text = rest.map((statement) => statement.text).join("\n");
  const uses = (name: string) => new RegExp(`\\$\\{?${name}\\b`).test(text);
  const { quoting } = scanBash(text);
  const positional = [...text.matchAll(POSITIONAL)].find(({ index }) =>
    quoting[index] === "plain" || quoting[index] === "double"
  );
  if (positional && args.length === 0) {
    const line = rest[0]!.line + text.slice(0, positional.index).split("\n").length - 1;
    notes.push(
      `near line ${line}: ${positional[0]}, where no function sets it, is what stood behind the ` +
        `script for sbatch: name it again, expflow migrate script ${basename(path)} ARGUMENTS`,
    );
  }
  if (/\$\{?(?:0\b|BASH_SOURCE)/.test(text)) {
    notes.push("$0 and BASH_SOURCE are the path of expflow's script, not of this one");
  }
  return [
    ...uses("SLURM_SUBMIT_DIR") ? ["export SLURM_SUBMIT_DIR=$PWD"] : [],
    ...uses("SLURM_JOB_NAME") && jobName ? [`export SLURM_JOB_NAME=${quote(jobName)}`] : [],
    ...args.length > 0 ? [`set -- ${args.map(quote).join(" ")}`] : [],
  ];
}

function endingNotes(endsWith: string | undefined, rest: readonly Statement[]): string[] {
  const strict = rest.some(({ text }) => /^\s*set\s+-[a-z]*e/.test(text));
  if (!endsWith || strict || !/^(?:echo|printf|date|rm|cp|mv|rsync|cd)$/.test(endsWith)) return [];
  const { line } = rest.findLast(({ text }) => !isComment(text))!;
  return [
    `line ${line}: the job's exit code is that of \`${endsWith}\`, so a failure before it counts ` +
    "as success; write `set -e` in the place of the first line of the command",
  ];
}
