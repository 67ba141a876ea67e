/** What clean-up can remove. */
export type WasteKind = "checkpoint" | "attempt" | "code" | "script" | "left-over";

/** Something that clean-up removes. */
export interface Waste {
  /** What it is. */
  kind: WasteKind;
  /** Id of the experiment. */
  experiment: string;
  /** Absolute path of the file or folder. */
  path: string;
  /** Why nobody needs it, in a few words. */
  why: string;
  /** Of everything at and below that path. */
  bytes: number;
  /** Files, folders and links. */
  inodes: number;
}

/** Something that looks like waste and is left alone. */
export interface Kept {
  /** Id of the experiment. */
  experiment: string;
  /** Absolute path. */
  path: string;
  /** What keeps it, in a few words. */
  why: string;
}
