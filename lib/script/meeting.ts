import { bash } from "./bash_text.ts";

/** First port of those that launchers use; below the range that systems hand out by themselves. */
const FIRST_PORT = 10_000;
/** A prime number: jobs whose numbers differ by less than this get different ports. */
const PORTS = 19_997;
/** Restarts of one job that keep away from the ports of the next one. */
const RESTARTS = 101;

/** Variables that {@linkcode MEETING} sets, for all processes. */
export const MEETING_VARIABLES: readonly string[] = [
  "MASTER_ADDR",
  "MASTER_PORT",
  "expflow_nodes",
  "expflow_meeting",
];

/** Function of a script with a launcher: where its processes find each other. */
export const MEETING: string = bash`
# The processes meet on the first node, at a port that follows from the id of the job and the number
# of its restarts (${FIRST_PORT} to ${FIRST_PORT + PORTS - 1}), or the next one that nobody uses.
expflow_meet() {
  local id=$$ names try
  expflow_nodes=1 MASTER_ADDR=127.0.0.1
  if [[ -n \${SLURM_JOB_ID+x} ]]; then id=$SLURM_JOB_ID; fi
  if [[ -n \${SLURM_JOB_NUM_NODES+x} ]]; then expflow_nodes=$SLURM_JOB_NUM_NODES; fi
  if ((expflow_nodes > 1)); then
    names=$(scontrol show hostnames "$SLURM_JOB_NODELIST") ||
      expflow_refuse "Cannot list the nodes of $SLURM_JOB_NODELIST: scontrol failed on $HOSTNAME"
    MASTER_ADDR=\${names%%$'\n'*}
    # Slurm's name of a node need not be known to the network.
    if type -P getent >/dev/null && ! getent ahosts "$MASTER_ADDR" >/dev/null; then
      MASTER_ADDR=$(uname -n)
    fi
  fi
  for ((try = 0; try < 50; try++)); do
    MASTER_PORT=$((${FIRST_PORT} + (${RESTARTS} * id + expflow_restarts + try) % ${PORTS}))
    if ! { : <>"/dev/tcp/127.0.0.1/$MASTER_PORT"; } 2>/dev/null; then break; fi
  done
  expflow_meeting=expflow-$id-$expflow_restarts
}`;
