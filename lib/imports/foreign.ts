import type { Params } from "../core/params.ts";
import type { RunState } from "../core/states.ts";

/** How a run stood in another tool; `queued`: it waited there, and has not begun. */
export type ForeignState = "queued" | RunState;

/** A run as another tool left it. What that tool did not say is absent, never guessed. */
export interface ForeignRun {
  /** Its name in that tool, unique in the folder. */
  id: string;
  /** Name of its experiment, as it was given there; it may be empty, or hold anything. */
  experiment: string;
  /** The file it was read from, relative to the folder. */
  file: string;
  /** What that file says of it, as it is, but for what looks like a secret. */
  text: string;
  /** Absent where they are not told, or are none. */
  params?: Params;
  state: ForeignState;
  /** The command that it ran, where the tool wrote that down. */
  command?: string;
  tags: string[];
  /** ISO 8601, all three. */
  created?: string;
  started?: string;
  ended?: string;
  /** How often it was executed. */
  attempt?: number;
  /** Why it failed, as the tool says. */
  error?: string;
  /** Metrics that the tool itself recorded; groups may be nested. */
  metrics?: Record<string, unknown>;
  /** Absolute path of the folder with what its program wrote. */
  output?: string;
  /** What else is told of it, by that tool's names. */
  details: Record<string, string | number | boolean>;
  /** One line each. */
  problems: string[];
}

/** What a folder of another tool holds. */
export interface Foreign {
  /** Absolute, links followed. */
  folder: string;
  /** In the order of their files. */
  runs: ForeignRun[];
  /** What could not be read, or is not as expected, one line each. */
  problems: string[];
}

/** A tool whose folders can be imported. */
export interface ForeignFormat {
  /** As the command line and the records name it. */
  name: string;
  /** What is imported, for the help. */
  summary: string;
  /**
   * Reads everything in a folder; writes nothing there.
   *
   * @throws {NotFoundError} when it is no folder of this tool.
   */
  read(folder: string): Foreign;
}
