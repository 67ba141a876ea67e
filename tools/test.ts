/**
 * All tests, in parts: `deno task test [PART…]`. A part runs although an earlier one failed; the end
 * is a failure if any part's was.
 */

/** Tests that run together. */
interface Part {
  /** Arguments of `deno test`. */
  args: string[];
  /** How many files at once; without it as many as there are CPUs. */
  jobs?: number;
}

const SLURM = "tests/slurm";
/** These take minutes, mostly waiting for Slurm to look at its clock: they start first. */
const SLOW = ["resume", "storm", "without_accounting", "traps_run", "topup", "truth"];
/** What depends on Slurm's version runs with the newer one as well. */
const NEWER = ["traps_run", "truth", "conformance", "traps"];
const NEWER_ALONE = ["scheduler_faults", "fresh_controller", "crash"];

/** They set variables of their process, which files that run side by side share. */
const OWN = ["tests/migration", "tests/cluster/asked_once_test.ts", "tests/queue/gpu/mps_test.ts"];

function files(folder: string, names: string[]): string[] {
  return names.map((name) => `${folder}/${name}_test.ts`);
}

/** All tests of a folder, and not of those in it; these first. */
function inFolder(folder: string, first: string[]): string[] {
  const all = [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`)
    .filter((path) => path.endsWith("_test.ts")).sort();
  return [...new Set([...files(folder, first), ...all])];
}

const PARTS: Record<string, Part> = {
  here: { args: ["--parallel", `--ignore=${[SLURM, ...OWN]}`, "tests"] },
  own: { args: OWN },
  // They only submit jobs, and mostly wait: more at once than there are CPUs.
  slurm: { args: ["--parallel", ...inFolder(SLURM, SLOW)], jobs: 4 },
  alone: { args: [`${SLURM}/alone`] },
  newer: { args: ["--parallel", ...files(SLURM, NEWER)], jobs: 4 },
  "newer-alone": { args: files(`${SLURM}/alone`, NEWER_ALONE) },
};

async function passes({ args, jobs }: Part): Promise<boolean> {
  const env = jobs === undefined ? undefined : { DENO_JOBS: String(jobs) };
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", ...args],
    env,
  }).spawn().status;
  return success;
}

const names = Deno.args.length > 0 ? Deno.args : ["here", "own", "slurm", "alone"];
for (const name of names) {
  const part = PARTS[name];
  if (part === undefined) {
    console.error(`Cannot test ${name}: expected ${Object.keys(PARTS).join(", ")}`);
    Deno.exit(2);
  }
  if (!await passes(part)) Deno.exitCode = 1;
}
