import { conformance } from "../schedulers/conformance.ts";
import { openSlurm, runningLabs } from "./bench.ts";

const labs = await runningLabs();
for (const lab of labs) {
  conformance(`SlurmScheduler on Slurm ${lab.version}`, () => openSlurm(lab));
}

if (labs.length === 0) {
  const title = "SlurmScheduler on a real Slurm";
  console.warn(`NOT RUN: ${title} (no lab answers; tests/slurm/cluster.sh up, as root)`);
  Deno.test({ name: title, ignore: true, fn: () => {} });
}
