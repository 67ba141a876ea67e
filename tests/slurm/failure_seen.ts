import { join } from "node:path";
import type { LabUser } from "./lab.ts";

/** An end that leaves a marker, and two that only Slurm can tell of. */
export const ENDINGS = {
  exit: "exit 3",
  kill: "kill -KILL $SLURM_TASK_PID",
  scancel: "scancel $SLURM_JOB_ID; sleep 60",
};

/** How long a failure took to be seen. */
export interface Seen {
  /** From the last act of the program to the end of the first `status --json` that says its end. */
  seconds: number;
  /** Of that call of `status` alone. */
  call: number;
}

/** Submits a program that ends with `ending`, and looks all the time. */
export async function failureSeen(
  user: LabUser,
  project: string,
  id: string,
  ending: string,
): Promise<Seen> {
  const command = `sleep 2; date +%s.%N > {run.dir}/ended; ${ending}`;
  user.write(project, id, `command: ${JSON.stringify(command)}\nargs: none\n`);
  await user.ok(["submit", id], project);
  for (const patience = Date.now() + 60_000; Date.now() < patience;) {
    const asked = Date.now() / 1000;
    const { counts } = await user.status(project, id);
    const now = Date.now() / 1000;
    if (!counts.failed && !counts.cancelled) continue;
    const ended = Deno.readTextFileSync(join(project, "experiments", "runs", id, "0", "ended"));
    return { seconds: now - Number(ended), call: now - asked };
  }
  throw new Error(`${id}: no failure was seen in 60 s`);
}
