import { bash } from "./bash_text.ts";
import { GPU_FACTS } from "./gpu_facts.ts";
import { ScriptExit } from "./claiming.ts";

/** Functions of every script: the folder of the run. Scripts that ask for GPUs tell about them. */
export function runFolder(hasGpus: boolean): string {
  return hasGpus ? `${GPU_FACTS}\n\n${folder("\n    expflow_gpu_facts")}` : folder("");
}

const folder = (gpuFacts: string) =>
  bash`
# Writes the text $2 to the file $1 of the run's folder, so that it appears whole.
expflow_write() {
  local temporary=$EXPFLOW_RUN_DIR/.$1.$expflow_job
  if { printf '%s' "$2" >"$temporary" && mv -f "$temporary" "$EXPFLOW_RUN_DIR/$1"; }; then
    return 0
  fi
  expflow_fail ${ScriptExit.storage} "Cannot write $EXPFLOW_RUN_DIR/$1"
}

# A variable that the scheduler sets, as JSON.
expflow_fact() {
  local text=null
  if [[ -n \${!1+x} ]]; then
    text=\${!1//\\/\\\\}
    text=\"\${text//\"/\\\"}\"
  fi
  printf '%s' "\${text//[[:cntrl:]]/ }"
}

# Makes the run's folder. What an earlier attempt left there is moved aside by the first job that
# starts, so that results never mix.
expflow_open_run() {
  local aside=$expflow_runs/.previous/$EXPFLOW_RUN.$(date +%s)
  if [[ $expflow_fresh == yes && $expflow_attempt -gt 1 && $expflow_resumes == no ]] &&
    [[ -e $EXPFLOW_RUN_DIR ]] && mkdir "$expflow_state/claims/$EXPFLOW_RUN" 2>/dev/null; then
    { mkdir -p "\${aside%/*}" && mv "$EXPFLOW_RUN_DIR" "$aside"; } ||
      expflow_fail ${ScriptExit.storage} "Cannot move $EXPFLOW_RUN_DIR to $aside"
  fi
  mkdir -p "$EXPFLOW_RUN_DIR" || expflow_fail ${ScriptExit.storage} "Cannot create $EXPFLOW_RUN_DIR"
  expflow_write params.json "$expflow_params"
  expflow_write "attempt.$EXPFLOW_STAGE.$EXPFLOW_ATTEMPT.json" "$(
    printf '{"submission":"%s","stage":"%s",' "$expflow_submission" "$EXPFLOW_STAGE"
    printf '"run":%s,"attempt":%s,' "$EXPFLOW_RUN" "$EXPFLOW_ATTEMPT"
    printf '"started":%s,"host":%s,' "$(date +%s)" "$(expflow_fact HOSTNAME)"
    printf '"job":%s,' "$(expflow_fact SLURM_JOB_ID)"
    printf '"array_job":%s,' "$(expflow_fact SLURM_ARRAY_JOB_ID)"
    printf '"array_task":%s,' "$(expflow_fact SLURM_ARRAY_TASK_ID)"
    printf '"nodes":%s,' "$(expflow_fact SLURM_JOB_NODELIST)"
    printf '"cpus":%s,' "$(expflow_fact SLURM_CPUS_ON_NODE)"
    printf '"gpus":%s,' "$(expflow_fact SLURM_GPUS_ON_NODE)"
    printf '"cuda_visible_devices":%s' "$(expflow_fact CUDA_VISIBLE_DEVICES)"${gpuFacts}
    printf '}'
  )"
}`;

/** The run's folder, and the working directory. */
export const OPEN_RUN: string = bash`
expflow_open_run
cd -- "$expflow_workdir" ||
  expflow_fail ${ScriptExit.setup} "Cannot work in $expflow_workdir: nothing was run"`;
