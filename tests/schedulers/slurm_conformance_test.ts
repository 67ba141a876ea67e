import { conformance } from "./conformance.ts";
import { openSlurm, runningLabs } from "./slurm_bench.ts";

const labs = await runningLabs();
for (const lab of labs) conformance(`SlurmScheduler on Slurm ${lab.version}`, () => openSlurm(lab));

if (labs.length === 0) {
  const title = "SlurmScheduler keeps the scheduler contract";
  console.warn(`NOT RUN: ${title} (no lab answers: tests/slurm/cluster.sh up, as root)`);
  Deno.test({ name: title, ignore: true, fn: () => {} });
}
