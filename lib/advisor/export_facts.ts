import { quote } from "../script/quote.ts";

/** The values of `--export` that are tried. */
export const EXPORT_MODES = ["ALL", "NONE", "NIL"] as const;

/** One of {@linkcode EXPORT_MODES}. */
export type ExportMode = typeof EXPORT_MODES[number];

/** The variable that the probe sets where it submits, to see where it arrives. */
export const PROBE_VARIABLE = "EXPFLOW_PROBE";

/** What a process of a job has in its environment. */
export interface ExportFacts {
  /** Whether a variable of the shell that submitted arrives. */
  variable: boolean;
  HOME: boolean;
  PATH: boolean;
  USER: boolean;
  SLURM_JOB_ID: boolean;
  /** Whether the `module` command is there, as an exported function. */
  modules: boolean;
}

const NAMES: Record<string, keyof ExportFacts> = {
  [PROBE_VARIABLE]: "variable",
  HOME: "HOME",
  PATH: "PATH",
  USER: "USER",
  SLURM_JOB_ID: "SLURM_JOB_ID",
  module: "modules",
};

/**
 * A bash script that writes what is exported to it into a file, which appears whole. Bash gives
 * itself a PATH, so that only exported variables count.
 */
export const FACTS_SCRIPT = `#!/bin/bash
exported() {
  case "$(declare -p "$1" 2>/dev/null)" in
    "declare -x"*) echo "$1=yes" ;;
    *) echo "$1=no" ;;
  esac
}
{
  for name in ${PROBE_VARIABLE} HOME PATH USER SLURM_JOB_ID; do exported "$name"; done
  if type module >/dev/null 2>&1; then echo module=yes; else echo module=no; fi
} >"$1.part"
/bin/mv "$1.part" "$1"
`;

/** Where the script of a probe goes, and what it writes. */
export interface ProbePlace {
  /** Folder that all nodes see. */
  folder: string;
  mode: ExportMode;
  name: string;
  partition?: string;
  account?: string;
}

/** Files of one probe. */
export function probeFiles({ folder, mode }: Pick<ProbePlace, "folder" | "mode">) {
  const file = (name: string) => `${folder}/${mode}.${name}`;
  return { script: file("sbatch"), output: file("out"), batch: file("batch"), srun: file("srun") };
}

/** The batch script: looks at its own environment, and at that of a step. */
export function probeScript(place: ProbePlace): string {
  const { output, batch, srun } = probeFiles(place);
  const facts = quote(`${place.folder}/facts.sh`);
  const wanted = { partition: place.partition, account: place.account };
  const directives = Object.entries({
    "job-name": place.name,
    output,
    ...wanted,
    ntasks: "1",
    time: "2",
  }).flatMap(([key, value]) => value === undefined ? [] : [`#SBATCH --${key}=${value}`]);
  return [
    "#!/bin/bash",
    ...directives,
    `/bin/bash ${facts} ${quote(batch)}`,
    `srun --ntasks=1 /bin/bash ${facts} ${quote(srun)} || : >${quote(`${srun}.failed`)}`,
    "",
  ].join("\n");
}

/** Reads what {@linkcode FACTS_SCRIPT} wrote; `undefined` unless all of it is there. */
export function parseFacts(text: string): ExportFacts | undefined {
  const said = Array.from(
    text.matchAll(/^(\w+)=(yes|no)$/gm),
    ([, name, value]) => [NAMES[name!], value === "yes"] as const,
  );
  const facts = Object.fromEntries(said.filter(([key]) => key !== undefined));
  return Object.keys(facts).length === Object.keys(NAMES).length
    ? facts as unknown as ExportFacts
    : undefined;
}
