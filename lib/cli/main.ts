import { Command, CommanderError } from "@commander-js/extra-typings";
import { ExitCode, ExpflowError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import type { Hooks } from "../manager/hooks.ts";
import { type CliContext, OutputClosed } from "./context.ts";
import {
  type CommandEntry,
  type CommandPorts,
  COMMANDS,
  GLOBAL_OPTIONS,
  type GlobalOptions,
} from "./registry.ts";
import { verbOf } from "./verb.ts";

/** Runs one command line. @returns the exit code; it never exits by itself. */
export async function main(
  args: readonly string[],
  context: CliContext,
  hooks?: Hooks,
): Promise<number> {
  let exitCode: number = ExitCode.ok;
  const program = buildProgram(context);
  const ports: CommandPorts = {
    context,
    hooks,
    globals: () => program.opts() as GlobalOptions,
    exitWith: (code) => exitCode = code,
  };
  try {
    const wanted = wantedCommand(args);
    for (const entry of COMMANDS) {
      const command = program.command(entry.name).summary(entry.summary)
        .description(entry.summary).helpGroup(entry.group);
      if (entry === wanted) (await entry.load()).define(command as Command, ports);
    }
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    return conclude(error, ports);
  }
}

/** The whole command tree, for the reference and for completion. */
export async function fullProgram(context: CliContext): Promise<Command> {
  const program = buildProgram(context);
  const ports = { context, globals: () => ({}), exitWith: () => {} };
  for (const entry of COMMANDS) {
    const command = program.command(entry.name).summary(entry.summary).description(entry.summary)
      .helpGroup(entry.group);
    (await entry.load()).define(command as Command, ports);
  }
  return program as Command;
}

function buildProgram(context: CliContext) {
  const [project, json, version, help] = GLOBAL_OPTIONS;
  return new Command("expflow")
    .version(VERSION, version.flags, version.description)
    .option(project.flags, project.description)
    .option(json.flags, json.description)
    .helpOption(help.flags, help.description)
    .configureHelp({ showGlobalOptions: true, helpWidth: Math.min(context.columns, 100) })
    .configureOutput({
      writeOut: context.out,
      writeErr: context.err,
      outputError: (text, write) => write(withHint(text)),
      getOutHasColors: () => context.color,
      getErrHasColors: () => context.color,
    })
    .helpCommand(false)
    .exitOverride();
}

/** The parser's words in our form: one line, and a hint on its own. */
function withHint(text: string): string {
  const [message = "", suggestion] = text.trimEnd().split("\n");
  const meant = /\(Did you mean (.*)\?\)/.exec(suggestion ?? "")?.[1];
  return `${message}\nhint: ${meant ? `did you mean ${meant}?` : "--help lists what there is"}\n`;
}

function wantedCommand(args: readonly string[]): CommandEntry | undefined {
  const verb = verbOf(args);
  return COMMANDS.find(({ name }) => name === verb);
}

/** Says what went wrong, on one line with a hint. @returns the exit code. */
function conclude(error: unknown, { context, globals }: CommandPorts): number {
  if (error instanceof OutputClosed) return ExitCode.ok;
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  }
  if (error instanceof ExpflowError) {
    const { message, hint, exitCode } = error;
    if ((globals() as GlobalOptions).json) {
      context.out(`${JSON.stringify({ error: { message, hint, exitCode } })}\n`);
    }
    context.err(`error: ${message}\n`);
    if (hint) context.err(`hint: ${hint}\n`);
    return exitCode;
  }
  const text = error instanceof Error ? error.message : String(error);
  context.err(`error: ${text.split("\n")[0]}\n`);
  context.err("hint: this is a defect of expflow; EXPFLOW_DEBUG=1 shows where it happened\n");
  if (context.env("EXPFLOW_DEBUG") && error instanceof Error) context.err(`${error.stack}\n`);
  return ExitCode.failed;
}
