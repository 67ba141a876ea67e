import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { parseTaskList } from "../../lib/schedulers/slurm/task_list.ts";
import { SlurmScheduler } from "../../lib/schedulers/slurm/slurm_scheduler.ts";
import type { JobRequest } from "../../lib/schedulers/scheduler.ts";
import { systemClock } from "../../lib/system/clock.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import type { Command, Reply, Runner } from "../../lib/system/runner.ts";
import type { Bench } from "../schedulers/conformance_lab.ts";

/** A lab of tests/slurm/cluster.sh: on this machine, or in the folder of another suite. */
export interface Lab {
  /** `/`, or where the other suite is. */
  root: string;
  /** Slurm's version, `22.05.8`. */
  version: string;
}

const ROOTS = ["/", "/tmp/expflow-lab/trixie"];

/** The words before a command that run it in a lab as one of its users. */
export function inLab(root: string, user: string): string[] {
  return [...root === "/" ? [] : ["chroot", root], "runuser", "-u", user, "--"];
}

/** Runs commands in a lab as one of its users; jobs do not outlive that user's permissions. */
export function labRunner(root: string, user = "alice"): Runner {
  const wrap = (command: Command): Command => ({
    ...command,
    argv: [...inLab(root, user), ...command.argv] as Command["argv"],
  });
  return {
    run: (command) => denoRunner.run(wrap(command)),
    detach: () => {
      throw new Error("nothing of Slurm's is detached");
    },
  };
}

/** The labs whose controller answers now. */
export async function runningLabs(): Promise<Lab[]> {
  const labs: Lab[] = [];
  if (Deno.uid() !== 0) return labs;
  for (const root of ROOTS) {
    const { run } = labRunner(root);
    const ping = await run({ argv: ["scontrol", "ping"], timeoutMs: 5000 });
    if (ping.code !== 0 || !/is UP/.test(ping.stdout)) continue;
    const version = await run({ argv: ["sbatch", "--version"] });
    labs.push({ root, version: version.stdout.trim().split(" ").at(-1)! });
  }
  return labs;
}

/** Names the tasks of the arrays it submitted, as those who submit do. */
class KnowingScheduler extends SlurmScheduler {
  readonly #tasks = new Map<string, number[]>();

  override async submit(request: JobRequest): Promise<string> {
    const id = await super.submit(request);
    const array = /^#SBATCH --array=([\d,:%-]+)$/m.exec(Deno.readTextFileSync(request.script));
    const tasks = request.array ?? array?.[1];
    if (tasks !== undefined) this.#tasks.set(id, parseTaskList(tasks)!);
    return id;
  }

  override states(ids: string[]): ReturnType<SlurmScheduler["states"]> {
    return super.states(ids, this.#tasks);
  }
}

/** A bench with a cluster. */
export interface SlurmBench extends Bench {
  scheduler: SlurmScheduler;
}

/** A bench on a lab: jobs of alice, in a folder of hers that both sides see. */
export function openSlurm({ root }: Lab): SlurmBench {
  const umask = Deno.umask(0);
  const folder = Deno.makeTempDirSync({ dir: "/scratch/alice", prefix: "it's a bench " });
  Deno.chmodSync(folder, 0o777);
  return {
    scheduler: new KnowingScheduler({ runner: labRunner(root), clock: systemClock }),
    folder,
    directives: ["--mem=50"],
    limit: { text: "1", seconds: 60 },
    warning: 20,
    patience: 300_000,
    poll: 250,
    close: () => {
      Deno.removeSync(folder, { recursive: true });
      Deno.umask(umask);
      return Promise.resolve();
    },
  };
}

const CLUSTER = fileURLToPath(new URL("./cluster.sh", import.meta.url));

/** Starts, stops or asks about the daemons of a lab. */
export function controlLab({ root }: Lab, ...args: string[]): Promise<Reply> {
  const suite = root === "/" ? [] : ["--suite", basename(root)];
  return denoRunner.run({ argv: [CLUSTER, ...suite, ...args], timeoutMs: 120_000 });
}

/** Stops a daemon in its tracks, so that it hangs until the answer is called. */
export async function freeze(lab: Lab, daemon: string): Promise<() => void> {
  const { stdout } = await controlLab(lab, "status");
  const pid = Number(new RegExp(`^${daemon} +running +pid (\\d+)`, "m").exec(stdout)?.[1]);
  Deno.kill(pid, "SIGSTOP");
  return () => Deno.kill(pid, "SIGCONT");
}
