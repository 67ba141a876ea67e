import { bash } from "./bash_text.ts";
import { ScriptExit } from "./claiming.ts";
import { arraySpec } from "./directives.ts";
import type { ScriptModel, ScriptPack } from "./model.ts";
import { SLOT } from "./slot.ts";
import {
  BEGINNING,
  checkTask,
  chooseRun,
  JOB_ALONE,
  JOB_OF_TASK,
  RESTARTS,
  signals,
} from "./start.ts";

/**
 * The end of a script whose jobs carry several runs: one function that does a run, and what starts
 * it for each.
 *
 * @param steps what a run does after it was chosen, in order.
 */
export function packSections(
  model: ScriptModel,
  pack: ScriptPack,
  steps: readonly string[],
): string[] {
  const slots = pack.atOnce > 1;
  return [
    ...slots ? [SLOT] : [],
    `# Which attempt of run $1 this is.
expflow_choose_run() {
  EXPFLOW_RUN=$1
${indented(chooseRun(model))}
}`,
    `# All of run $1${
      slots ? " in slot $2" : ""
    }, in a process of its own: what ends it, ends no other run.
expflow_run() {
${indented(signals(model))}
  expflow_choose_run "$1"
${slots ? '  expflow_take_slot "$2"\n' : ""}
${steps.map(indented).join("\n\n")}
}`,
    PACK,
    [BEGINNING, signals(model), "", model.array ? arrayOf(pack) : aloneOf(pack), RESTARTS].join(
      "\n",
    ),
    `expflow_at_once=${pack.atOnce}`,
    RUN_ALL,
  ];
}

/** Lines of code; none of them is inside a quotation. */
function indented(text: string): string {
  return text.split("\n").map((line) => line === "" ? line : `  ${line}`).join("\n");
}

function arrayOf({ tasks }: ScriptPack): string {
  return `${checkTask("which runs are meant")}
case $((10#$SLURM_ARRAY_TASK_ID)) in
${tasks.map(({ task, runs }) => `  ${task}) expflow_mine=(${listed(runs)}) ;;`).join("\n")}
  *) expflow_refuse "This script has no task $SLURM_ARRAY_TASK_ID" ;;
esac
${JOB_OF_TASK}`;
}

function aloneOf({ tasks }: ScriptPack): string {
  return `expflow_mine=(${listed(tasks[0]!.runs)})\n${JOB_ALONE}`;
}

/** `{0..3} 7` */
function listed(runs: readonly number[]): string {
  return arraySpec(runs).split(",").map((range) =>
    range.includes("-") ? `{${range.replace("-", "..")}}` : range
  ).join(" ");
}

