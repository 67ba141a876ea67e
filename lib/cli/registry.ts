import type { Command } from "@commander-js/extra-typings";
import type { Hooks } from "../manager/hooks.ts";
import type { CliContext } from "./context.ts";

/** Options that every command takes. */
export interface GlobalOptions {
  project?: string;
  json?: boolean;
}

/** The same, as the parser and the help tell them. */
export const GLOBAL_OPTIONS = [
  { flags: "-C, --project <dir>", description: "folder of the project (default: found upwards)" },
  { flags: "--json", description: "print data as JSON" },
  { flags: "-V, --version", description: "print the version" },
  { flags: "-h, --help", description: "print help" },
] as const;

/** What a command's action works with. */
export interface CommandPorts {
  context: CliContext;
  /** The user's own manager, where the CLI runs as one. */
  hooks?: Hooks;
  /** The global options of this call. */
  globals: () => GlobalOptions;
  /** The action's exit code, when it is not 0. */
  exitWith: (code: number) => void;
}

/** A file under `commands/`: adds arguments, options and the action. */
export interface CommandModule {
  define(command: Command, ports: CommandPorts): void;
}

/** One verb of the command line. The module is imported only when the verb is used. */
export interface CommandEntry {
  name: string;
  summary: string;
  group: string;
  load: () => Promise<CommandModule>;
}

const SET_UP = "Set up:";
const RUN = "Run:";
const WATCH = "Watch:";
const RESULTS = "Results:";
const CLEAN = "Clean up:";
const TOOL = "The tool:";

