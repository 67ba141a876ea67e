import { join } from "node:path";
import { initProject } from "../../lib/manager/init.ts";
import { openProject, type Project } from "../../lib/manager/project.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import { FakeMachine } from "./fakes.ts";

const FOLDER = join(import.meta.dirname!, "..", "fixtures", "sbatch");

/** Names of the scripts, without `.slurm`. */
export function scriptNames(): string[] {
  return [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
    .filter((name) => name.endsWith(".slurm")).map((name) => name.slice(0, -6)).sort();
}

/** The text of a script. */
export function scriptText(name: string): string {
  return Deno.readTextFileSync(join(FOLDER, `${name}.slurm`));
}

/** A project on a fake machine, whose user is `tester`; the scripts are in its working folder. */
export async function withMachine(
  action: (machine: FakeMachine, project: Project) => Promise<void>,
): Promise<void> {
  const root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "expflow-migrate-" }));
  const names = ["HOME", "SCRATCH", "USER"] as const;
  const before = names.map((name) => [name, Deno.env.get(name)] as const);
  try {
    const machine = new FakeMachine(root);
    for (const { name } of Deno.readDirSync(FOLDER)) {
      Deno.copyFileSync(join(FOLDER, name), join(machine.workdir, name));
    }
    Deno.env.set("HOME", machine.home);
    Deno.env.set("SCRATCH", machine.scratch);
    Deno.env.set("USER", "tester");
    const place = { name: "project", parent: machine.scratch, cwd: root, runner: denoRunner };
    const { root: folder } = await initProject(place);
    await action(machine, await openProject(folder));
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
    Deno.removeSync(root, { recursive: true });
  }
}
