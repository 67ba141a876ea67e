import type { Command } from "@commander-js/extra-typings";
import { join, resolve } from "node:path";
import { CLIENTS } from "../../client/clients.gen.ts";
import { ConflictError, UsageError } from "../../core/errors.ts";
import { entryAt, readIfThere, writeWhole } from "../../system/files.ts";
import type { CommandPorts } from "../registry.ts";

const LANGUAGES = Object.keys(CLIENTS) as (keyof typeof CLIENTS)[];

/** `expflow client python|deno` */
export function define(command: Command, ports: CommandPorts): void {
  const { context, globals } = ports;
  command
    .description(
      "Print the one file that training code imports: params, log, save_checkpoint, should_stop, ….\n" +
        "It needs nothing installed, and no network.",
    )
    .argument("<language>", "python (3.8 or later) or deno")
    .option("-o, --output <file>", "write it there; in a folder it is expflow.py or expflow.ts")
    .addHelpText(
      "after",
      "\nExamples:\n  expflow client python --output .     then: import expflow\n" +
        '  expflow client deno --output src     then: import * as expflow from "./expflow.ts"',
    )
    .action((given, { output }) => {
      const language = languageOf(given);
      const { file, text } = CLIENTS[language];
      if (output === undefined) {
        context.out(globals().json ? `${JSON.stringify({ language, file, text })}\n` : text);
        return;
      }
      const wanted = resolve(context.cwd, output);
      const path = entryAt(wanted)?.folder ? join(wanted, file) : wanted;
      writeClient(path, text);
      context.out(globals().json ? `${JSON.stringify({ language, path })}\n` : `${path}\n`);
    });
}

function languageOf(given: string): keyof typeof CLIENTS {
  const language = LANGUAGES.find((name) => name === given);
  if (language !== undefined) return language;
  throw new UsageError(`Cannot write a client for ${JSON.stringify(given)}`, {
    hint: `there is one for ${LANGUAGES.join(" and one for ")}`,
  });
}

/** Writes the file anew, unless what is there is somebody else's. */
function writeClient(path: string, text: string): void {
  const before = readIfThere(path);
  if (before === text) return;
  if (before !== undefined && !before.includes("Written by `expflow client")) {
    throw new ConflictError(`Cannot write ${path}: another file is there`, {
      hint: "name another file with --output",
    });
  }
  writeWhole(path, text);
}
