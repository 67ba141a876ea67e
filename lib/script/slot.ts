import { bash } from "./bash_text.ts";

/** Functions of a job with several runs at once: which part of it each of them has. */
export const SLOT: string = bash`
# The numbers of a list such as 0-3,8, in expflow_numbers.
expflow_expand() {
  local part first
  expflow_numbers=()
  for part in \${1//,/ }; do
    for ((first = \${part%-*}; first <= \${part#*-}; first++)); do expflow_numbers+=("$first"); done
  done
}

# The processors that this job may use, those of one core together.
expflow_find_processors() {
  local key value='' processor siblings allowed
  local -A left=()
  expflow_processors=()
  while read -r key value; do
    if [[ $key == Cpus_allowed_list: ]]; then break; fi
    value=''
  done 2>/dev/null </proc/self/status || return 0
  expflow_expand "$value"
  allowed=(\${expflow_numbers[@]+"\${expflow_numbers[@]}"})
  for processor in \${allowed[@]+"\${allowed[@]}"}; do left[$processor]=yes; done
  for processor in \${allowed[@]+"\${allowed[@]}"}; do
    siblings=$processor
    read -r siblings 2>/dev/null \
      <"/sys/devices/system/cpu/cpu$processor/topology/thread_siblings_list" || true
    expflow_expand "$siblings"
    for processor in "\${expflow_numbers[@]}"; do
      if [[ -n \${left[$processor]+x} ]]; then
        expflow_processors+=("$processor")
        unset "left[$processor]"
      fi
    done
  done
}

# Gives this process the part of slot $1: GPUs of its own, or one that it shares where there are
# fewer than slots; and processors of its own, where this job has its own.
expflow_take_slot() {
  local name share count IFS=,
  local -a all
  export EXPFLOW_SLOT=$1
  for name in CUDA_VISIBLE_DEVICES ROCR_VISIBLE_DEVICES; do
    if [[ -z \${!name+x} || -z \${!name} ]]; then continue; fi
    all=(\${!name})
    share=$((\${#all[@]} / expflow_at_once))
    if ((share > 0)); then
      all=("\${all[@]:$1 * share:share}")
    else
      all=("\${all[$1 % \${#all[@]}]}")
    fi
    export "$name=\${all[*]}"
  done
  IFS=$' \t\n'
  expflow_find_processors
  count=\${#expflow_processors[@]}
  if [[ -n \${SLURM_CPUS_ON_NODE+x} && $SLURM_CPUS_ON_NODE =~ ^[0-9]+$ ]]; then
    count=$SLURM_CPUS_ON_NODE
  fi
  share=$((count / expflow_at_once))
  if ((share == 0)); then return 0; fi
  export OMP_NUM_THREADS=$share
  if [[ $count != "\${#expflow_processors[@]}" ]] || ! type -P taskset >/dev/null; then return 0; fi
  all=("\${expflow_processors[@]:$1 * share:share}")
  IFS=,
  taskset -c -p "\${all[*]}" "$BASHPID" >/dev/null 2>&1 || true
}`;
