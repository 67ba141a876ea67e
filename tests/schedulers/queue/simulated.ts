/** A job of the simulation; its number is its place in the list, from 1. */
export interface SimulatedJob {
  tasks: number;
  blockSize: number;
  priority: number;
  throttle?: number;
  /** Number of an earlier job, all of whose tasks have to be over. */
  after?: number;
}

/** What is simulated. A tick is one step of one process. */
export interface Simulated {
  jobs: SimulatedJob[];
  workers: number;
  /** Ticks that a client may answer from what it knew of a folder, at most. */
  delay: number;
  /** Workers that are killed, and that sleep until after they were recovered. */
  kills: number;
  sleeps: number;
  seed: number;
}

/** What came of it. */
export interface Outcome {
  ticks: number;
  /** Results that counted, by `<job>_<task>`. */
  accepted: Map<string, number>;
  /** Results that were refused. */
  refused: number;
  /** What was wrong, each as a line. */
  wrong: string[];
  /** Tasks that are over on the files, as `<job>_<task>`. */
  done: string[];
}
