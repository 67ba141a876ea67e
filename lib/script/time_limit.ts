import { ConfigError } from "../core/errors.ts";
import { bash } from "./bash_text.ts";
import type { ScriptModel } from "./model.ts";
import { limitSeconds, warningOf } from "./signals.ts";

/** Functions of a script that leaves the time limit to the scheduler. */
const LEFT_TO_SCHEDULER = bash`
expflow_patience=0
expflow_set_deadline() { :; }
expflow_after_warning() { :; }`;

/**
 * Functions of every script: what happens when the time limit is near. A stage that is continued
 * ends before the limit by itself, so that its marker says why; with `requeue` its job goes back
 * into the queue.
 *
 * @throws {ConfigError} when the warning would not come in time, or is one that ends jobs.
 */
export function timeLimitFunctions(model: ScriptModel): string {
  const { resuming, resources } = model;
  const ends = resuming?.mode === "requeue" || resuming?.mode === "resubmit" ||
    resuming?.link !== undefined;
  if (!ends) return LEFT_TO_SCHEDULER;
  const { signal, seconds, directive } = warningOf(resources);
  if (signal === "TERM" || signal === "INT") {
    throw new ConfigError(`Cannot continue a stage with ${directive} as its warning signal`, {
      hint: `${signal} also ends jobs: set resources.signal to USR1@${seconds}`,
    });
  }
  const limit = limitSeconds(resources);
  if (directive === undefined || limit <= seconds) {
    const wanted = directive === undefined ? "" : `${seconds} s `;
    throw new ConfigError(
      `Cannot warn ${wanted}before a time limit of ${limit} s: the warning would come at once`,
      { hint: "set resources.signal, as USR1@30, or a longer resources.time" },
    );
  }
  const reserve = Math.min(30, Math.floor(seconds / 2));
  const requeues = resuming.mode === "requeue";
  return [
    `# The program has until ${reserve} s before the limit, then it is told to end.
expflow_patience=${Math.max(1, Math.floor(reserve * 8 / 3))}
expflow_set_deadline() {
  local left=${seconds} until_limit`,
    ...Number.isFinite(limit)
      ? [`  until_limit=$((${limit} - SECONDS + expflow_began))
  if ((until_limit > 0 && until_limit < left)); then left=$until_limit; fi`]
      : [],
    `  if [[ -z $expflow_deadline ]]; then expflow_deadline=$((SECONDS + left - ${reserve})); fi
}`,
    "",
    ...requeues ? [REQUEUE, ""] : [],
    `# The time limit ended this attempt, not the program.
expflow_after_warning() {`,
    ...resuming.checkpoint ? [STUCK] : [],
    ...requeues ? [again(resuming.maxRestarts)] : [],
    `  expflow_mark timeout "$expflow_code"
  exit "$expflow_code"
}`,
  ].join("\n");
}

const STUCK = `  if ! expflow_progressed; then
    expflow_say "Attempt $EXPFLOW_ATTEMPT left no new checkpoint: the run is not continued"
    expflow_mark stuck "$expflow_code"
    exit "$expflow_code"
  fi`;

const REQUEUE = bash`
# Puts this job back into the queue: a scheduler without scontrol names files to make.
expflow_requeue() {
  local words try
  if [[ -n \${EXPFLOW_REQUEUE_REQUEST+x} ]]; then
    : >"$EXPFLOW_REQUEUE_REQUEST" && : >"$EXPFLOW_REQUEUE_HINT"
    return
  fi
  for try in 1 2 3; do
    if words=$(scontrol requeue "$expflow_job" 2>&1); then return 0; fi
    # Slurm may have accepted it, and told every process of this job to end: scontrol as well.
    expflow_pause 1
    if [[ -n $expflow_stop ]]; then return 0; fi
    expflow_say "Cannot requeue job $expflow_job: $words"
    if [[ $words != *"timed out"* && $words != *ontact* ]]; then break; fi
  done
  return 1
}`;

function again(maxRestarts: number): string {
  return `  local marker restarts=0
  for marker in "$expflow_events/$EXPFLOW_RUN.$EXPFLOW_STAGE."*.requeue.*; do
    if [[ -e $marker ]]; then restarts=$((restarts + 1)); fi
  done
  if ((restarts >= ${maxRestarts})); then
    expflow_say "The run was requeued $restarts times, its max_restarts: it is not continued"
    expflow_mark spent "$expflow_code"
    exit "$expflow_code"
  fi
  trap expflow_stop=TERM TERM
  expflow_mark requeue "$expflow_code"
  if expflow_requeue; then
    expflow_say "The time limit is near: job $expflow_job goes back into the queue"
    # The scheduler ends this attempt; one that ended by itself would release who waits for it.
    for ((restarts = 0; restarts < 120; restarts++)); do
      if [[ -n $expflow_stop ]]; then exit 0; fi
      expflow_pause 0.5
    done
    expflow_say "Job $expflow_job was requeued, and goes on"
    exit 0
  fi`;
}
