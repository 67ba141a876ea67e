import { StorageError } from "../core/errors.ts";

/** One file that can be sent, as it was when it was looked at. */
export interface Source {
  /** Its name at the destination, with `/` between folders. */
  path: string;
  /** Where it really is. */
  at: string;
  bytes: number;
  /** Milliseconds since 1970 of the last change. */
  changed: number;
  inode: number;
  /** Permission bits. */
  mode: number;
  /** How many of the bytes are sent: fewer while lines are still appended to it. */
  upTo: number;
  /** Whether lines are still appended: what is there of it stays as it is. */
  grows: boolean;
}

/** Why a file was not sent. */
export interface Problem {
  /** What was found, without a full stop. */
  reason: string;
  hint?: string;
  /** Whether the file changed meanwhile: it is no failure, and goes the next time. */
  changing?: boolean;
}

/** What became of one file; `sha256` only where the destination was seen to hold it. */
export type Outcome =
  | { file: Source; sha256: string }
  | { file: Source; problem: Problem };

/** A way of sending: one file in `transports/` each. No file may be visible before it is whole. */
export interface Transport {
  /**
   * Looks whether the destination can be used, and makes what it needs there.
   *
   * @throws {DestinationError} when it cannot be used.
   */
  prepare(): Promise<void>;
  /**
   * SHA-256 of those of these files that are there with this size. `reread` reads every byte again
   * where the destination otherwise answers from its own records.
   */
  hashes(files: readonly Listed[], reread?: boolean): Promise<Map<string, string>>;
  /** Sends files and tells of each as it ends; a file that fails does not stop the others. */
  send(files: readonly Source[], tell: (outcome: Outcome) => void): Promise<void>;
  /** A small file of expflow's own there; `undefined` where there is none. */
  read(path: string): Promise<string | undefined>;
  /** Writes one, whole. */
  write(path: string, text: string): Promise<void>;
  /** Removes what was begun and is not wanted any more. */
  finish(): Promise<void>;
}

/** A file by its name at the destination. */
export interface Listed {
  path: string;
  /** Of any size where it is absent. */
  bytes?: number;
}

/** What expflow keeps at a destination: manifests, and files on their way. */
export const OWN_FOLDER = ".expflow-sync";

/** A destination cannot be used now: all of it waits. */
export class DestinationError extends StorageError {
  /** Always `DestinationError`. */
  override name = "DestinationError";
}
