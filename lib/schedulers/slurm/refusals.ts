import { NoRoomError, SchedulerError, UncertainSubmissionError } from "../../core/errors.ts";
import type { Reply } from "../../system/runner.ts";
import type { StartEstimate } from "../scheduler.ts";
import { wordsOf } from "./call.ts";
import { parseSubmitted } from "./job_id.ts";
import { SUBMIT_TIMEOUT_MS } from "./sbatch.ts";

/** Words of the controller for "no", and what to do about it. The first that fits is taken. */
const REFUSALS: readonly [RegExp, string][] = [
  [/invalid partition/i, "set resources.partition to one that `sinfo -s` lists"],
  [/partition not available|partition.*(down|inactive)/i, "choose a partition that is up"],
  [
    /user's group not permitted|access.*partition|partition.*access/i,
    "you may not use this partition: choose another",
  ],
  [
    /invalid account|account\/partition/i,
    "set resources.account to one that `sacctmgr show assoc user=$USER` lists for this partition",
  ],
  [
    /invalid qos|QOS.*not permitted/i,
    "set resources.qos to one that `sacctmgr show assoc user=$USER format=qos` lists",
  ],
  [/SubmitJob/i, "too many jobs of yours are queued: submit again when some have ended"],
  [
    /accounting\/QOS policy|Assoc\w*Limit|QOS\w*Limit/i,
    "ask for less, or choose another QOS or account",
  ],
  [
    /time limit is invalid|time limit.*exceed/i,
    "set resources.time to what the partition allows (`sinfo -o '%P %l'`)",
  ],
  [/invalid job array/i, "the array is larger than MaxArraySize, or its list is wrong"],
  [
    /more processors requested|node count|too many (nodes|tasks)/i,
    "ask for fewer nodes, tasks or CPUs, or choose another partition",
  ],
  [
    /memory (specification|required)|insufficient memory/i,
    "ask for less memory: no node of the partition has that much",
  ],
  [
    /generic resource|invalid gres|invalid.*tres/i,
    "ask for GPUs that exist here (`sinfo -o '%P %G'`)",
  ],
  [
    /node configuration is not available/i,
    "no node has that: ask for less, or choose another partition",
  ],
  [/invalid feature/i, "set resources.constraint to features that `sinfo -o '%P %f'` lists"],
  [/node name/i, "resources.nodelist or exclude names a node that is not here"],
  [
    /reservation/i,
    "set resources.reservation to one that `scontrol show reservation` lists for you",
  ],
  [
    /dependency problem|invalid job id/i,
    "a job it waits for is no longer known: submit again, and what has ended is seen",
  ],
  [/license/i, "ask for licenses that `scontrol show licenses` lists"],
  [
    /queue full|resource temporarily unavailable/i,
    "the cluster's queue is full: submit again later",
  ],
  [
    /job creation temporarily disabled|jobs? submission.*disabled/i,
    "the cluster takes no jobs now: submit again later",
  ],
  [
    /access.*denied|permission denied|invalid user id|invalid group id/i,
    "you may not submit jobs here: ask the cluster's support",
  ],
  [
    /pathname of a file.*too long|script.*(too large|too big)|argument list too long/i,
    "make the script smaller",
  ],
  [
    /i\/o error writing script/i,
    "the controller's disk is full or broken: tell the cluster's support",
  ],
  [
    /requested (operation|partition configuration)|invalid.*(specification|option|request)|(not|un)supported/i,
    "change the resources that Slurm names",
  ],
];

/** What sbatch says before it tries again, for two minutes in all. */
export const QUEUE_FULL: RegExp = /sleeping and retrying/;
const SUBMIT_LIMIT = /\b(?:QOS|Assoc)\w*SubmitJob\w*/;

const VERDICT = /Batch job submission failed: (.+)$/gm;
/** What is said when nobody knows whether the request arrived, or whether the answer was lost. */
const LOST =
  /timed? ?out|contact slurm|zero bytes|connection|connect |communication|socket|transport|broken pipe|unexpected message|unable to (send|receive)|send failure|receive failure|standby|network|route to host|interrupted|munge|credential|authentication|protocol/i;
const COMPLAINT = /^sbatch: (?:error|fatal|unrecognized|invalid|option|ambiguous)\b.*\w/m;
/** Complaints of sbatch itself, beside wrong options, which end with 255. */
const LOCAL = /unable to open file|not look like a batch script|batch script (?:is|contains|size)/i;

