import { bash } from "./bash_text.ts";

/** Functions of every script: the program, and how it is stopped. */
export const PROGRAM: string = bash`
# A function, since bash 4.2 forgets the exit code of a subshell that -e ends.
expflow_program() {
  set +m
  trap 'exit 143' TERM
  trap 'exit 130' INT
  expflow_prepare
  expflow_command
}

# Passes TERM or INT on, gives the program 20 seconds to end, and ends the job. Slurm gives 30.
expflow_end_stopped() {
  trap '' TERM INT "$expflow_warning"
  expflow_end_program "$expflow_stop" 80
  expflow_code=143
  if [[ $expflow_stop == INT ]]; then expflow_code=130; fi
  expflow_mark stop "$expflow_code"
  exit "$expflow_code"
}`;

/** The last lines of every script: its program in a process group of its own, and how it ended. */
export const RUN_PROGRAM: string = bash`
if [[ -n $expflow_stop ]]; then expflow_end_stopped; fi
set -m
expflow_program </dev/null &
expflow_child=$!
set +m
expflow_watch
if [[ $expflow_late == yes && -z $expflow_stop ]]; then
  expflow_end_program TERM "$expflow_patience"
fi
if [[ -z $expflow_stop ]]; then
  trap '' TERM INT "$expflow_warning"
  expflow_code=0
  wait "$expflow_child" || expflow_code=$?
  # Who told the program to end may be about to tell this shell as well.
  trap expflow_stop=TERM TERM
  if [[ $expflow_code != 0 ]]; then expflow_pause 0.5; fi
fi
if [[ -n $expflow_stop ]]; then expflow_end_stopped; fi
trap '' TERM
if [[ $expflow_code != 0 && ($expflow_late == yes || $expflow_told == yes) ]]; then
  expflow_after_warning
fi
expflow_mark end "$expflow_code"
kill -TERM -- "-$expflow_child" 2>/dev/null || true
exit "$expflow_code"`;
