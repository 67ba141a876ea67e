/**
 * What may be wrong with a queue on disk. `not_open`: a job waits to be made into items, and no worker
 * looks for it. `needlessly_open`: workers look for a job of which nothing waits. `stranger`: a folder
 * of a worker that left no record. `leftover`: of a submission or a process that was killed.
 * `no_job`, `no_task`: of a job or a task that does not exist. `idle_wish`: nothing is left that it
 * could be about. `doubled`: a task lies in two places, which cannot be. `missing`: a task lies
 * nowhere. `strange`: a name that is none of the queue's.
 */
export type FindingKind =
  | "not_open"
  | "needlessly_open"
  | "stranger"
  | "leftover"
  | "no_job"
  | "no_task"
  | "idle_wish"
  | "doubled"
  | "missing"
  | "strange";

/** How something is repaired; paths are within the queue. `aside`: into its folder `temporary`. */
export type Repair = "create" | "remove" | "remove_empty" | "close" | "aside";

/** Something that is wrong, at a path within the queue. */
export interface Finding {
  kind: FindingKind;
  path: string;
  /** One line. */
  why: string;
  /** How it may be repaired; absent where a person has to decide. */
  repair?: Repair;
}
