import { CHECKPOINT_NAMES } from "../core/checkpoints.ts";
import { ConfigError } from "../core/errors.ts";
import type { ArgsStyle, CheckpointSpec } from "../core/experiment.ts";
import { bash } from "./bash_text.ts";
import { ScriptExit } from "./claiming.ts";
import { quote } from "./quote.ts";

/** Whether all checkpoints of a folder are meant, and no pattern is given. */
function isFolder({ path }: CheckpointSpec): boolean {
  return path === "" || path.endsWith("/");
}

const PLACE = /([*?])|(\{(?:run\.index|experiment)\})/;
const VARIABLES: Record<string, string> = {
  "{run.index}": '"$EXPFLOW_RUN"',
  "{experiment}": '"$EXPFLOW_EXPERIMENT"',
};

/**
 * The words of bash whose expansion is every file that may be a checkpoint.
 *
 * @throws {ConfigError} on a folder that several runs share.
 */
export function checkpointGlob(spec: CheckpointSpec): string {
  const { path } = spec;
  if (path.startsWith("/") && !path.includes("{run.index}")) {
    throw new ConfigError(`Cannot look for checkpoints in ${path}: all runs would share it`, {
      hint: "write a folder in the run's own folder, such as checkpoints, or put {run.index} in",
    });
  }
  const parts = path.split(PLACE).filter((part) => part !== undefined && part !== "");
  const words = parts.map((part) =>
    part === "*" || part === "?" ? part : VARIABLES[part] ?? quote(part)
  );
  const inside = path.startsWith("/") ? "" : '"$EXPFLOW_RUN_DIR"/';
  return `${inside}${words.join("")}${isFolder(spec) ? "*" : ""}`;
}

/** The words of bash for the folder where checkpoints are; nothing where a pattern names it. */
function checkpointFolder({ path }: CheckpointSpec): string {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return /[*?]/.test(folder) ? "" : checkpointGlob({ path: folder }).slice(0, -1);
}

/** Functions of a script that knows where checkpoints are; core/checkpoints.ts says the same. */
export function checkpointFunctions(spec: CheckpointSpec): string {
  const names = Object.entries(CHECKPOINT_NAMES).map(([key, value]) => `${key}=${quote(value)}`);
  const wanted = isFolder(spec)
    ? bash`
    if [[ ! $name =~ $file && ! (-d $path && $name =~ $folder) ]]; then continue; fi`
    : "";
  return bash`
# Prints the newest whole checkpoint of this run and a slash: by epoch, then step or another number
# in its name, else by time. Nothing where there is none.
expflow_newest() (
  LC_ALL=C
  best='' best_epoch=-2 best_step=-2
  ${names.join("\n  ")}
  for path in ${checkpointGlob(spec)}; do
    name=\${path##*/}
    name=\${name,,}
    if [[ $name =~ $unfinished ]]; then continue; fi
    ${wanted.trim()}
    inner=$path
    if [[ -d $path ]]; then
      for inner in "$path"/*; do break; done
      if [[ ! -e $inner ]]; then continue; fi
    elif [[ ! -f $path || ! -s $path ]]; then
      continue
    fi
    at_epoch=-1 at_step=-1
    if [[ $name =~ $epoch ]]; then at_epoch=$((10#\${BASH_REMATCH[1]})); fi
    if [[ $name =~ $step ]]; then at_step=$((10#\${BASH_REMATCH[2]})); fi
    if ((at_epoch < 0 && at_step < 0)); then
      if [[ $name =~ $file ]]; then name=\${name%.*}; fi
      while [[ $name =~ $decimal ]]; do name=\${BASH_REMATCH[1]}_\${BASH_REMATCH[2]}; done
      if [[ $name =~ $number ]]; then at_step=$((10#\${BASH_REMATCH[2]})); fi
    fi
    if ((at_epoch < best_epoch || (at_epoch == best_epoch && at_step < best_step))); then continue; fi
    if ((at_epoch == best_epoch && at_step == best_step)) && [[ ! $path -nt $best ]] &&
      [[ $best -nt $path || $path < $best ]]; then
      continue
    fi
    best=$path best_epoch=$at_epoch best_step=$at_step
  done
  if [[ -n $best ]]; then printf '%s/' "$best"; fi
)

# Moves what is newer than the checkpoint asked for aside: the run goes on from there.
expflow_set_aside() {
  local newest target n=0 aside=$EXPFLOW_RUN_DIR/.previous.$EXPFLOW_ATTEMPT
  while newest=$(expflow_newest) && newest=\${newest%/} &&
    [[ -n $newest && $newest != "$expflow_from" ]]; do
    target=$aside/\${newest##*/}
    if [[ -e $target ]]; then target=$aside/$((++n)).\${newest##*/}; fi
    { mkdir -p "$aside" && mv "$newest" "$target"; } ||
      expflow_fail ${ScriptExit.storage} "Cannot move $newest to $aside"
  done
}

# Whether this attempt left a checkpoint that it did not start from.
expflow_progressed() {
  local newest
  newest=$(expflow_newest)
  newest=\${newest%/}
  [[ -n $newest && ($newest != "$expflow_checkpoint" ||
    $newest -nt $EXPFLOW_RUN_DIR/attempt.$EXPFLOW_STAGE.$EXPFLOW_ATTEMPT.json) ]]
}`;
}

