/**
 * Runs one attempt of a task: claims it, starts the batch shell in a process group of its own, and
 * notes how it ended. Survives the supervisor; bash 3.2 and up. Each event goes into the job's
 * folder, then as a hint into the supervisor's inbox.
 */
export const SHEPHERD = `
set -u
supervisor=$1 job=$2 inbox=$3 key=$4 gpus=$5 cwd=$6 out=$7 err=$8 mode=$9
shift 9

say() {
  local name="$key.$1.$2.$(date +%s)" try
  for ((try = 0; try < 600; try++)); do
    { : >"$job/events/$name"; } 2>/dev/null && break
    [[ -d $job/events ]] || break
    sleep 1
  done
  { : >"$inbox$name"; } 2>/dev/null
}

start_time() {
  local line
  if [[ -r /proc/$$/stat ]]; then
    read -r line <"/proc/$$/stat"
    set -- \${line##*) }
    echo "\${20}"
  else
    set -- $(LC_ALL=C TZ=UTC ps -o lstart= -p $$)
    (IFS=_; start="$*"; echo "\${start//:/_}")
  fi
}

trap : HUP INT TERM
kill -0 "$supervisor" 2>/dev/null || exit 0
ln -sn "$$:$(start_time):$gpus" "$job/events/$key.claim" || exit 0
if [[ -e $job/requests/cancel || -e $job/requests/cancel.\${key%%.*} ]]; then
  say drop 0
  exit 0
fi
cd -- "$cwd" 2>/dev/null || { say broken chdir; exit 0; }
unset OLDPWD
{ : >>"$out"; } 2>/dev/null || { say broken output; exit 0; }
{ : >>"$err"; } 2>/dev/null || { say broken output; exit 0; }
if [[ $mode == truncate ]]; then
  : >"$out"
  : >"$err"
fi
exec 2>/dev/null
set -m
if [[ $out == "$err" ]]; then
  "$@" </dev/null >>"$out" 2>&1 &
else
  "$@" </dev/null >>"$out" 2>>"$err" &
fi
batch=$!
set +m
say start "$batch"
while :; do
  wait "$batch"
  code=$?
  kill -0 "$batch" || break
done
kill -KILL -- "-$batch"
say end "$code"
`;

/** What a shepherd needs to know. */
export interface ShepherdTask {
  /** Path of {@linkcode SHEPHERD} as a file. */
  text: string;
  /** Pid of the supervisor: without it, the attempt is left to the next one. */
  supervisor: number;
  /** The job's folder, and the inbox, absolute. */
  jobFolder: string;
  inbox: string;
  job: number;
  task: number;
  restart: number;
  gpus: number[];
  chdir: string;
  output: string;
  error: string;
  openMode: "append" | "truncate";
  argv: string[];
}

/** The command that runs one attempt of a task. */
export function shepherdCommand(task: ShepherdTask): [string, ...string[]] {
  return [
    "/bin/bash",
    task.text,
    String(task.supervisor),
    task.jobFolder,
    `${task.inbox}/${task.job}.`,
    `${task.task}.${task.restart}`,
    task.gpus.join(","),
    task.chdir,
    task.output,
    task.error,
    task.openMode,
    ...task.argv,
  ];
}
