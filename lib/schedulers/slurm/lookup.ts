import { UncertainSubmissionError } from "../../core/errors.ts";
import { epochSeconds } from "../../system/clock.ts";
import { type Answer, ask, type SlurmPorts } from "./call.ts";
import { configCommand, parseConfig } from "./cluster.ts";
import { parseSacct, sacctCommand } from "./sacct.ts";
import type { Sighting } from "./sighting.ts";
import { parseSqueue, squeueCommand } from "./squeue.ts";

const DAY = 86_400;
/** How far accounting is searched when the caller does not know since when. */
const UNTOLD_SECONDS = 90 * DAY;
/** Between our clock and the controller's. */
const CLOCK_SKEW = 600;
/** What the word of the queue alone must be younger than MinJobAge by. */
const MARGIN = 10;

/**
 * Numbers of our jobs with exactly this name, by the queue and by accounting together.
 *
 * Finding one is proof, whoever says so. Finding none is proof only when the queue answered, and
 * - accounting did too: the queue has whatever is not over or ended less than MinJobAge ago, and
 *   accounting is behind by seconds only for what the queue still has; or
 * - the submission was tried less than MinJobAge ago: nothing can have left the queue since.
 *
 * In all other cases it throws. A request that still lies unread in a controller that hung is in
 * neither: the job's claim at its start is what guards against that.
 *
 * @param since seconds since 1970, when the first submission under this name was tried.
 * @throws {UncertainSubmissionError} when nobody can say that there is none.
 */
export async function lookUpName(
  ports: SlurmPorts,
  name: string,
  since: number | undefined,
): Promise<string[]> {
  if (name === "") return [];
  const now = epochSeconds(ports.clock);
  const secondsBack = since === undefined ? UNTOLD_SECONDS : Math.max(now - since, 0) + CLOCK_SKEW;
  const [queue, accounting] = await Promise.all([
    ask(ports, squeueCommand({ name })),
    ask(ports, sacctCommand({ name, secondsBack })),
  ]);
  const inQueue = numbersIn(queue, parseSqueue, name);
  const inAccounting = numbersIn(accounting, parseSacct, name);
  const found = new Set([...inQueue.numbers, ...inAccounting.numbers]);
  if (found.size > 0) return [...found];
  if (inQueue.why === undefined && inAccounting.why === undefined) return [];
  if (inQueue.why === undefined && since !== undefined && await remembers(ports, now - since)) {
    return [];
  }
  throw new UncertainSubmissionError(
    `Cannot tell whether a job named ${name} exists: ${inQueue.why ?? inAccounting.why}`,
    { hint: "run the same command again when Slurm answers; nothing was submitted twice" },
  );
}

interface Numbers {
  numbers: string[];
  /** Why there is no answer. */
  why?: string;
}

function numbersIn(answer: Answer, parse: (text: string) => Sighting[], name: string): Numbers {
  if (!answer.ok) return { numbers: [], why: answer.why };
  try {
    const named = parse(answer.stdout).filter((sighting) => sighting.name === name);
    return { numbers: named.filter((sighting) => !isRefused(sighting)).map(({ job }) => job) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { numbers: [], why: error.message };
  }
}

/** Whether the controller still has everything that was submitted so many seconds ago. */
async function remembers(ports: SlurmPorts, age: number): Promise<boolean> {
  const answer = await ask(ports, configCommand);
  const config = answer.ok ? parseConfig(answer.stdout) : undefined;
  return config !== undefined && age < (config.minJobAge ?? Infinity) - MARGIN;
}

/** 22.05 keeps some submissions that it refused, as FAILED without a node. Such a job never ran. */
function isRefused({ said }: Sighting): boolean {
  return said.state === "FAILED" && said.nodes === undefined;
}
