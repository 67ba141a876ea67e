/** What became of a line of the script. */
export type Fate = "key" | "kept" | "replaced" | "left out" | "comment";

/** One line of a script, or a part of it, and what became of it. */
export interface LineReport {
  /** From 1. */
  line: number;
  /** As it stands in the script; a secret is masked. */
  text: string;
  /** Whether it was understood, and if not, what became of it. */
  fate: Fate;
  /** The key it went to, or why it did not. */
  where: string;
}

/** What is known of whoever migrates, and where. */
export interface Surroundings {
  /** Login name. */
  user: string;
  home: string;
  /** Scratch folder, absolute. */
  scratch: string;
  /** Whether `$SCRATCH` of the shell is that folder. */
  scratchIsSet: boolean;
  /** Account of the project; absent where none is known. */
  account?: string;
  /** Text of a file that the script names, or nothing; relative paths start at `workdir`. */
  readText: (path: string) => string | undefined;
}

/** What is to be migrated, and how. */
export interface MigrationRequest {
  /** Text of the script. */
  script: string;
  /** Absolute path of it. */
  path: string;
  /** Id of the experiment, and name of the template. */
  id: string;
  /** Folder that sbatch was called in, absolute. */
  workdir: string;
  /** Whether a loop over values at the end becomes a sweep. */
  loops: boolean;
  /** What stood behind the script's name when it was submitted. */
  args: readonly string[];
  around: Surroundings;
}

/** A script as a template and an experiment. */
export interface Migration {
  template: Record<string, unknown>;
  experiment: Record<string, unknown>;
  /** Comments of the script that belong to no command. */
  comments: string[];
  /** At least one entry for each line that is not blank, by line. */
  lines: LineReport[];
  /** What differs from the script, or should be looked at, one line each. */
  notes: string[];
  /** Why the meaning cannot be kept; nothing is to be written then. */
  refusal?: { message: string; hint: string };
}
