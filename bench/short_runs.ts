import { equal } from "node:assert/strict";
import { join } from "node:path";
import { createExperiment, initProject, openProject, type Project, submit, wait } from "../mod.ts";
import { LocalScheduler } from "../lib/schedulers/local/local_scheduler.ts";
import { type Measurement, timed } from "./measure.ts";

const RUNS = 100;
const SECONDS = 0.5;
const CPUS = 2;

/** Many short runs on two CPUs of the local scheduler: a job each, and packed. */
export async function shortRuns(): Promise<Measurement[]> {
  const parent = Deno.makeTempDirSync({ prefix: "expflow-bench-" });
  const { root } = await initProject({ name: "short", parent, cwd: parent });
  const file = join(root, ".hpc_config.yaml");
  const settings = `scheduler: local\nlocal: { cpus: ${CPUS} }\n`;
  const text = Deno.readTextFileSync(file).replace(/^scheduler:.*\n/m, "");
  Deno.writeTextFileSync(file, text + settings);
  const project = await openProject(root);
  try {
    const floor = await timed(async () => {
      const loop = `seq ${RUNS} | xargs -P ${CPUS} -n 1 sh -c 'sleep ${SECONDS}'`;
      const { success } = await new Deno.Command("sh", { args: ["-c", loop] }).output();
      equal(success, true);
    });
    const single = await timed(() => run(project, "single", []));
    const packed = await timed(() =>
      run(project, "packed", [`resources.runs_per_job=${RUNS / CPUS}`])
    );
    const floorIs = `\`xargs -P ${CPUS}\``;
    const what = `${RUNS} runs of ${SECONDS} s on ${CPUS} CPUs`;
    return [
      { what: `${what}, a job each`, ours: single, floor, floorIs, limit: 2 },
      { what: `${what}, packed`, ours: packed, floor, floorIs, limit: 1.5 },
    ];
  } finally {
    const { scheduler } = project.context;
    if (scheduler instanceof LocalScheduler) await scheduler.stop();
    Deno.removeSync(parent, { recursive: true });
  }
}

async function run(project: Project, id: string, set: string[]): Promise<void> {
  createExperiment(project, id, {
    command: `sleep ${SECONDS}`,
    args: "none",
    sweep: `x=0:${RUNS - 1}:1`,
    set: ["snapshot=false", ...set],
  });
  await submit(project, id);
  const { runs } = await wait(project, id);
  equal(runs.filter(({ state }) => state === "completed").length, RUNS);
}
