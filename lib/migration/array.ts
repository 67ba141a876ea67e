import type { ParamValue } from "../core/params.ts";
import { type ArraySpec, parseArray } from "../schedulers/batch/tasks.ts";
import type { LineReport, Surroundings } from "./model.ts";
import type { Statement } from "./source.ts";
import { plainWords } from "./words.ts";

/** A job array as a sweep. */
export interface ReadArray {
  sweep: Record<string, unknown>;
  /** Tasks at once. */
  maxParallel?: number;
  rest: Statement[];
  /** Lines before all others: what the tasks of the array found in their environment. */
  head: string[];
  lines: LineReport[];
}

const PARAM = "array_task_id";
const TASK = String.raw`\$\{?SLURM_ARRAY_TASK_ID\}?`;
const LIST = /^(?:declare -a )?([A-Za-z_]\w*)=\(([^()]*)\)$/;
const MAPFILE = /^(?:mapfile|readarray) -t ([A-Za-z_]\w*) <\s*(\S+)$/;
const ELEMENT = new RegExp(
  String.raw`^(export )?([A-Za-z_]\w*)="?\$\{(\w+)\[\$?\{?SLURM_ARRAY_TASK_ID\}?\]\}"?$`,
);
const FILE_LINE = new RegExp(
  String.raw`^(export )?([A-Za-z_]\w*)="?\$\((?:` +
    String.raw`sed -n "?${TASK}p"? (?<sed>[^\s()|]+)|` +
    String.raw`awk "NR==${TASK}" (?<awk>[^\s()|]+)|` +
    String.raw`head -n ?"?${TASK}"? (?<head>[^\s()|]+) \| tail -n ?1` +
    String.raw`)\)"?$`,
);

/**
 * Makes a sweep of an array: over its indices, and over what is looked up by the index, in a list
 * of the script or in the lines of a file. The program still finds `SLURM_ARRAY_TASK_ID`.
 *
 * @throws {SchedulerError} on what is no array.
 */
export function readArray(
  given: string,
  rest: readonly Statement[],
  around: Surroundings,
): ReadArray {
  const spec = parseArray(given);
  const tasks = Array.from(spec.indices);
  const columns = new Map<string, ParamValue[]>();
  const lists = new Map<string, List>();
  const lines: LineReport[] = [];
  const changed = rest.map((statement): Statement => {
    const text = statement.text.trim();
    const found = lookUp(text, tasks, lists, around);
    if (!found) return statement;
    const param = found.name.toLowerCase();
    columns.set(param, found.values);
    const where = `sweep: ${param}, a value for each task${found.from}`;
    lines.push({ line: statement.line, text: statement.text, fate: "key", where });
    const indent = /^\s*/.exec(statement.text)![0];
    const declared = found.exported ? "export " : "";
    return { ...statement, text: `${indent}${declared}${found.name}={params.${param}}` };
  });
  return {
    sweep: sweepOf(spec, columns),
    maxParallel: spec.throttle,
    rest: changed,
    head: variables(spec, rest),
    lines,
  };
}

interface List {
  values: string[];
  from: string;
}

interface Looked {
  name: string;
  exported: boolean;
  values: ParamValue[];
  from: string;
}

function lookUp(
  text: string,
  tasks: readonly number[],
  lists: Map<string, List>,
  { readText }: Surroundings,
): Looked | undefined {
  const list = LIST.exec(text);
  const words = list && plainWords(list[2]!);
  if (words) lists.set(list[1]!, { values: words, from: "" });
  const mapped = MAPFILE.exec(text);
  const file = mapped && fileLines(mapped[2]!, readText);
  if (file) lists.set(mapped[1]!, { values: file, from: asNow(mapped[2]!) });
  const element = ELEMENT.exec(text);
  const from = element && lists.get(element[3]!);
  if (element && from && tasks.every((task) => task < from.values.length)) {
    return {
      ...named(element),
      values: tasks.map((task) => typed(from.values[task]!)),
      from: from.from,
    };
  }
  const line = FILE_LINE.exec(text);
  const { sed, awk, head } = line?.groups ?? {};
  const path = sed ?? awk ?? head;
  const rows = path === undefined ? undefined : fileLines(path, readText);
  if (!line || !rows || !tasks.every((task) => task >= 1 && task <= rows.length)) return undefined;
  const values = tasks.map((task) => typed(rows[task - 1]!));
  return { ...named(line), values, from: asNow(path!) };
}

function asNow(path: string): string {
  return `, as ${path} has them now`;
}

function named([, exported, name]: RegExpExecArray): { name: string; exported: boolean } {
  return { name: name!, exported: exported !== undefined };
}

function fileLines(
  path: string,
  readText: Surroundings["readText"],
): string[] | undefined {
  const [plain, ...more] = plainWords(path) ?? [];
  if (plain === undefined || more.length > 0) return undefined;
  return readText(plain)?.replace(/\n$/, "").split("\n");
}

/** A number only where it is written as expflow would write it. */
export function typed(text: string): ParamValue {
  return text !== "" && Number.isFinite(Number(text)) && String(Number(text)) === text
    ? Number(text)
    : text;
}

function sweepOf({ indices }: ArraySpec, columns: ReadonlyMap<string, ParamValue[]>) {
  const tasks = Array.from(indices);
  if (columns.size > 0) {
    return {
      list: tasks.map((task, index) => ({
        [PARAM]: task,
        ...Object.fromEntries(Array.from(columns, ([name, values]) => [name, values[index]!])),
      })),
    };
  }
  const step = (tasks[1] ?? 0) - tasks[0]!;
  const even = tasks.length > 3 &&
    tasks.every((task, index) => task === tasks[0]! + index * step);
  return { grid: { [PARAM]: even ? `${tasks[0]}:${tasks.at(-1)}:${step}` : tasks } };
}

function variables({ indices }: ArraySpec, rest: readonly Statement[]): string[] {
  const tasks = Array.from(indices);
  const facts: Record<string, number> = {
    COUNT: tasks.length,
    MIN: tasks[0]!,
    MAX: tasks.at(-1)!,
    STEP: (tasks[1] ?? tasks[0]! + 1) - tasks[0]!,
  };
  const used = Object.entries(facts).filter(([name]) =>
    rest.some(({ text }) => text.includes(`SLURM_ARRAY_TASK_${name}`))
  );
  return [
    `export SLURM_ARRAY_TASK_ID={params.${PARAM}}`,
    ...used.map(([name, value]) => `export SLURM_ARRAY_TASK_${name}=${value}`),
  ];
}