/** Every verb, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "quickstart",
    summary: "train, harvest and plot a small real sweep on this machine",
    group: SET_UP,
    load: () => import("./commands/quickstart.ts"),
  },
  {
    name: "init",
    summary: "create a project",
    group: SET_UP,
    load: () => import("./commands/init.ts"),
  },
  {
    name: "info",
    summary: "show what was detected, and from where",
    group: SET_UP,
    load: () => import("./commands/info.ts"),
  },
  {
    name: "sites",
    summary: "list the sites expflow knows, and what it knows of one",
    group: SET_UP,
    load: () => import("./commands/sites.ts"),
  },
  {
    name: "doctor",
    summary: "check this machine and cluster, and say what to do",
    group: SET_UP,
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "partitions",
    summary: "show where you may submit: partition, account, QOS",
    group: SET_UP,
    load: () => import("./commands/partitions.ts"),
  },
  {
    name: "resources",
    summary: "show free and total GPUs, CPUs and memory",
    group: SET_UP,
    load: () => import("./commands/resources.ts"),
  },
  {
    name: "advise",
    summary: "say where a job could run, when it would start, and what it costs",
    group: SET_UP,
    load: () => import("./commands/advise.ts"),
  },
  {
    name: "config",
    summary: "show or set values of the project file",
    group: SET_UP,
    load: () => import("./commands/config.ts"),
  },
  {
    name: "template",
    summary: "write a commented template to start from",
    group: SET_UP,
    load: () => import("./commands/template.ts"),
  },
  {
    name: "client",
    summary: "print the file that training code imports, for Python or Deno",
    group: SET_UP,
    load: () => import("./commands/client.ts"),
  },
  {
    name: "migrate",
    summary: "turn a batch script into a template and an experiment",
    group: SET_UP,
    load: () => import("./commands/migrate.ts"),
  },
  {
    name: "new",
    summary: "create an experiment from a template",
    group: RUN,
    load: () => import("./commands/new.ts"),
  },
  {
    name: "import",
    summary: "take over experiments and results of another tool: dr_exp",
    group: RUN,
    load: () => import("./commands/import.ts"),
  },
  {
    name: "show",
    summary: "show an experiment, everything resolved",
    group: RUN,
    load: () => import("./commands/show.ts"),
  },
  {
    name: "sweep",
    summary: "show what a sweep comes to, or add values to it",
    group: RUN,
    load: () => import("./commands/sweep.ts"),
  },
  {
    name: "search",
    summary: "search for the best parameters: random, sobol, asha, or Optuna's tpe and cmaes",
    group: RUN,
    load: () => import("./commands/search.ts"),
  },
  {
    name: "render",
    summary: "print the batch scripts of an experiment",
    group: RUN,
    load: () => import("./commands/render.ts"),
  },
  {
    name: "submit",
    summary: "submit the runs that are not completed or queued",
    group: RUN,
    load: () => import("./commands/submit.ts"),
  },
  {
    name: "pump",
    summary: "submit what waits for room in the queue",
    group: RUN,
    load: () => import("./commands/pump.ts"),
  },
  {
    name: "run",
    summary: "submit one command, without writing an experiment",
    group: RUN,
    load: () => import("./commands/run.ts"),
  },
  {
    name: "queue",
    summary: "a queue that workers take runs from: add, list, boost, hold, kill, …",
    group: RUN,
    load: () => import("./commands/queue.ts"),
  },
  {
    name: "launch",
    summary: "submit allocations of workers that take runs from the queue",
    group: RUN,
    load: () => import("./commands/launch.ts"),
  },
  {
    name: "worker",
    summary: "take runs from the queue, here and now",
    group: RUN,
    load: () => import("./commands/worker.ts"),
  },
  {
    name: "resume",
    summary: "submit unfinished runs again, from their newest checkpoint",
    group: RUN,
    load: () => import("./commands/resume.ts"),
  },
  {
    name: "retry",
    summary: "retry failed runs, as `retry:` of the experiment says",
    group: RUN,
    load: () => import("./commands/retry.ts"),
  },
  {
    name: "cancel",
    summary: "cancel an experiment, or one run",
    group: RUN,
    load: () => import("./commands/cancel.ts"),
  },
  {
    name: "status",
    summary: "show where runs stand",
    group: WATCH,
    load: () => import("./commands/status.ts"),
  },
  {
    name: "why",
    summary: "say why a run failed, and what helps",
    group: WATCH,
    load: () => import("./commands/why.ts"),
  },
  {
    name: "diagnose",
    summary: "say what the runs of experiments failed of, and what those share",
    group: WATCH,
    load: () => import("./commands/diagnose.ts"),
  },
  {
    name: "list",
    summary: "list experiments",
    group: WATCH,
    load: () => import("./commands/list.ts"),
  },
  {
    name: "logs",
    summary: "print the output of a run",
    group: WATCH,
    load: () => import("./commands/logs.ts"),
  },
  {
    name: "tail",
    summary: "follow the output of a run",
    group: WATCH,
    load: () => import("./commands/tail.ts"),
  },
  {
    name: "efficiency",
    summary: "show what runs used of what they asked for, and what to ask for",
    group: WATCH,
    load: () => import("./commands/efficiency.ts"),
  },
  {
    name: "harvest",
    summary: "read the results of runs into the project's table",
    group: RESULTS,
    load: () => import("./commands/harvest.ts"),
  },
  {
    name: "results",
    summary: "query, describe, compare and tabulate what was harvested",
    group: RESULTS,
    load: () => import("./commands/results.ts"),
  },
  {
    name: "plot",
    summary: "draw curves, bars, heat maps, fronts and more as .svg or .png",
    group: RESULTS,
    load: () => import("./commands/plot.ts"),
  },
  {
    name: "report",
    summary: "write one HTML page about an experiment",
    group: RESULTS,
    load: () => import("./commands/report.ts"),
  },
  {
    name: "reproduce",
    summary: "run a recorded run again as it was, and compare",
    group: RESULTS,
    load: () => import("./commands/reproduce.ts"),
  },
  {
    name: "export",
    summary: "write the table as .csv, .json, .parquet, .md, .tex or .html",
    group: RESULTS,
    load: () => import("./commands/export.ts"),
  },
  {
    name: "sync",
    summary: "send results to a folder, a host or a bucket, with checksums",
    group: RESULTS,
    load: () => import("./commands/sync.ts"),
  },
  {
    name: "prune",
    summary: "show what nobody needs any more, and remove it with --yes",
    group: CLEAN,
    load: () => import("./commands/prune.ts"),
  },
  {
    name: "pin",
    summary: "keep an experiment, or one run, out of clean-up",
    group: CLEAN,
    load: () => import("./commands/pin.ts"),
  },
  {
    name: "unpin",
    summary: "take a pin away",
    group: CLEAN,
    load: () => import("./commands/unpin.ts"),
  },
  {
    name: "archive",
    summary: "put an experiment into one compressed file, or bring it back",
    group: CLEAN,
    load: () => import("./commands/archive.ts"),
  },
  {
    name: "local",
    summary: "the scheduler of this machine: status, stop",
    group: TOOL,
    load: () => import("./commands/local.ts"),
  },
];
