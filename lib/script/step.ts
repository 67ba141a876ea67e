import { bash } from "./bash_text.ts";
import { WATCH_FUNCTIONS } from "./watch.ts";

/** Functions of the script that every process of a step is given. */
export const STEP_FUNCTIONS: readonly string[] = ["expflow_refuse", ...WATCH_FUNCTIONS];

/** Function of a script whose launcher starts processes on other nodes. */
export const LAUNCH: string = bash`
# Starts srun or mpirun, and passes the warning on as a signal that both hand to their processes. srun
# would kill them all when told TERM: it is in a process group of its own, and its processes are
# told by Slurm, which does so itself but where this job is told by its own clock.
expflow_launch() {
  local launcher=$1
  expflow_warn() {
    if kill -"$expflow_wire" "$expflow_child" 2>/dev/null; then expflow_told=yes; fi
  }
  expflow_set_deadline() { :; }
  expflow_child='' expflow_stop='' expflow_warned=no expflow_told=no
  trap expflow_warned=yes "$expflow_warning"
  trap expflow_stop_step TERM INT
  if [[ $launcher == srun ]]; then set -m; fi
  "$@" &
  expflow_child=$!
  set +m
  expflow_watch
  trap '' TERM INT "$expflow_warning"
  expflow_code=0
  wait "$expflow_child" || expflow_code=$?
  return "$expflow_code"
}

expflow_stop_step() {
  if [[ $launcher != srun || $expflow_told != yes ]]; then return 0; fi
  scancel --signal=TERM "$SLURM_JOB_ID" || true
}`;

/** The last lines of what a process of a step runs, after the function `expflow_rank`. */
export const STEP: string = bash`
# The warning comes as a signal of its own, which may reach every process: only this shell heeds it,
# and it tells those that listen to the real one.
expflow_task() {
  set +m
  trap '' "$expflow_wire"
  trap - TERM
  expflow_rank
}
expflow_set_deadline() { :; }
expflow_child='' expflow_stop='' expflow_warned=no expflow_told=no expflow_late=no expflow_deadline=''
trap expflow_stop=TERM TERM
trap expflow_warned=yes "$expflow_wire"
set -m
expflow_task </dev/null &
expflow_child=$!
set +m
expflow_watch
if [[ -n $expflow_stop ]]; then
  expflow_end_program TERM 80
  exit 1 # srun ends with the highest code of all, which is to be that of the one that failed
fi
trap '' "$expflow_wire"
expflow_code=0
wait "$expflow_child" || expflow_code=$?
# Who told the program to end may be about to tell this shell as well.
if [[ $expflow_code != 0 ]]; then expflow_pause 0.5; fi
if [[ -n $expflow_stop ]]; then exit 1; fi
exit "$expflow_code"`;