/** Functions of a job that carries several runs. */
const PACK = bash`
# Whether the user wants run $1 no more.
expflow_is_cancelled() {
  local wish
  for wish in "$expflow_state/submit/cancel.$1."*; do
    if [[ -e $wish ]]; then return 0; fi
  done
  return 1
}

# After a restart of this job: whether run $1 ended by itself before.
expflow_has_ended() {
  local marker
  for marker in "$expflow_events/$1.$EXPFLOW_STAGE."*.end.*; do
    if [[ ! -e $marker ]]; then continue; fi
    if [[ $marker != *.end.0.* ]]; then expflow_failed=yes; fi
    return 0
  done
  return 1
}

# Begins the next run in slot $1, if there is one and this job was not told to end.
expflow_begin_next() {
  local run
  while [[ -z $expflow_stop && $expflow_warned == no ]] &&
    ((expflow_next < \${#expflow_mine[@]})); do
    run=\${expflow_mine[expflow_next]}
    expflow_next=$((expflow_next + 1))
    if ((expflow_restarts > 0)) && expflow_has_ended "$run"; then continue; fi
    if expflow_is_cancelled "$run"; then
      expflow_say "Run $run was cancelled: it is not begun"
      continue
    fi
    expflow_run "$run" "$1" </dev/null >>"$expflow_log.$run.out" 2>>"$expflow_log.$run.err" &
    expflow_pids[$1]=$! expflow_carried[$1]=$run expflow_turn=0
    return 0
  done
}

# Notes how the run in slot $1 ended.
expflow_finish() {
  local code=0 markers
  wait "\${expflow_pids[$1]}" || code=$?
  expflow_pids[$1]=''
  if [[ $code == 0 ]]; then return 0; fi
  expflow_failed=yes
  expflow_say "Run \${expflow_carried[$1]} ended with $code"
  # Something may have killed the process that would have told.
  expflow_choose_run "\${expflow_carried[$1]}"
  markers=("$expflow_events/$EXPFLOW_RUN.$EXPFLOW_STAGE.$EXPFLOW_ATTEMPT."*)
  if [[ \${#markers[@]} == 1 && \${markers[0]} == *.start.* ]]; then expflow_mark end "$code"; fi
}

# Sends signal $1 to all runs, or to those in the slots behind it.
expflow_tell() {
  local signal=$1 slot
  shift
  if [[ $# == 0 ]]; then set -- "\${!expflow_pids[@]}"; fi
  for slot in "$@"; do
    if [[ -n \${expflow_pids[slot]} ]]; then kill -"$signal" "\${expflow_pids[slot]}" 2>/dev/null || true; fi
  done
}

# Passes on what this job was told, and ends runs that are wanted no more.
expflow_pass_on() {
  local slot
  if [[ -n $expflow_stop && $expflow_passed != *stop* ]]; then
    expflow_passed+=' stop'
    expflow_tell TERM
  fi
  if [[ $expflow_warned == yes && $expflow_passed != *warning* ]]; then
    expflow_passed+=' warning'
    expflow_tell "$expflow_warning"
  fi
  if ((SECONDS < expflow_look)); then return 0; fi
  expflow_look=$((SECONDS + 5))
  for slot in "\${!expflow_pids[@]}"; do
    if [[ -n \${expflow_pids[slot]} ]] && expflow_is_cancelled "\${expflow_carried[slot]}"; then
      expflow_tell TERM "$slot"
    fi
  done
}

# Leaves the runs that were not begun to another job.
expflow_leave_rest() {
  local run
  for run in "\${expflow_mine[@]:expflow_next}"; do
    if ((expflow_restarts > 0)) && expflow_has_ended "$run"; then continue; fi
    if expflow_is_cancelled "$run"; then continue; fi
    expflow_say "Run $run is not begun: this job was told to end before its turn"
    expflow_choose_run "$run"
    expflow_mark left ${ScriptExit.left}
    expflow_left=yes
  done
}`;

/** The last lines: all runs of this job, so many at once, and what it ends with. */
const RUN_ALL = bash`
expflow_next=0 expflow_turn=0 expflow_look=$SECONDS
expflow_failed=no expflow_left=no expflow_passed=''
expflow_pids=() expflow_carried=()
while :; do
  expflow_busy=no
  for ((expflow_slot = 0; expflow_slot < expflow_at_once; expflow_slot++)); do
    if [[ -n \${expflow_pids[expflow_slot]+x} && -n \${expflow_pids[expflow_slot]} ]]; then
      if kill -0 "\${expflow_pids[expflow_slot]}" 2>/dev/null; then
        expflow_busy=yes
        continue
      fi
      expflow_finish "$expflow_slot"
    fi
    expflow_pids[expflow_slot]=''
    expflow_begin_next "$expflow_slot"
    if [[ -n \${expflow_pids[expflow_slot]} ]]; then expflow_busy=yes; fi
  done
  if [[ $expflow_busy == no ]]; then break; fi
  expflow_pass_on
  expflow_turn=$((expflow_turn + 1))
  if ((expflow_turn < 20)); then
    expflow_pause 0.05
  elif ((expflow_turn < 60)); then
    expflow_pause 0.2
  else
    expflow_pause 1
  fi
done
trap '' TERM INT "$expflow_warning"
expflow_leave_rest
if [[ $expflow_stop == INT ]]; then exit 130; fi
if [[ -n $expflow_stop ]]; then exit 143; fi
if [[ $expflow_failed == yes ]]; then exit 1; fi
if [[ $expflow_left == yes ]]; then exit ${ScriptExit.left}; fi
exit 0`;