/**
 * Finds the checkpoint to start from, and gives it to the program: as the variable of a placeholder,
 * or behind the other arguments.
 */
export function startFromCheckpoint(
  spec: CheckpointSpec,
  style: ArgsStyle,
  variable: string | undefined,
): string {
  const { param } = spec;
  const appends = variable === undefined && param !== undefined && style !== "none";
  const given = variable !== undefined
    ? `  ${variable}=$expflow_checkpoint\n`
    : appends
    ? appended(style, param)
    : "";
  return `${FIND} EXPFLOW_CHECKPOINTS=${checkpointFolder(spec)}
if [[ -n $expflow_checkpoint ]]; then
  expflow_say "Attempt $EXPFLOW_ATTEMPT of run $EXPFLOW_RUN continues from $expflow_checkpoint"
${given}else
  if [[ $expflow_resumes == yes ]]; then
    expflow_say "Attempt $EXPFLOW_ATTEMPT of run $EXPFLOW_RUN found no checkpoint: it starts anew"
  fi
${appends ? INITIAL : ""}fi`;
}

const FIND = bash`
# What it continues from; a run that starts anew continues from nothing.
expflow_checkpoint=''
if [[ $expflow_resumes == yes ]]; then
  if [[ -n $expflow_from && $expflow_again == no ]]; then expflow_set_aside; fi
  expflow_checkpoint=$(expflow_newest)
  expflow_checkpoint=\${expflow_checkpoint%/}
  if [[ -z $expflow_checkpoint ]]; then expflow_checkpoint=$expflow_from; fi
fi
if [[ -n $expflow_checkpoint && ! -e $expflow_checkpoint ]]; then
  expflow_fail ${ScriptExit.setup} "Cannot continue from $expflow_checkpoint: it is not there"
fi
export EXPFLOW_CHECKPOINT=$expflow_checkpoint`;

const INITIAL = `  if [[ \${#expflow_initial[@]} -gt 0 ]]; then
    expflow_args+=("\${expflow_initial[@]}")
  fi
`;

function appended(style: ArgsStyle, param: string): string {
  if (style === "argparse") {
    return `  expflow_args+=(${quote(`--${param}`)} "$expflow_checkpoint")\n`;
  }
  const refusal = "it holds a quote, a backslash or a dollar sign";
  return `  if [[ $expflow_checkpoint == *[\\"\\\\\\$]* ]]; then
    expflow_fail ${ScriptExit.setup} "Cannot give $expflow_checkpoint to Hydra: ${refusal}"
  fi
  expflow_args+=(${quote(`${param}=`)}"\\"$expflow_checkpoint\\"")
`;
}
