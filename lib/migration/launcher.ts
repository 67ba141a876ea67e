/** A launcher at the start of a command, and the words behind it. */
export interface ReadLauncher {
  launcher: Record<string, unknown>;
  words: string[];
}

type Resources = Record<string, unknown>;
type Kind = "srun" | "torchrun" | "accelerate" | "mpirun";

/**
 * Reads the launcher that a command begins with, if it is one of `kinds`. Nothing where its options
 * say what the keys of `launcher` cannot.
 */
export function readLauncher(
  words: readonly string[],
  resources: Resources,
  kinds: readonly Kind[],
): ReadLauncher | undefined {
  const [kind, rest] = kindOf(words);
  if (!kind || !kinds.includes(kind)) return undefined;
  const { options, words: inner } = optionsOf(rest, VALUED[kind]);
  if (inner.length === 0) return undefined;
  return READERS[kind](options, inner, resources);
}

function kindOf(words: readonly string[]): [Kind | undefined, readonly string[]] {
  const [first = "", second, third] = words;
  if (first === "srun" || first === "torchrun") return [first, words.slice(1)];
  if (first === "mpirun" || first === "mpiexec") return ["mpirun", words.slice(1)];
  if (first === "accelerate" && second === "launch") return ["accelerate", words.slice(2)];
  const isPython = /^python3?$/.test(first) && second === "-m" && third === "torch.distributed.run";
  return isPython ? ["torchrun", words.slice(3)] : [undefined, words];
}

interface Option {
  name: string;
  value?: string;
}

/** Options whose value may be the next word. */
const VALUED: Record<Kind, RegExp> = {
  srun: /^(?:-[nNc]|--(?:ntasks|nodes|cpus-per-task|mpi|cpu-bind|gpu-bind|gpus-per-task))$/,
  torchrun: /^--(?:nproc[-_]per[-_]node|nnodes|max[-_]restarts)$/,
  accelerate: /^--(?:num_processes|num_machines|mixed_precision)$/,
  mpirun: /^-(?:n|np)$/,
};

function optionsOf(
  given: readonly string[],
  valued: RegExp,
): { options: Option[]; words: string[] } {
  const words = [...given];
  const options: Option[] = [];
  while (words[0]?.startsWith("-")) {
    const word = words.shift()!;
    if (word === "-m") return { options, words: [word, ...words] };
    const [, name = "", value] = /^(--[^=]+)=([^]*)$/.exec(word) ?? [];
    if (name) options.push({ name, value });
    else options.push(valued.test(word) ? { name: word, value: words.shift() } : { name: word });
  }
  return { options, words };
}

type Reader = (options: Option[], words: string[], resources: Resources) =>
  | ReadLauncher
  | undefined;

const READERS: Record<Kind, Reader> = { srun, torchrun, accelerate, mpirun };

function tasksOf({ nodes, ntasks, ntasks_per_node }: Resources): number {
  return Number(ntasks ?? Number(nodes ?? 1) * Number(ntasks_per_node ?? 1));
}

function srun(options: Option[], words: string[], resources: Resources): ReadLauncher | undefined {
  if (words[0] === "-m") return undefined;
  const launcher: Record<string, unknown> = { kind: "srun" };
  const further: string[] = [];
  for (const { name, value } of options) {
    const says = (...of: unknown[]) => of.some((known) => String(known) === value);
    if (/^(-n|--ntasks)$/.test(name) && says(tasksOf(resources))) continue;
    if (/^(-N|--nodes)$/.test(name) && says(resources.nodes ?? 1)) continue;
    if (/^(-c|--cpus-per-task)$/.test(name) && says(resources.cpus_per_task)) {
      continue;
    }
    if (name === "--export" && value === "ALL") continue;
    if (name === "--kill-on-bad-exit" && value !== "0") continue;
    if (name === "--mpi" && /^[a-z0-9_]+$/.test(value ?? "")) launcher.mpi = value;
    else if (/^--(?:cpu-bind|gpu-bind|gpus-per-task)$/.test(name)) further.push(`${name}=${value}`);
    else if (/^(?:-[lu]|--label|--unbuffered)$/.test(name)) further.push(name);
    else return undefined;
  }
  return { launcher: { ...launcher, ...further.length > 0 ? { options: further } : {} }, words };
}

/** The processes of one node: those of several meet as the user's own lines arrange it. */
function torchrun(
  options: Option[],
  words: string[],
  resources: Resources,
): ReadLauncher | undefined {
  if (Number(resources.nodes ?? 1) !== 1) return undefined;
  const launcher: Record<string, unknown> = { kind: "torchrun" };
  for (const { name, value } of options) {
    const plain = name.replaceAll("_", "-");
    if (plain === "--nproc-per-node" && /^\d+$/.test(value ?? "")) {
      launcher.processes_per_node = Number(value);
    } else if (plain === "--max-restarts") launcher.options = [`--max-restarts=${value}`];
    else if (plain !== "--standalone" && !(plain === "--nnodes" && value === "1")) return undefined;
  }
  launcher.processes_per_node ??= 1;
  return { launcher, words: ["python", "-u", ...words] };
}

function accelerate(
  options: Option[],
  words: string[],
  resources: Resources,
): ReadLauncher | undefined {
  if (Number(resources.nodes ?? 1) !== 1) return undefined;
  const launcher: Record<string, unknown> = { kind: "accelerate" };
  for (const { name, value } of options) {
    if (name === "--num_processes" && /^\d+$/.test(value ?? "")) {
      launcher.processes_per_node = Number(value);
    } else if (name === "--mixed_precision") launcher.options = [`${name}=${value}`];
    else if (name !== "--multi_gpu" && !(name === "--num_machines" && value === "1")) {
      return undefined;
    }
  }
  if (launcher.processes_per_node === undefined) return undefined;
  return { launcher, words: ["python", ...words] };
}

function mpirun(
  options: Option[],
  words: string[],
  resources: Resources,
): ReadLauncher | undefined {
  const fits = options.every(({ name, value }) =>
    /^-np?$/.test(name) && value === String(tasksOf(resources))
  );
  return fits && words[0] !== "-m" ? { launcher: { kind: "mpirun" }, words } : undefined;
}
