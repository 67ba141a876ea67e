/** What a job of runs is of. */
export interface JobSubject {
  /** Id of the experiment. */
  experiment: string;
  /** Name of the stage. */
  stage: string;
}

/** `exp001.train.0-1f2e3d4c` → `exp001`, `train`; `undefined` for jobs that are not of runs. */
export function parseJobName(name: string): JobSubject | undefined {
  const [, experiment, stage] = /^(.+)\.([A-Za-z][A-Za-z0-9_-]*)\.\d+-[0-9a-f]{8}$/.exec(name) ??
    [];
  return experiment === undefined ? undefined : { experiment, stage: stage! };
}