/** The id of the job that sbatch submitted, or an error that says whether it can have done so. */
export function readSubmission(script: string, reply: Reply): string | Error {
  const id = parseSubmitted(reply.stdout);
  if (reply.code === 0 && !reply.timedOut && id !== undefined) return id;
  const words = wordsOf(reply, SUBMIT_TIMEOUT_MS);
  const message = `Cannot submit ${script}: ${words}`;
  if (id === undefined && isMissing(reply)) {
    return new SchedulerError(message, {
      hint: "Slurm's commands must be on PATH: is this a login node?",
    });
  }
  const noRoom = id === undefined ? readNoRoom(message, reply) : undefined;
  if (noRoom) return noRoom;
  const hint = id === undefined ? refusalHint(reply) : undefined;
  if (hint !== undefined) return new SchedulerError(message, { hint });
  return new UncertainSubmissionError(message, {
    hint:
      "it may have been submitted all the same: `expflow submit` looks for it before it submits again",
  });
}

/**
 * Whether it was kept out only for now. When the queue is full sbatch was ended between two tries:
 * a look-up makes sure.
 */
function readNoRoom(
  message: string,
  { code, timedOut, stderr }: Reply,
): NoRoomError | undefined {
  if (timedOut || code === 0) return undefined;
  const verdict = [...stderr.matchAll(VERDICT)].at(-1)?.[1];
  const limit = SUBMIT_LIMIT.exec(stderr)?.[0];
  if (verdict !== undefined && limit !== undefined) {
    const hint = REFUSALS.find(([pattern]) => pattern.test(limit))?.[1];
    return new NoRoomError(message, { hint, limit, sure: true, shared: false });
  }
  if (!QUEUE_FULL.test(stderr) || LOST.test(verdict ?? "")) return undefined;
  return new NoRoomError(message, {
    hint: "the cluster's queue is full: submit again later",
    limit: "MaxJobCount",
    sure: verdict !== undefined,
    shared: true,
  });
}

function isMissing({ code, stderr }: Reply): boolean {
  return code === 127 && stderr === "sbatch: command not found";
}

/**
 * What to do about a refusal; `undefined` where it is none for sure. A doubt that is taken for a
 * refusal runs things twice, the reverse costs one look: so only known words of the controller, and
 * complaints of sbatch itself before it sent anything, are refusals.
 */
function refusalHint({ code, timedOut, stderr }: Reply): string | undefined {
  if (timedOut || code === 0 || (code >= 128 && code !== 255)) return undefined;
  const verdict = [...stderr.matchAll(VERDICT)].at(-1)?.[1];
  if (LOST.test(verdict ?? stderr)) return undefined;
  const about = REFUSALS.find(([pattern]) => pattern.test(stderr))?.[1];
  const complains = COMPLAINT.test(stderr.replaceAll(VERDICT, ""));
  if (verdict === undefined) {
    const sure = complains && (code === 255 || LOCAL.test(stderr) || about !== undefined);
    return sure ? about ?? "change what sbatch complains about" : undefined;
  }
  if (/^Unspecified error/.test(verdict)) {
    return complains && !LOST.test(stderr) ? "change what the cluster's own rules name" : undefined;
  }
  if (/temporarily unavailable/.test(verdict) && !/sleeping and retrying/.test(stderr)) {
    return undefined;
  }
  return REFUSALS.some(([pattern]) => pattern.test(verdict)) ? about : undefined;
}

const START = /Job \d+ to start at (\S+) using (?:a )?\d+ processors(?: on (?:nodes )?(\S+))?/;
const NO_START = /allocation failure: \S/;
const SOURCE = "sbatch --test-only";

/** Reads what `sbatch --test-only` says, which is on stderr; nothing was submitted in any case. */
export function readStartEstimate(reply: Reply): StartEstimate {
  const { stderr, timedOut } = reply;
  const words = wordsOf(reply, SUBMIT_TIMEOUT_MS);
  const [, time, nodes] = START.exec(stderr) ?? [];
  const epoch = /^\d+$/.test(time ?? "") ? Number(time) : Date.parse(time ?? "") / 1000;
  if (Number.isFinite(epoch)) return { kind: "start", epoch, nodes, source: SOURCE };
  const refused = NO_START.test(stderr) || (COMPLAINT.test(stderr) && reply.code !== 0);
  return refused && !timedOut && !LOST.test(stderr)
    ? { kind: "refused", reason: words, source: SOURCE }
    : { kind: "unknown", why: words };
}
