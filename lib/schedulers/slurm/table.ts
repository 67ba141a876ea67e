import type { Denial } from "../../core/denials.ts";
import type { Command } from "../../system/runner.ts";
import { epochSeconds } from "../../system/clock.ts";
import { type Answer, ask, type SlurmPorts } from "./call.ts";
import type { Testimony } from "./merge.ts";
import type { Sighting } from "./sighting.ts";

const NO_SUCH_JOB = /Invalid job id specified/i;
const NO_ACCOUNTING = /accounting storage is disabled/i;

/** What squeue or sacct printed about jobs. */
export interface Table {
  /** A job's rows; none when the table does not have it; or why there is no table. */
  rowsOf(number: string): Testimony;
  /** That it says nothing of a job, or of some of its tasks; absent when it failed to answer. */
  silenceOn(number: string): Denial | undefined;
}

/** A question about jobs by number. Without numbers, about all of ours. */
export interface TableQuestion {
  command(numbers: readonly string[]): Command["argv"];
  parse(stdout: string): Sighting[];
}

/** Asks once. That a job is not known is an answer, and so is that there is no accounting here. */
export async function askTable(
  ports: SlurmPorts,
  { command, parse }: TableQuestion,
  numbers: readonly string[],
): Promise<Table> {
  const answer = await ask(ports, command(numbers));
  const epoch = epochSeconds(ports.clock);
  const read = readTable(answer, command(numbers)[0], parse);
  const rows = Array.isArray(read) ? Map.groupBy(read, ({ job }) => job) : undefined;
  const answered = rows !== undefined || (!Array.isArray(read) && read.absent === true);
  return {
    rowsOf: (number) => rows ? rows.get(number) ?? [] : read,
    silenceOn: (number) => {
      const some = rows?.has(number) ?? false;
      if (!answered || (!some && isMentioned(answer, number))) return undefined;
      const argv = command(numbers.length === 0 ? [] : [number]);
      const words = some ? "exit code 0, without some of its tasks" : wordsOn(answer);
      return { source: argv[0], command: argv.join(" "), words, epoch };
    },
  };
}

function readTable(answer: Answer, program: string, parse: TableQuestion["parse"]): Testimony {
  if (!answer.ok) {
    if (NO_SUCH_JOB.test(answer.why)) return [];
    return { why: answer.why, absent: NO_ACCOUNTING.test(answer.why) };
  }
  try {
    return parse(answer.stdout);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { why: `${program}: ${error.message}` };
  }
}

/** Whether it has a row for a job that is no sighting (yet). */
function isMentioned(answer: Answer, number: string): boolean {
  return answer.ok && new RegExp(`^${number}[|_+]`, "m").test(answer.stdout);
}

function wordsOn(answer: Answer): string {
  return answer.ok ? "exit code 0, without a row for it" : answer.why.replace(/^\w+: /, "");
}
