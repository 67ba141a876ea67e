/** A command as data: what to run, never how to quote it. */
export interface Command {
  /** Program and arguments, each exactly as the program gets it. */
  argv: [string, ...string[]];
  /** The working directory of this process unless told. */
  cwd?: string;
  /** Added to, or with `undefined` removed from, the environment of this process. */
  env?: Record<string, string | undefined>;
  /** What the program reads; nothing where this is absent. */
  stdin?: string;
  /** After this many milliseconds the process is killed; 30,000 unless told. */
  timeoutMs?: number;
  /** When this appears on stderr, the process is killed. */
  killOn?: RegExp;
}

/** How a command ended. */
export interface Reply {
  /** Exit code; 128 + n when signal n ended it; 127 when the program does not exist. */
  code: number;
  /** All of it, read as UTF-8. */
  stdout: string;
  /** All of it, read as UTF-8. */
  stderr: string;
  /** Whether it was killed for taking longer than `timeoutMs`. */
  timedOut: boolean;
}

/** The only way expflow runs a program. Tests inject one that records. */
export interface Runner {
  /** Runs a program to its end; one that fails or is not there gives an exit code. */
  run(command: Command): Promise<Reply>;
  /**
   * Starts a process in a session of its own that outlives this one, with its output in a file.
   * @returns its process id.
   */
  detach(command: Command & { output: string }): number;
}
