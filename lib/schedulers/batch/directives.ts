/** One option of a batch script, as sbatch would take it. */
export interface Directive {
  /** Long name: `cpus-per-task`. */
  name: string;
  /** Empty for an option without a value. */
  value: string;
  /** Line in the script, from 1. */
  line: number;
}

/** The options a script holds, and what was ignored in it. */
export interface Directives {
  options: Directive[];
  notes: string[];
}

type Arity = "value" | "maybe" | "none";

const WITH_VALUE =
  "A:account a:array d:dependency D:chdir e:error c:cpus-per-task C:constraint J:job-name n:ntasks " +
  "N:nodes o:output p:partition q:qos t:time G:gpus w:nodelist x:exclude i:input L:licenses " +
  "m:distribution M:clusters S:core-spec F:nodefile B:extra-node-info acctg-freq batch bb bbf begin " +
  "cluster-constraint comment container container-id cores-per-socket cpu-freq cpus-per-gpu deadline " +
  "delay-boot export export-file gid gpu-bind gpu-freq gpus-per-node gpus-per-socket gpus-per-task " +
  "gres gres-flags hint kill-on-invalid-dep mail-type mail-user mcs-label mem mem-bind mem-per-cpu " +
  "mem-per-gpu mincpus network ntasks-per-core ntasks-per-gpu ntasks-per-node ntasks-per-socket " +
  "open-mode power prefer priority profile reservation signal sockets-per-node switches tasks " +
  "thread-spec threads-per-core time-min tmp tres-bind tres-per-task uid wait-all-nodes wckey " +
  "workdir wrap";
const WITHOUT =
  "H:hold O:overcommit s:oversubscribe Q:quiet v:verbose W:wait contiguous ignore-pbs no-requeue " +
  "parsable reboot requeue resv-ports spread-job stepmgr test-only use-min-nodes";
const OPTIONAL = "k:no-kill I:immediate exclusive get-user-env nice propagate";
const ALIASES: Record<string, string> = { tasks: "ntasks", workdir: "chdir" };

const LONG = new Map<string, Arity>();
const SHORT = new Map<string, string>();
for (
  const [names, arity] of [[WITH_VALUE, "value"], [WITHOUT, "none"], [OPTIONAL, "maybe"]] as const
) {
  for (const entry of names.split(" ")) {
    const [name, short] = entry[1] === ":" ? [entry.slice(2), entry[0]!] : [entry];
    LONG.set(name, arity);
    if (short !== undefined) SHORT.set(short, name);
  }
}

/** Splits the rest of a line as sbatch does: quotes, backslashes, and `#` begins a comment. */
function words(text: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === "\\" && at + 1 < text.length) word = (word ?? "") + text[++at];
    else if (quote !== "") {
      if (char === quote) quote = "";
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (char === "#") break;
    else if (/\s/.test(char)) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (word !== undefined) found.push(word);
  return found;
}

function longName(given: string): string {
  if (LONG.has(given)) return given;
  const starting = [...LONG.keys()].filter((name) => name.startsWith(given));
  return starting.length === 1 ? starting[0]! : given;
}

function readLine(text: string, line: number, found: Directives): void {
  const rest = words(text);
  const add = (name: string, value = ""): void => {
    found.options.push({ name: ALIASES[name] ?? name, value, line });
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word.startsWith("--") && word.length > 2) {
      const [, given = "", attached] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      const name = longName(given);
      const arity = LONG.get(name);
      if (arity === undefined) {
        found.notes.push(`line ${line}: --${given} is no option known here; ignored`);
        if (attached === undefined && rest[0]?.startsWith("-") === false) rest.shift();
      } else add(name, attached ?? (arity === "value" ? rest.shift() : undefined));
    } else if (/^-[A-Za-z]/.test(word)) {
      for (let at = 1; at < word.length; at++) {
        const name = SHORT.get(word[at]!);
        const arity = name === undefined ? undefined : LONG.get(name);
        if (name === undefined) {
          found.notes.push(`line ${line}: -${word[at]} is no option known here; ignored`);
          break;
        }
        if (arity === "none") {
          add(name);
          continue;
        }
        const attached = word.slice(at + 1);
        add(name, attached !== "" || arity === "maybe" ? attached : rest.shift());
        break;
      }
    } else found.notes.push(`line ${line}: ${JSON.stringify(word)} is no option; ignored`);
  }
}

/**
 * Reads the `#SBATCH` lines of a batch script as sbatch does: at the start of a line, before the
 * first command. What is not known is ignored and noted.
 */
export function readDirectives(script: string): Directives {
  const found: Directives = { options: [], notes: [] };
  let line = 0;
  for (const text of script.split("\n")) {
    line++;
    if (text.startsWith("#SBATCH")) readLine(text.slice("#SBATCH".length), line, found);
    else if (!/^\s*(#|$)/.test(text)) break;
  }
  return found;
}
