import { scrubbed } from "../../core/slurm_variables.ts";
import type { Clock } from "../../system/clock.ts";
import type { Command, Reply, Runner } from "../../system/runner.ts";

/** How Slurm's commands are run. */
export interface SlurmPorts {
  runner: Runner;
  clock: Clock;
  /** What the commands would inherit. */
  env: Readonly<Record<string, string | undefined>>;
  /** Between 0 and 1; spreads the pauses of many callers. */
  random: () => number;
}

/** What a question gave: what was printed, or why there is no answer. */
export type Answer = { ok: true; stdout: string; stderr: string } | { ok: false; why: string };

const QUESTION_TIMEOUT_MS = 60_000;
const TRIES = 3;
/** No further try after so long: a controller that hangs takes 10 s and more to fail. */
const PATIENCE_MS = 15_000;
const FIRST_PAUSE_MS = 500;

/** Epoch times, and the tasks of an array in full. Not for sbatch: jobs inherit SLURM_*. */
const ANSWERS = { SLURM_TIME_FORMAT: "%s", SLURM_BITSTR_LEN: "0" };

/** A word of a network or a controller that is busy: the same question may be answered next time. */
const TRANSIENT =
  /socket timed out|zero bytes were transmitted|connection reset|resource temporarily unavailable|transport endpoint|broken pipe|unexpected message/i;

/** What a program said went wrong, on one line and without its own name before it. */
export function wordsOf(reply: Reply, timeoutMs: number): string {
  if (reply.timedOut) return `no answer in ${Math.round(timeoutMs / 1000)} s`;
  const lines = reply.stderr.split("\n")
    .map((line) => line.replace(/^\w+: (?:(?:error|fatal): )?/, "").trim())
    .filter((line) => line !== "");
  return lines.length > 0 ? lines.join("; ") : `exit code ${reply.code} without a word`;
}

/** A question as it is asked from the environment `env`. */
export function question(argv: Command["argv"], env: SlurmPorts["env"]): Command {
  return { argv, env: { ...scrubbed(env), ...ANSWERS }, timeoutMs: QUESTION_TIMEOUT_MS };
}

/** Runs a question that changes nothing; again, after a growing pause, when the network failed. */
export async function ask(
  { runner, clock, env, random }: SlurmPorts,
  argv: Command["argv"],
): Promise<Answer> {
  const end = clock.now() + PATIENCE_MS;
  for (let tries = 1;; tries++) {
    const reply = await runner.run(question(argv, env));
    const { code, timedOut, stdout, stderr } = reply;
    // an error without a row is no answer: squeue ends with 0 after some
    const empty = /\berror:/.test(stderr) && !/^\w/m.test(stdout);
    if (code === 0 && !timedOut && !empty) return { ok: true, stdout, stderr };
    const why = `${argv[0]}: ${wordsOf(reply, QUESTION_TIMEOUT_MS)}`;
    const over = timedOut || tries === TRIES || clock.now() >= end;
    if (over || !TRANSIENT.test(stderr)) return { ok: false, why };
    await clock.sleep(FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + random()));
  }
}
