const INHERITED =
  /^(SLURM|SLURMD|SBATCH|SALLOC|SRUN|SQUEUE|SACCT|SCANCEL|SCONTROL|SINFO|SDIAG|PMI|PMIX|PMI2|OMPI_COMM_WORLD)_/;
/** Where the cluster is and how to log in there, not what a job inherits. */
const KEPT = new Set(["SLURM_CONF", "SLURM_JWT"]);

/**
 * Changes to the environment that keep what surrounds us away from Slurm: inside a job, its
 * SLURM_*, SBATCH_* and PMIX_* would become options of the next one, and SQUEUE_* filter answers.
 */
export function scrubbed(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, undefined> {
  const names = Object.keys(env).filter((name) => INHERITED.test(name) && !KEPT.has(name));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
