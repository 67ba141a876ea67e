import { isTextResource } from "../config/resource_words.ts";
import { resourcesSchema } from "../config/resource_schema.ts";
import { type Directive, readDirectives } from "../schedulers/batch/directives.ts";
import type { LineReport } from "./model.ts";
import type { Source } from "./source.ts";

/** What the `#SBATCH` lines of a script come to. */
export interface ReadDirectives {
  resources: Record<string, unknown>;
  /** Of the user, and no part of a template. */
  personal: Record<string, unknown>;
  /** Value of `--array`. */
  array?: Directive;
  /** Value of `--chdir`. */
  chdir?: string;
  jobName?: string;
  lines: LineReport[];
  /** Lines of further components. */
  components: string[];
  /** Line where a further component of a heterogeneous job begins. */
  hetJob?: number;
}

const PLAIN: Record<string, string> = {
  partition: "partition",
  qos: "qos",
  time: "time",
  nodes: "nodes",
  ntasks: "ntasks",
  "ntasks-per-node": "ntasks_per_node",
  "cpus-per-task": "cpus_per_task",
  mem: "mem",
  "mem-per-cpu": "mem_per_cpu",
  "mem-per-gpu": "mem_per_gpu",
  constraint: "constraint",
  nodelist: "nodelist",
  exclude: "exclude",
  reservation: "reservation",
  signal: "signal",
  comment: "comment",
  "mail-type": "mail_type",
};
const PERSONAL: Record<string, string> = { account: "account", "mail-user": "mail_user" };
/** Options that expflow sets itself or has other words for, and what becomes of them. */
const LEFT_OUT: Record<string, string> = {
  output: "output is in experiments/logs: expflow logs ID/0",
  error: "errors are in experiments/logs: expflow logs ID/0 --err",
  "open-mode": "expflow appends to the logs of a run",
  dependency: "the id of a job says nothing to another submission: use stages with `after:`",
  export: "what jobs inherit is slurm.export of the project",
  "export-file": "what jobs inherit is slurm.export of the project",
  "get-user-env": "what jobs inherit is slurm.export of the project",
  parsable: "expflow reads the id of the job itself",
  wait: "expflow status --watch waits",
  "test-only": "expflow advise says when a job would start",
  wrap: "a script has a command of its own",
};

/**
 * Sorts the directives of a script into resources; each line is told.
 *
 * @param account of the project; it takes the place of the script's.
 */
export function migrateDirectives(source: Source, account?: string): ReadDirectives {
  const found: ReadDirectives = { resources: {}, personal: {}, components: [], lines: [] };
  const texts = source.text.split("\n");
  const tell = (line: number, fate: LineReport["fate"], where: string) => {
    found.lines.push({ line, text: texts[line - 1]!, fate, where });
  };
  const { options, notes } = readDirectives(source.text);
  found.hetJob = hetJobLine(texts);
  if (found.hetJob) {
    found.components = texts.slice(found.hetJob - 1).filter((text) => text.startsWith("#SBATCH"));
  }
  for (const note of notes) {
    const [, line = "1", what = note] = /^line (\d+): (.*)/s.exec(note) ?? [];
    if (Number(line) === found.hetJob) tell(Number(line), "kept", COMPONENT);
    else if (!placeUnknown(what, texts[Number(line) - 1]!, found)) {
      tell(Number(line), "left out", what.replace(/; ignored$/, ""));
    } else tell(Number(line), "key", "resources.sbatch, though expflow knows no such option");
  }
  const last = new Map(options.map((option) => [option.name, option]));
  for (const option of options) {
    if (found.hetJob && option.line > found.hetJob) {
      tell(option.line, "kept", COMPONENT);
    } else if (last.get(option.name) !== option && !found.hetJob) {
      tell(option.line, "left out", `line ${last.get(option.name)!.line} says it again and wins`);
    } else if (option.name === "account" && account !== undefined) {
      tell(option.line, "replaced", `the project's account, ${account}`);
    } else place(option, found, tell);
  }
  return found;
}

