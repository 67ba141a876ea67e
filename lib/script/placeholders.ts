import { ConfigError } from "../core/errors.ts";
import type { ArgsStyle } from "../core/experiment.ts";
import { didYouMean } from "../core/suggest.ts";
import { checkAppendable } from "./append.ts";
import { type Quoting, scanBash } from "./bash_scanner.ts";

/** A command in which every placeholder has become a reference to a variable of bash. */
export interface PlacedCommand {
  text: string;
  /** Parameters named by a placeholder (dotted keys) → variable that holds the value. */
  variables: Map<string, string>;
}

/** Reference to all arguments that the style of the command makes of the parameters. */
export const ALL_ARGUMENTS = '"${expflow_args[@]}"';

const PLACEHOLDER =
  /(?<!\$)\{(?:(params|run|code)\.([^\s{}"'`$\\;&|<>()#]+)|(seed|experiment|args))\}/g;
const FACTS: Record<string, string> = {
  "run.dir": "EXPFLOW_RUN_DIR",
  "run.index": "EXPFLOW_RUN",
  "code.dir": "EXPFLOW_CODE_DIR",
  experiment: "EXPFLOW_EXPERIMENT",
};

/**
 * Replaces `{params.NAME}`, `{seed}` (which is `{params.seed}`), `{run.dir}`, `{run.index}`,
 * `{experiment}`, `{code.dir}` and `{args}` by references to variables, quoted as the place asks
 * for: no value ever becomes part of the command's text. Where `{args}` is not there and the style
 * is not `none`, the arguments follow the last word. `\{seed}` stays `{seed}`, and so does every
 * other brace, and what is in comments.
 *
 * @throws {ConfigError} on an unknown placeholder, on one in a here-document or in arithmetic, on an
 * unclosed quote, and where it is not clear which command takes the arguments.
 */
export function placeCommand(
  command: string,
  args: ArgsStyle,
  parameters: readonly string[],
): PlacedCommand {
  const given = checkText(command);
  const variables = new Map<string, string>();
  const found = [...given.matchAll(PLACEHOLDER)];
  if (found.length === 0 && args === "none") return { text: given, variables };
  const scan = scanBash(given);
  if (scan.unclosed) {
    throw new ConfigError(`Cannot read the command: its ${scan.unclosed} is not closed`, {
      hint: "close it; or put the command into a script, and call that",
    });
  }
  let text = "";
  let copied = 0;
  let placed = false;
  for (const match of found) {
    const quoting = scan.quoting[match.index]!;
    if (quoting === "comment" || quoting === "escaped") continue;
    const [whole, group, name, word] = match;
    const key = group ? `${group}.${name}` : word!;
    if (key === "args") placed = true;
    const inserted = key === "args"
      ? allArguments(quoting, args)
      : insertion(whole, quoting, variableOf(key, parameters, variables));
    text += given.slice(copied, match.index) + inserted;
    copied = match.index + whole.length;
  }
  text += given.slice(copied);
  if (args === "none" || placed) return { text, variables };
  checkAppendable(given, scan);
  return { text: `${text} ${ALL_ARGUMENTS}`, variables };
}

function checkText(command: string): string {
  const text = command.replaceAll("\r\n", "\n").trimEnd();
  if (text.trim() === "") {
    throw new ConfigError("Cannot run an empty command", { hint: "say what to run in `command`" });
  }
  if (text.includes("\0") || !text.isWellFormed()) {
    throw new ConfigError("Cannot read the command: it holds a character that bash cannot", {
      hint: "remove the NUL character or the half surrogate pair",
    });
  }
  return text;
}

function allArguments(quoting: Quoting, args: ArgsStyle): string {
  if (args === "none") {
    throw new ConfigError("Cannot fill {args} in: the stage has args: none", {
      hint: "set args: argparse or args: hydra",
    });
  }
  if (quoting === "plain") return ALL_ARGUMENTS;
  throw new ConfigError(`Cannot fill {args} in ${PLACES[quoting]}: it stands for several words`, {
    hint: "put it outside of quotes",
  });
}

const PLACES: Record<Quoting, string> = {
  plain: "there",
  escaped: "there",
  comment: "a comment",
  single: "single quotes",
  double: "double quotes",
  ansi: "$'…' quotes",
  arithmetic: "arithmetic",
  heredoc: "a here-document",
};

function insertion(placeholder: string, quoting: Quoting, variable: string): string {
  const reference = `\${${variable}}`;
  switch (quoting) {
    case "double":
      return reference;
    case "single":
      return `'"${reference}"'`;
    case "ansi":
      return `'"${reference}"$'`;
    case "heredoc":
    case "arithmetic":
      throw new ConfigError(`Cannot fill ${placeholder} in inside ${PLACES[quoting]}`, {
        hint: "give it to a variable before (x={params.x}), pass it as an argument, or read the " +
          "file $EXPFLOW_PARAMS",
      });
    default:
      return `"${reference}"`;
  }
}

function variableOf(
  key: string,
  parameters: readonly string[],
  variables: Map<string, string>,
): string {
  if (Object.hasOwn(FACTS, key)) return FACTS[key]!;
  const name = key === "seed" ? key : key.replace(/^params\./, "");
  if (key !== "seed" && name === key) {
    throw new ConfigError(`Cannot fill {${key}} in: there is no such placeholder`, {
      hint: didYouMean(key, Object.keys(FACTS)),
    });
  }
  if (!parameters.includes(name)) {
    throw new ConfigError(`Cannot fill {${key}} in: there is no parameter "${name}"`, {
      hint: didYouMean(name, parameters),
    });
  }
  const known = variables.get(name);
  if (known) return known;
  const taken = new Set(variables.values());
  const plain = `expflow_param_${name.replaceAll(/\W/g, "_")}`;
  let variable = plain;
  for (let n = 2; taken.has(variable); n++) variable = `${plain}_${n}`;
  variables.set(name, variable);
  return variable;
}
