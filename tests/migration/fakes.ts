import { join } from "node:path";
import { denoRunner } from "../../lib/system/deno_runner.ts";

/** One program that a script called: its name, folder, arguments and environment. */
export interface Call {
  program: string;
  folder: string;
  args: string[];
  env: Record<string, string>;
}

const RECORD = String.raw`
record() {
  { printf '%s\0' "$1" "$PWD" "${"$"}{@:2}"; printf '\1\0'; env -0; } \
    > "$FAKE_RECORDS/$(date +%s%N).$$.$RANDOM"
}
`;
/** Skips options, some of which have their value in the next word. */
const SKIP = String.raw`
skip() {
  while [[ $1 == -* ]]; do
    if [[ $1 == --no-python || $1 == --no_python ]]; then python=no; fi
    case " $valued " in *" $1 "*) shift ;; esac
    shift
  done
  rest=("$@")
}
`;

const PROGRAMS: Record<string, string> = {
  python: 'record python "$@"',
  python3: 'record python3 "$@"',
  uv: 'record uv "$@"',
  // With arguments it is expflow that asks, for its record of the run.
  "nvidia-smi": "if (($# == 0)); then record nvidia-smi; fi",
  solver: 'record solver "$@"',
  scontrol: 'if [[ $1 == show ]]; then printf "node1\\nnode2\\n"; else record scontrol "$@"; fi',
  srun:
    'valued="" skip "$@"; export SLURM_PROCID=0 SLURM_LOCALID=0 SLURM_NODEID=0 SLURM_STEP_NUM_TASKS=1\n' +
    '"${rest[@]}"',
  torchrun: 'python=yes; valued="--nnodes --nproc_per_node --rdzv_id --rdzv_backend ' +
    '--rdzv_endpoint"; skip "$@"\n' +
    'if [[ $python == no ]]; then "${rest[@]}"; else python -u "${rest[@]}"; fi',
  accelerate: 'shift; python=yes; valued="--num_processes --mixed_precision"; skip "$@"\n' +
    'if [[ $python == no ]]; then "${rest[@]}"; else python "${rest[@]}"; fi',
  mpirun: 'valued="-n -np" skip "$@"; "${rest[@]}"',
  singularity: 'record container "$@"; shift\n' +
    'valued="--overlay --bind -B --pwd" skip "$@"; "${rest[@]:1}"',
  conda: 'if [[ $1 == shell.bash ]]; then cat "$HOME/miniconda3/etc/profile.d/conda.sh"; fi\n' +
    'if [[ $1 == info ]]; then echo "$HOME/miniconda3"; fi',
};

const CONDA = `conda() { export CONDA_DEFAULT_ENV=$2; }\n`;

/** A machine that has every program scripts call, each of which only records how it was called. */
export class FakeMachine {
  readonly home = this.at("home");
  readonly scratch = this.at("scratch");
  readonly workdir = this.at("work");

  constructor(readonly root: string) {
    for (const [name, text] of Object.entries(PROGRAMS)) {
      this.write(join("bin", name), `#!/bin/bash\n${RECORD}${SKIP}${text}\n`, 0o755);
    }
    this.write("bin/apptainer", Deno.readTextFileSync(this.at("bin", "singularity")), 0o755);
    this.write("home/miniconda3/etc/profile.d/conda.sh", CONDA);
    const module =
      'module() { export LOADED="${LOADED-}$(printf ":$1 %s" "${@:2}")"; }\nexport -f module\n';
    this.write("bash_env", module);
    for (const folder of ["home/venvs/bert", "work/.venv"]) {
      this.write(`${folder}/bin/activate`, `export VIRTUAL_ENV=${this.at(folder)}\n`);
    }
    this.write("work/solver", Deno.readTextFileSync(this.at("bin", "solver")), 0o755);
    for (const folder of ["scratch/bert", "records"]) {
      Deno.mkdirSync(this.at(folder), { recursive: true });
    }
  }

  at(...names: string[]): string {
    return join(this.root, ...names);
  }

  write(path: string, text: string, mode = 0o644): string {
    const full = this.at(path);
    Deno.mkdirSync(join(full, ".."), { recursive: true });
    Deno.writeTextFileSync(full, text, { mode });
    return full;
  }

  /** Runs a batch script as a job would be. @returns every call, and how it ended. */
  async run(
    script: string,
    cwd: string,
    env: Record<string, string>,
  ): Promise<{ calls: Call[]; code: number; output: string }> {
    const records = this.at("records", crypto.randomUUID());
    Deno.mkdirSync(records);
    const path = this.write(`scripts/${crypto.randomUUID()}`, script);
    const [interpreter, ...flags] = /^#!(\S+)(?: (.*))?/.exec(script)!.slice(1).filter(Boolean);
    const { code, stdout, stderr } = await denoRunner.run({
      argv: [interpreter!, ...flags, path],
      cwd,
      env: {
        ...Object.fromEntries(Object.keys(Deno.env.toObject()).map((name) => [name, undefined])),
        HOME: this.home,
        USER: "tester",
        SCRATCH: this.scratch,
        PATH: `${this.at("bin")}:/usr/bin:/bin`,
        BASH_ENV: this.at("bash_env"),
        FAKE_RECORDS: records,
        SLURM_JOB_ID: "100",
        SLURM_JOB_NODELIST: "node[1-2]",
        SLURM_NNODES: "2",
        SLURM_CPUS_PER_TASK: "4",
        LD_LIBRARY_PATH: "/lib",
        ...env,
      },
      timeoutMs: 60_000,
    });
    const calls = [...Deno.readDirSync(records)].map(({ name }) => name).sort().map((name) =>
      readCall(Deno.readTextFileSync(join(records, name)))
    );
    return { calls, code, output: `${stdout}${stderr}` };
  }
}

function readCall(text: string): Call {
  const [told = "", environment = ""] = text.split("\x01\0");
  const [program = "", folder = "", ...args] = told.split("\0").slice(0, -1);
  const env = Object.fromEntries(
    environment.split("\0").filter((entry) => entry.includes("=")).map((entry) =>
      [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)] as const
    ),
  );
  return { program, folder, args, env };
}