const COMPONENT = "a comment of the template: expflow has no heterogeneous jobs";

/** Where a directive that is in force begins a further component. */
function hetJobLine(texts: readonly string[]): number | undefined {
  const end = texts.findIndex((text) => !/^\s*(?:#|$)/.test(text));
  const inForce = end < 0 ? texts : texts.slice(0, end);
  return inForce.findIndex((text) => /^#SBATCH\s+(?:het|pack)job\b/.test(text)) + 1 || undefined;
}

/** An option that is newer than what is known here goes to sbatch as it is. */
function placeUnknown(note: string, text: string, { resources }: ReadDirectives): boolean {
  const [, name] = /^--([a-z][a-z0-9-]*) is no option/.exec(note) ?? [];
  if (name === undefined) return false;
  const [option, value] = new RegExp(`--${name}(?:=([\\w.,:/@+-]+))?(?=\\s|$)`).exec(text) ?? [];
  const rest = text.slice(text.indexOf(`--${name}`) + `--${name}`.length);
  if (!option || value === undefined && /^\s+[^-\s#]/.test(rest)) return false;
  ((resources.sbatch ??= []) as string[]).push(option);
  return true;
}

type Tell = (line: number, fate: LineReport["fate"], where: string) => void;

function place(option: Directive, found: ReadDirectives, tell: Tell): void {
  const { name, value, line } = option;
  const key = PLAIN[name];
  const set = (name: string, value: unknown) => {
    found.resources[name] = value;
    tell(line, "key", `resources.${name}`);
  };
  if (PERSONAL[name]) {
    found.personal[PERSONAL[name]] = value;
    tell(line, "key", `resources.${PERSONAL[name]} of the experiment`);
  } else if (name === "array") {
    found.array = option;
    tell(line, "key", "sweep of the experiment");
  } else if (name === "chdir") {
    found.chdir = value;
    tell(line, "key", "workdir of the experiment");
  } else if (name === "job-name") {
    found.jobName = value;
    tell(line, "key", "description (expflow names jobs, so as to find them again)");
  } else if (LEFT_OUT[name]) tell(line, "left out", LEFT_OUT[name]);
  else if (name === "requeue" || name === "no-requeue") set("requeue", name === "requeue");
  else if (name === "exclusive" && value === "") set("exclusive", true);
  else if (placeGpus(option, found, tell)) return;
  else if (key && accepted(key, typed(key, value))) set(key, typed(key, value));
  else {
    const sbatch = (found.resources.sbatch ??= []) as string[];
    sbatch.push(value === "" ? `--${name}` : `--${name}=${value}`);
    tell(line, "key", "resources.sbatch");
  }
}

function typed(key: string, value: string): unknown {
  return isTextResource(key) || !/^\d{1,9}$/.test(value) ? value : Number(value);
}

function accepted(key: string, value: unknown): boolean {
  return resourcesSchema.safeParse({ [key]: value }).success;
}

/** GPUs a node, where that is what the option says; any other one goes to sbatch as it is. */
function placeGpus({ name, value, line }: Directive, found: ReadDirectives, tell: Tell): boolean {
  const { resources } = found;
  const perNode = name === "gpus-per-node" || name === "gres" ||
    name === "gpus" && resources.nodes === 1;
  const match = name === "gres"
    ? /^gpu(?::([A-Za-z][\w.-]*))?(?::(\d+))?$/.exec(value)
    : /^(?:([A-Za-z][\w.-]*):)?(\d+)$/.exec(value);
  if (!perNode || !match || resources.gpus !== undefined) return false;
  resources.gpus = Number(match[2] ?? 1);
  if (match[1]) resources.gpu_type = match[1];
  tell(line, "key", match[1] ? "resources.gpus, resources.gpu_type" : "resources.gpus");
  return true;
}
