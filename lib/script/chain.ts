import { bash } from "./bash_text.ts";
import { ScriptExit } from "./claiming.ts";

/**
 * Lines of a job that is one of a chain for one run: which attempt this is, and, behind the first
 * job, whether there is anything left to do.
 */
export function chainLink(link: number): string {
  return link === 1 ? NEWEST : `${NEWEST}\n${continueFrom(link)}`;
}

const NEWEST = bash`
# Attempts are counted over the jobs of the chain.
expflow_newest_attempt=0 expflow_how=''
expflow_prefix=$expflow_events/$EXPFLOW_RUN.$EXPFLOW_STAGE.
for expflow_marker in "$expflow_prefix"*; do
  IFS=. read -r expflow_number expflow_event expflow_code _ <<<"\${expflow_marker#"$expflow_prefix"}"
  if [[ ! $expflow_number =~ ^[1-9][0-9]*$ ]]; then continue; fi
  if ((expflow_number > expflow_newest_attempt)); then
    expflow_newest_attempt=$expflow_number expflow_how=''
  fi
  if ((expflow_number < expflow_newest_attempt)); then continue; fi
  case $expflow_event in
    start) ;;
    end) expflow_how=end.$expflow_code ;;
    *) if [[ -z $expflow_how ]]; then expflow_how=$expflow_event; fi ;;
  esac
done
if ((expflow_newest_attempt >= EXPFLOW_ATTEMPT)); then
  EXPFLOW_ATTEMPT=$((expflow_newest_attempt + 1))
fi`;

function continueFrom(link: number): string {
  const before = link === 2 ? "" : `.${link - 1}`;
  return bash`
# Job ${link} of the chain goes on only when time, preemption or a node ended the one before.
expflow_stop_chain() {
  expflow_say "Run $EXPFLOW_RUN is not continued: $1"
  exit ${ScriptExit.skipped}
}

# The scheduler's word on a job that was told to end, or left no word itself; none is no reason.
expflow_why_ended() {
  local owner words
  owner=$(readlink "$expflow_state/claims/$EXPFLOW_RUN.$EXPFLOW_STAGE${before}") || return 0
  words=$(scontrol -o show job "$owner" 2>/dev/null) || return 0
  if [[ $words =~ JobState=([A-Z_]+) ]]; then printf '%s' "\${BASH_REMATCH[1]}"; fi
}

for expflow_marker in "$expflow_state/submit/cancel.$EXPFLOW_RUN."*; do
  if [[ -e $expflow_marker ]]; then expflow_stop_chain "it was cancelled"; fi
done
case $expflow_how in
  end.0)
    expflow_say "Run $EXPFLOW_RUN is complete already: nothing to do"
    exit 0
    ;;
  timeout) ;;
  '' | stop)
    expflow_why=$(expflow_why_ended)
    case $expflow_why in
      CANCELLED | FAILED | OUT_OF_MEMORY | DEADLINE)
        expflow_stop_chain "the job before it ended as $expflow_why"
        ;;
    esac
    ;;
  *) expflow_stop_chain "the job before it ended as $expflow_how" ;;
esac
expflow_resumes=yes expflow_again=yes expflow_link=.${link}`;
}
