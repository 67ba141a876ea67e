import { scrubbed } from "../core/slurm_variables.ts";
import { absent, type Maybe, unknown } from "./detected.ts";
import type { DetectionPorts } from "./ports.ts";

const TOOL_TIMEOUT_MS = 5_000;
/** Longer than the 10 s that Slurm's commands need to say that a controller does not answer. */
const SLURM_TIMEOUT_MS = 15_000;
const SLURM = /^(sbatch|scontrol|sinfo|sacctmgr|sacct)$/;

/** What a probe asks: a program, and how its answer is read. */
export interface Question<T> {
  argv: [string, ...string[]];
  /** What it reads on its standard input. */
  stdin?: string;
  /** How a person would name it, where the whole command line is too long to tell. */
  name?: string;
  /** Reads what was printed; `undefined` where it says nothing that can be used. */
  parse: (stdout: string) => T | undefined;
}

/**
 * Asks one program: what it says, that it is not there, or why it could not be understood. Never
 * throws, and never takes longer than its timeout.
 */
export async function ask<T>(ports: DetectionPorts, question: Question<T>): Promise<Maybe<T>> {
  const { argv, stdin, parse, name: source = argv.join(" ") } = question;
  const timeoutMs = SLURM.test(argv[0]) ? SLURM_TIMEOUT_MS : TOOL_TIMEOUT_MS;
  // fixed words and epoch times; LC_ALL=C also undoes translations, as of `df` and `quota`
  const env = { ...scrubbed(ports.env), SLURM_TIME_FORMAT: "%s", LC_ALL: "C" };
  try {
    const reply = await ports.runner.run({
      argv,
      env,
      timeoutMs,
      ...stdin === undefined ? {} : { stdin },
    });
    if (reply.timedOut) return unknown(`${source}: no answer in ${timeoutMs / 1000} s`);
    if (reply.code === 127) return absent(`there is no ${argv[0]}`);
    if (reply.code !== 0) return unknown(`${source}: ${complaint(reply.stderr, reply.code)}`);
    // Slurm ends each line: what does not end so was cut, and is no list of all there is
    if (SLURM.test(argv[0]) && /[^\n]$/.test(reply.stdout)) {
      return unknown(`${source}: its answer was cut`);
    }
    const value = parse(reply.stdout);
    return value === undefined
      ? unknown(`${source}: its answer could not be read`)
      : { value, source };
  } catch (error) {
    return unknown(`${source}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The first line of an error, without the name of the program before it. */
function complaint(stderr: string, code: number): string {
  const lines = stderr.split("\n").map((line) => line.replace(/^\w+: (error: )?/, "").trim());
  return lines.find((line) => line !== "") ?? `exit code ${code} without a word`;
}

/** Asks several programs, any of which would do: the first that is there, in this order. */
export async function askFirst<T>(
  ports: DetectionPorts,
  questions: readonly Question<T>[],
): Promise<Maybe<T>> {
  const all = await Promise.all(questions.map((question) => ask(ports, question)));
  const names = questions.map(({ argv }) => argv[0]).join(", ");
  return all.find(({ value }) => value !== undefined) ?? all.find((one) => one.unknown) ??
    absent(`there is no ${names}`);
}
