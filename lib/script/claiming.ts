import { bash } from "./bash_text.ts";

/** Exit codes of a script whose program did not come to run. */
export const ScriptExit = {
  /** The state folder or the run's folder cannot be written. */
  storage: 74,
  /** Runs of the job were left for another one, as it was told to end before their turn. */
  left: 75,
  /** A stage this one comes after did not succeed. */
  skipped: 77,
  /** Something is not as it was submitted: table, working directory, modules, environment, … */
  setup: 78,
} as const;

/** Functions of every script: messages and markers. */
export const REPORTING: string = bash`
# A full disk takes no message, and that is no reason to end.
expflow_say() { printf 'expflow: %s\n' "$*" >&2 || true; }

expflow_refuse() {
  expflow_say "$1"
  exit ${ScriptExit.setup}
}

# A marker is an empty file whose name says all: run.stage.attempt.event.code.epoch
expflow_mark() {
  local try marker
  marker=$expflow_events/$EXPFLOW_RUN.$EXPFLOW_STAGE.$EXPFLOW_ATTEMPT.$1.$2.$(date +%s)
  for try in 0 1 2; do
    sleep "$try" || true
    if { mkdir -p "$expflow_events" && : >"$marker"; } 2>/dev/null; then return 0; fi
  done
  expflow_say "Cannot write $marker: disk full, quota used up, or no permission"
}

# Ends a run whose program cannot be started.
expflow_fail() {
  expflow_say "$2"
  expflow_mark end "$1"
  exit "$1"
}`;

/** Functions of every script: whose a run is. */
export const CLAIM: string = bash`
# A run belongs to the job that makes this link; only a restart of that job may run it again.
expflow_claim() {
  local claims=$expflow_state/claims claim owner='' try marker
  claim=$claims/$EXPFLOW_RUN.$EXPFLOW_STAGE$expflow_link
  for try in 0 1 2; do
    sleep "$try" || true
    mkdir -p "$claims" 2>/dev/null || true
    ln -sn "$expflow_job" "$claim" 2>/dev/null || true
    if owner=$(readlink "$claim"); then break; fi
  done
  if [[ -z $owner ]]; then
    expflow_say "Cannot write $claim: disk full, quota used up, or no permission; nothing was run"
    exit ${ScriptExit.storage}
  fi
  if [[ $owner != "$expflow_job" ]]; then
    expflow_say "Run $EXPFLOW_RUN ($EXPFLOW_STAGE) was already started by job $owner:" \
      "nothing to do"
    exit 0
  fi
  if ((expflow_restarts > 0)); then
    for marker in "$expflow_events/$EXPFLOW_RUN.$EXPFLOW_STAGE."*.end.0.*; do
      if [[ -e $marker ]]; then
        expflow_say "Run $EXPFLOW_RUN ($EXPFLOW_STAGE) ended with success before its job was" \
          "started again: nothing to do"
        exit 0
      fi
    done
  fi
  for marker in "$expflow_events/$EXPFLOW_RUN.$EXPFLOW_STAGE.$EXPFLOW_ATTEMPT.start."*; do
    if [[ -e $marker ]]; then
      expflow_say "Attempt $EXPFLOW_ATTEMPT of run $EXPFLOW_RUN ($EXPFLOW_STAGE) was already" \
        "started by this job: nothing to do"
      exit 0
    fi
  done
}`;

/** Functions of a script that comes after other stages. */
export const GUARD: string = bash`
# Whether the newest attempt of stage $2, with its markers in $1, ended with 0.
expflow_succeeded() {
  local prefix=$1/$EXPFLOW_RUN.$2. marker rest attempt newest=0 code=1
  for marker in "$prefix"*; do
    rest=\${marker#"$prefix"}
    attempt=\${rest%%.*}
    if [[ ! $attempt =~ ^[1-9][0-9]*$ ]]; then continue; fi
    if ((attempt > newest)); then newest=$attempt code=1; fi
    if [[ $rest == "$newest.end.0."* ]]; then code=0; fi
  done
  return "$code"
}

# The scheduler should not have started this job otherwise, but some do.
expflow_require() {
  local try
  for try in 0 1 2; do
    sleep "$try" || true
    if expflow_succeeded "$1" "$2"; then return 0; fi
  done
  expflow_say "Stage $2 of run $EXPFLOW_RUN did not succeed: $EXPFLOW_STAGE is skipped"
  expflow_mark skip ${ScriptExit.skipped}
  exit ${ScriptExit.skipped}
}`;

/** Function of a script whose values are in a table. It returns 1 without such a run, 2 on a mismatch. */
export const TABLE_LOADER: string = bash`
# The parameters of each run are in a table beside this script, which must be the one submitted.
expflow_load_run() {
  local sum index record
  if [[ ! -r $expflow_table ]]; then return 2; fi
  if type -P sha256sum >/dev/null; then
    sum=$(sha256sum <"$expflow_table")
  else
    sum=$(shasum -a 256 <"$expflow_table")
  fi
  if [[ \${sum%% *} != "$expflow_table_sha256" ]]; then return 2; fi
  while IFS=' ' read -r index record; do
    if [[ $index == "$1" ]]; then
      eval "$record"
      return 0
    fi
  done <"$expflow_table"
  return 1
}`;
