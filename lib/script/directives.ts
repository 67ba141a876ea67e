import { formatDuration, parseDuration } from "../core/durations.ts";
import { ConfigError } from "../core/errors.ts";
import type { Resources } from "../core/experiment.ts";
import { formatMemory, parseMemory } from "../core/memory.ts";
import type { ScriptModel } from "./model.ts";
import { warningOf } from "./signals.ts";
import { gpuOption, type GpuSyntax, PLAIN_SITE, type SiteScript } from "./site.ts";

const PLAIN = /^[A-Za-z0-9_.\/:=@%+,[\]-]+$/;
// `\s` and control characters alike: U+2028 would end the line for some readers.
const CONTROL = /[\p{Cc}\u2028\u2029]/u;
const EXTRA = /^--([a-z][a-z0-9-]*)(?:=(.*))?$/s;
const OWN = new Set(
  ("array chdir dependency error export get-user-env job-name open-mode output parsable signal" +
    " test-only wait wrap").split(" "),
);

/** The `#SBATCH` lines of a script, as sbatch reads them: quoted, and free of control characters. */
export function directives(model: ScriptModel): string[] {
  const { resources, array, runs, base, pack, site = PLAIN_SITE } = model;
  const tasks = pack ? pack.tasks.map(({ task }) => task) : runs.map(({ index }) => index - base);
  const { directive: signal } = warningOf(resources);
  return [
    ["job-name", model.jobName],
    ["output", `${logPath(model.paths.log)}.out`],
    ["error", `${logPath(model.paths.log)}.err`],
    ["open-mode", "append"],
    ...array ? [["array", arraySpec(tasks, resources.max_parallel)]] : [],
    ...options(resources, site.gpus),
    ...signal === undefined ? [] : [["signal", signal]],
  ].map(([name, value]) => directive(name!, value!)).concat(
    resources.exclusive ? ["#SBATCH --exclusive"] : [],
    requeueing(model),
    (resources.sbatch ?? []).map(extra),
    site.lines.map(siteComment),
  );
}

/** `resume` decides where it says something, else the user, else the site. */
function requeueing({ resources, resuming }: ScriptModel): string[] {
  if (resuming?.mode === "requeue") return ["#SBATCH --requeue"];
  const requeue = resuming?.mode === "off" ? false : resources.requeue;
  return requeue === undefined ? [] : [`#SBATCH --${requeue ? "requeue" : "no-requeue"}`];
}

/** Task ids as `--array` takes them, with the limit of how many run at once: `0-3,7,9-11%4`. */
export function arraySpec(tasks: readonly number[], maxParallel?: number): string {
  const ranges: [number, number][] = [];
  for (const task of tasks) {
    const range = ranges.at(-1);
    if (range && range[1] === task - 1) range[1] = task;
    else ranges.push([task, task]);
  }
  const spec = ranges.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(",");
  return maxParallel === undefined ? spec : `${spec}%${maxParallel}`;
}

/** The `#SBATCH` lines of what a job asks for, without names, files and arrays. */
export function resourceDirectives(resources: Resources, site: SiteScript = PLAIN_SITE): string[] {
  return options(resources, site.gpus).map(([name, value]) => directive(name, value)).concat(
    resources.exclusive ? ["#SBATCH --exclusive"] : [],
    (resources.sbatch ?? []).map(extra),
    site.lines.map(siteComment),
  );
}

function options(resources: Resources, gpus: GpuSyntax): [string, string][] {
  const all: [string, string | number | undefined][] = [
    ["partition", resources.partition],
    ["account", resources.account],
    ["qos", resources.qos],
    ["time", resources.time && formatDuration(parseDuration(resources.time))],
    ["nodes", resources.nodes],
    ["ntasks", resources.ntasks],
    ["ntasks-per-node", resources.ntasks_per_node],
    ["cpus-per-task", resources.cpus_per_task],
    ["mem", memory(resources.mem)],
    ["mem-per-cpu", memory(resources.mem_per_cpu)],
    ["mem-per-gpu", memory(resources.mem_per_gpu)],
    ...gpuOption(resources, gpus),
    ["constraint", resources.constraint],
    ["nodelist", resources.nodelist],
    ["exclude", resources.exclude],
    ["reservation", resources.reservation],
    ["priority", resources.priority],
    ["comment", resources.comment],
    ["mail-user", resources.mail_user],
    ["mail-type", resources.mail_type],
  ];
  return all.flatMap(([name, value]) => value === undefined ? [] : [[name, String(value)]]);
}

/** `0` is all the memory of a node. */
function memory(size: string | undefined): string | undefined {
  if (size === undefined) return undefined;
  const mib = parseMemory(size);
  return mib === 0 ? "0" : formatMemory(mib);
}

/** A path in which only the patterns of its last part, as `%a`, are any. */
export function logPath(path: string): string {
  if (path.includes("\\")) {
    throw new ConfigError(`Cannot write logs to ${JSON.stringify(path)}: it holds a backslash`, {
      hint: "Slurm fills no names into such a path: move the project to another folder",
    });
  }
  const slash = path.lastIndexOf("/") + 1;
  return path.slice(0, slash).replaceAll("%", "%%") + path.slice(slash);
}

function extra(option: string): string {
  const [, name, value] = EXTRA.exec(option) ?? [];
  if (name === undefined) {
    throw new ConfigError(`Cannot pass ${JSON.stringify(option)} to sbatch`, {
      hint: "write --name=value, or --name alone",
    });
  }
  if (OWN.has(name)) {
    throw new ConfigError(`Cannot pass --${name} to sbatch: expflow sets it itself`, {
      hint: name === "signal" ? "set resources.signal" : `remove --${name} from resources.sbatch`,
    });
  }
  return value === undefined ? `#SBATCH --${name}` : directive(name, value);
}

function siteComment(text: string): string {
  if (/^#(?!SBATCH|!)/.test(text) && !CONTROL.test(text)) return text;
  throw new ConfigError(`Cannot write ${JSON.stringify(text)} into a script as a comment`, {
    hint: "begin it with #, but not with #SBATCH, and keep it on one line",
  });
}

/** One `#SBATCH` line. sbatch undoes quotes, and backslashes inside and outside; `#` is a comment. */
export function directive(name: string, value: string): string {
  if (value === "" || CONTROL.test(value) || !value.isWellFormed()) {
    throw new ConfigError(`Cannot pass --${name}=${JSON.stringify(value)} to sbatch`, {
      hint: value === "" ? "leave it out" : "it must be one line of ordinary characters",
    });
  }
  if (PLAIN.test(value)) return `#SBATCH --${name}=${value}`;
  return `#SBATCH --${name}="${value.replaceAll(/[\\"]/g, "\\$&")}"`;
}
