import { scanBash } from "../script/bash_scanner.ts";
import { readContainer } from "./container.ts";
import { readLauncher } from "./launcher.ts";
import { isComment, type Statement } from "./source.ts";
import { joined, PATH_VARIABLES, plainWords } from "./words.ts";

/** Modes that sbatch starts a script in; expflow's are stricter. */
export const LENIENT = "set +e +o pipefail";

/** The last command of a script, and what has to happen before it. */
export interface ReadCommand {
  command: string;
  /** Whether the lines before it, or it itself, need the modes of sbatch. */
  lenient: boolean;
  setup?: string;
  /** Those of the lines that belong to no command that is kept. */
  comments: string[];
  launcher?: Record<string, unknown>;
  container?: Record<string, unknown>;
  /** Key of the last statement. */
  where: string;
  /** Its first word, where its exit code says little of the others. */
  endsWith?: string;
}

const ENDINGS = new Set(
  "echo printf date sleep wait exit cp mv rm mkdir rsync tar cd done fi esac } ) unset trap".split(
    " ",
  ),
);

/**
 * Divides what is left of a script into its last command, with its launcher and its container, and
 * the lines before it. Where that could change what the script does, all of it is the command.
 */
export function readCommand(
  rest: readonly Statement[],
  resources: Record<string, unknown>,
): ReadCommand {
  const end = rest.findLastIndex(({ text }) => !isComment(text));
  const before = rest.slice(0, Math.max(0, end));
  const prepared = before.some(({ text }) => !isComment(text));
  const text = rest[end]?.text.trim() ?? "";
  const [program = ""] = text.split(/[\s;]/);
  const ending = ENDINGS.has(program);
  if (end < 0 || ending || !endsSimply(rest.slice(0, end + 1), text)) {
    return {
      command: textOf(rest),
      lenient: true,
      comments: [],
      where: "command",
      ...ending && prepared ? { endsWith: program } : {},
    };
  }
  const words = plainWords(text, PATH_VARIABLES);
  const traps = before.some((statement) => /\btrap\b/.test(statement.text));
  const started = words && !traps ? startedBy(words, resources, prepared) : undefined;
  const loose = [...prepared ? [] : before, ...rest.slice(end + 1)];
  return {
    command: rest[end]!.text,
    where: "command",
    ...started,
    lenient: prepared,
    ...prepared ? { setup: textOf(before) } : {},
    comments: loose.map((statement) => statement.text.trim()).filter((text) => text !== ""),
  };
}

function textOf(statements: readonly Statement[]): string {
  return statements.map(({ text }) => text).join("\n").trimEnd();
}

/** Whether a script ends with one command, of the top level and no part of a list. */
function endsSimply(statements: readonly Statement[], text: string): boolean {
  const { last, unclosed } = scanBash(textOf(statements));
  return !unclosed && (last.operator === "" || last.operator === "\n") && isOneCommand(text);
}

function isOneCommand(text: string): boolean {
  const { quoting } = scanBash(text);
  return !Array.from(text).some((character, at) =>
    quoting[at] === "plain" && /[;|&\n]/.test(character) && !isFollowed(text, at)
  ) && !quoting.includes("heredoc");
}

/** Whether a line break or `&` is none that ends a command: `\` before it, or `>&`. */
function isFollowed(text: string, at: number): boolean {
  return text[at] === "\n" ? text[at - 1] === "\\" : /[<>]/.test(text[at - 1] ?? "");
}

function startedBy(
  words: string[],
  resources: Record<string, unknown>,
  prepared: boolean,
): Pick<ReadCommand, "command" | "launcher" | "container" | "where"> | undefined {
  const step = readLauncher(words, resources, ["srun"]);
  const contained = readContainer(step?.words ?? words, resources);
  if (contained && prepared) return undefined;
  const agent = readLauncher(contained?.words ?? step?.words ?? words, resources, [
    "torchrun",
    "accelerate",
    "mpirun",
  ]);
  if (step && agent || !step && !contained && !agent) return undefined;
  const inner = agent?.words ?? contained?.words ?? step!.words;
  if (inner.length === 0 || /^(?:srun|torchrun|accelerate|mpirun)$/.test(inner[0]!)) {
    return undefined;
  }
  const text = contained && shellText(inner);
  const launcher = step ?? agent;
  const keys = [
    ...launcher ? ["launcher"] : [],
    ...contained ? ["environment.container"] : [],
    "command",
  ];
  return {
    command: text === undefined ? joined(inner) : `${LENIENT}\n${text}`,
    ...launcher ? { launcher: launcher.launcher } : {},
    ...contained ? { container: contained.container } : {},
    where: keys.join(", "),
  };
}

/** The text that a container's own bash is given: `bash -c TEXT`. */
function shellText(words: readonly string[]): string | undefined {
  const [shell = "", flag = "", text] = words;
  const isShell = /^(?:\/bin\/|\/usr\/bin\/)?(?:ba)?sh$/.test(shell) && /^-l?c$/.test(flag);
  return isShell && words.length === 3 && flag === "-c" ? text : undefined;
}
