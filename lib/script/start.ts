import { bash } from "./bash_text.ts";
import { ScriptExit } from "./claiming.ts";
import type { ScriptModel } from "./model.ts";
import { chainLink } from "./chain.ts";
import { quote } from "./quote.ts";
import { warningOf } from "./signals.ts";

/** The first lines of what happens: signals, and which run, attempt and job this is. */
export function identify(model: ScriptModel): string {
  return [
    BEGINNING,
    signals(model),
    "",
    model.array ? arrayTask(model.base) : singleJob(model.runs[0]!.index),
    RESTARTS,
    chooseRun(model),
  ].join("\n");
}

/** The first line of what happens. */
export const BEGINNING = `# ---- What happens, in order. ----
expflow_events=$expflow_state/events
expflow_began=$SECONDS`;

/** What is known of the program, and what this shell is told meanwhile. */
export function signals({ resources }: Pick<ScriptModel, "resources">): string {
  const { signal } = warningOf(resources);
  return `expflow_child='' expflow_stop='' expflow_warned=no expflow_told=no
expflow_late=no expflow_deadline=''
trap expflow_stop=TERM TERM
trap expflow_stop=INT INT${
    signal === "TERM" || signal === "INT" ? "" : `\ntrap expflow_warned=yes ${signal}`
  }`;
}

/** How often the scheduler has restarted this job. */
export const RESTARTS: string = bash`
expflow_restarts=0
if [[ -n \${SLURM_RESTART_COUNT+x} ]]; then expflow_restarts=$SLURM_RESTART_COUNT; fi`;

/** Which attempt of the run this is, and whether it goes on from an earlier one. */
export function chooseRun(model: ScriptModel): string {
  return [
    ...attempts(model),
    bash`
EXPFLOW_ATTEMPT=$((expflow_attempt + expflow_restarts))
expflow_resumes=no expflow_from=''`,
    ...continuing(model),
    bash`
expflow_again=no expflow_link=''
if ((expflow_restarts > 0)); then expflow_resumes=yes expflow_again=yes; fi`,
    ...model.resuming?.link === undefined ? [] : [chainLink(model.resuming.link)],
    bash`
EXPFLOW_RUN_DIR=$expflow_runs/$EXPFLOW_RUN
EXPFLOW_PARAMS=$EXPFLOW_RUN_DIR/params.json
export EXPFLOW_RUN EXPFLOW_ATTEMPT EXPFLOW_RUN_DIR EXPFLOW_PARAMS`,
  ].join("\n");
}

/** Whose run this is, and whether its values are those that were submitted. */
export const CLAIM_RUN: string = bash`
expflow_loaded=0
expflow_load_run "$EXPFLOW_RUN" || expflow_loaded=$?
if [[ $expflow_loaded == 1 ]]; then expflow_refuse "This script holds no run $EXPFLOW_RUN"; fi
expflow_claim
expflow_mark start 0
if [[ $expflow_loaded == 2 ]]; then
  expflow_say "The table of values is not the one that was submitted, or is gone: nothing was run" \
    "($expflow_table)"
  expflow_mark mismatch ${ScriptExit.setup}
  exit ${ScriptExit.setup}
fi`;

function arrayTask(base: number): string {
  return `${checkTask("which run is meant")}
EXPFLOW_RUN=$((${base} + 10#$SLURM_ARRAY_TASK_ID))
${JOB_OF_TASK}`;
}

/** Refuses to go on without the id of a task. */
export function checkTask(what: string): string {
  return bash`
if [[ -z \${SLURM_ARRAY_TASK_ID+x} || ! $SLURM_ARRAY_TASK_ID =~ ^[0-9]+$ ]]; then
  expflow_refuse "Set SLURM_ARRAY_TASK_ID to say ${what}"
fi`;
}

/** Under which name a task of an array claims runs. */
export const JOB_OF_TASK: string = bash`
if [[ -n \${SLURM_ARRAY_JOB_ID+x} ]]; then
  expflow_job=\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
else
  expflow_job=hand-$HOSTNAME-$$
fi`;

function singleJob(index: number): string {
  return `EXPFLOW_RUN=${index}\n${JOB_ALONE}`;
}

/** Under which name a job that is no array claims runs. */
export const JOB_ALONE: string = bash`
if [[ -n \${SLURM_JOB_ID+x} ]]; then
  expflow_job=$SLURM_JOB_ID
else
  expflow_job=hand-$HOSTNAME-$$
fi`;

/** Which runs go on where an earlier attempt ended, and from where. */
function continuing({ runs }: ScriptModel): string[] {
  const cases = Map.groupBy(runs.filter((run) => run.continues), (run) => run.continues!.from);
  if (cases.size === 0) return [];
  const lines = Array.from(cases, ([from, some]) => {
    const path = from === undefined ? "" : ` expflow_from=${quote(from)}`;
    return `  ${some.map(({ index }) => index).join(" | ")}) expflow_resumes=yes${path} ;;`;
  });
  return ["case $EXPFLOW_RUN in", ...lines, "esac"];
}

/** Runs of a chunk mostly are in the same attempt; the others are listed. */
function attempts({ runs }: ScriptModel): string[] {
  const usual = runs[0]!.attempt;
  const others = new Map<number, number[]>();
  for (const { index, attempt } of runs) {
    if (attempt === usual) continue;
    const indices = others.get(attempt);
    if (indices) indices.push(index);
    else others.set(attempt, [index]);
  }
  const cases = Array.from(
    others,
    ([attempt, indices]) => `  ${indices.join(" | ")}) expflow_attempt=${attempt} ;;`,
  );
  return [
    `expflow_attempt=${usual}`,
    ...cases.length > 0 ? ["case $EXPFLOW_RUN in", ...cases, "esac"] : [],
  ];
}
