/**
 * A job as its id in expflow says: `123`, or `123@cluster` where sbatch answered `123;cluster`. Both
 * are safe in file names and on a command line; Slurm's own `;` is not.
 */
export interface JobId {
  /** What Slurm's commands take. */
  number: string;
  /** To be passed as `--clusters`; absent for a job of the cluster we are on. */
  cluster?: string;
}

const ANSWER = /^(\d+)(?:;([A-Za-z0-9_.-]+))?$/;
const ID = /^(\d{1,19})(?:@([A-Za-z0-9_.-]+))?$/;

/** The id in the answer of `sbatch --parsable`: its last line that is one, whatever stands around. */
export function parseSubmitted(stdout: string): string | undefined {
  const answers = stdout.split("\n").map((line) => ANSWER.exec(line.trim()));
  const [, number, cluster] = answers.findLast((answer) => answer !== null) ?? [];
  return cluster === undefined ? number : `${number}@${cluster}`;
}

/** Reads an id that {@linkcode parseSubmitted} gave; `undefined` when it is none. */
export function parseJobId(id: string): JobId | undefined {
  const [, number, cluster] = ID.exec(id) ?? [];
  return number === undefined ? undefined : { number, cluster };
}

/** The id of a job: the inverse of {@linkcode parseJobId}. */
export function formatJobId({ number, cluster }: JobId): string {
  return cluster === undefined ? number : `${number}@${cluster}`;
}

/** The option that sends a command to a job's cluster. */
export function clusterOption(cluster: string | undefined): string[] {
  return cluster === undefined ? [] : [`--clusters=${cluster}`];
}
