/**
 * Runs one task for a worker: starts the batch shell in a process group of its own and tells the
 * worker, by lines on its standard output, `batch <pid>`, then `end <code>`; or `broken <what>` where
 * it cannot be started. bash 4.2 and up.
 *
 * It ends the task when its worker is gone (its standard input ends), and when the claim is not
 * there any more, seen twice while the queue is.
 */
export const SHEPHERD = `
set -u
claim=$1 queue=$2 cwd=$3 out=$4 err=$5 mode=$6
shift 6
trap : HUP INT TERM USR1 USR2
cd -- "$cwd" 2>/dev/null || { echo broken chdir; exit 0; }
unset OLDPWD
{ : >>"$out"; } 2>/dev/null || { echo broken output; exit 0; }
{ : >>"$err"; } 2>/dev/null || { echo broken output; exit 0; }
if [[ $mode == truncate ]]; then
  : >"$out"
  : >"$err"
fi
exec 3<&0 </dev/null
set -m
if [[ $out == "$err" ]]; then
  "$@" >>"$out" 2>&1 3<&- &
else
  "$@" >>"$out" 2>>"$err" 3<&- &
fi
batch=$!
{
  trap - HUP INT TERM USR1 USR2
  missing=0
  while :; do
    code=0
    read -r -t 1 _ <&3 || code=$?
    ((code > 128)) || break
    if [[ -e $claim || ! -e $queue ]]; then missing=0; else missing=$((missing + 1)); fi
    ((missing < 2)) || break
  done
  kill -KILL -- "-$batch"
} >/dev/null 2>&1 &
guard=$!
set +m
exec 3<&-
echo "batch $batch"
while :; do
  wait "$batch"
  code=$?
  kill -0 "$batch" 2>/dev/null || break
done
kill -KILL -- "-$batch" "-$guard" 2>/dev/null
echo "end $code"
`;

/** What a shepherd needs to know. */
export interface ShepherdTask {
  /** Path of {@linkcode SHEPHERD} as a file. */
  text: string;
  /** Path of the claim. */
  claim: string;
  /** A file that is there as long as the queue is. */
  queue: string;
  chdir: string;
  output: string;
  error: string;
  openMode: "append" | "truncate";
  argv: string[];
}

/** The command that runs one task. */
export function shepherdCommand(task: ShepherdTask): [string, ...string[]] {
  const { text, claim, queue, chdir, output, error, openMode, argv } = task;
  return ["/bin/bash", text, claim, queue, chdir, output, error, openMode, ...argv];
}
