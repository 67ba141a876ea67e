import { bash } from "./bash_text.ts";

/** Functions of every script: signals, and the program that they go to. */
export const SIGNALS: string = bash`
# Whether process $1 listens to signal number $2. Of a shell that listens to everything, which is
# what a trap on EXIT looks like, nobody knows.
expflow_listens() {
  local key value name='' caught=0
  while read -r key value; do
    case $key in
      Name:) name=$value ;;
      SigCgt:) caught=$((16#$value)) ;;
    esac
  done 2>/dev/null <"/proc/$1/status" || return 1
  ((caught >> ($2 - 1) & 1)) || return 1
  case $name in
    bash | sh | dash | ksh | zsh) ((!(caught >> 25 & 1))) || return 2 ;;
    srun | mpirun | mpiexec | orterun | prterun | uv | singularity | apptainer | starter* | node)
      # They pass signals on to programs that may not listen; node takes USR1 for its debugger.
      [[ $expflow_warning_asked == yes ]] || return 1
      ;;
  esac
}

# The warning before the time limit goes to the program only if it listens, as it would die of it
# otherwise: on each branch of its process tree, the first process that listens is told.
expflow_warn() {
  local number file stat parent pid code i unsure=() queue
  if [[ ! -r /proc/self/status ]]; then
    if [[ $expflow_warning_asked == yes ]]; then
      kill -"$expflow_warning" -- "-$expflow_child" 2>/dev/null && expflow_told=yes
    fi
    return 0
  fi
  local -A children=()
  for file in /proc/[0-9]*/stat; do
    { read -r stat <"$file"; } 2>/dev/null || continue
    stat=\${stat##*) }
    parent=\${stat#* }
    parent=\${parent%% *}
    if [[ ! $parent =~ ^[0-9]+$ ]]; then continue; fi
    if [[ -z \${children[$parent]+x} ]]; then children[$parent]=''; fi
    children[$parent]+=" \${file//[^0-9]/}"
  done
  number=$(kill -l "$expflow_warning")
  queue=("$expflow_child")
  for ((i = 0; i < \${#queue[@]}; i++)); do
    pid=\${queue[i]}
    code=0
    expflow_listens "$pid" "$number" || code=$?
    if [[ $code == 0 ]]; then
      kill -"$expflow_warning" "$pid" 2>/dev/null && expflow_told=yes
      continue
    fi
    if [[ $code == 2 ]]; then unsure+=("$pid"); fi
    if [[ -n \${children[$pid]+x} ]]; then queue+=(\${children[$pid]}); fi
  done
  if [[ $expflow_told == no && $expflow_warning_asked == yes && \${#unsure[@]} -gt 0 ]]; then
    kill -"$expflow_warning" "\${unsure[0]}" 2>/dev/null && expflow_told=yes
  fi
}

# A scheduler may tell every process of a job to end: this one as well.
expflow_pause() {
  { sleep "$1"; } 2>/dev/null || true
}

# Watches the program until it ends, or the job is told to. It sleeps in the foreground: bash may
# lose the exit code of a child when a signal comes during "wait".
expflow_watch() {
  local turn
  for ((turn = 0; ; turn++)); do
    if ((turn < 20)); then
      expflow_pause 0.05
    elif ((turn < 60)); then
      expflow_pause 0.2
    else
      expflow_pause 1
    fi
    if [[ -n $expflow_stop ]] || ! kill -0 "$expflow_child" 2>/dev/null; then return 0; fi
    if [[ $expflow_warned == yes ]]; then
      expflow_warned=no
      expflow_warn
      expflow_set_deadline
    fi
    if [[ -n $expflow_deadline ]] && ((SECONDS >= expflow_deadline)); then
      expflow_late=yes
      return 0
    fi
  done
}

# A function, since bash 4.2 forgets the exit code of a subshell that -e ends.
expflow_program() {
  set +m
  trap 'exit 143' TERM
  trap 'exit 130' INT
  expflow_prepare
  expflow_command
}

# Sends signal $1 to the program, and ends it after so many quarters of a second as $2 says.
expflow_end_program() {
  local try
  if [[ -z $expflow_child ]]; then return 0; fi
  kill -"$1" -- "-$expflow_child" 2>/dev/null || true
  for ((try = 0; try < $2; try++)); do
    if ! kill -0 -- "-$expflow_child" 2>/dev/null; then break; fi
    expflow_pause 0.25
  done
  kill -KILL -- "-$expflow_child" 2>/dev/null || true
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
