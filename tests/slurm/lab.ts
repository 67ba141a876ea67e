import { equal } from "node:assert/strict";
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "..", "..");
const CLUSTER = join(import.meta.dirname!, "cluster.sh");
/** What users of the lab run: a copy of Deno and one bundled file of this checkout, readable by all. */
const SHARED = join("/scratch/expflow-test", ROOT.replaceAll("/", "_"));

/** How a command ended. */
export interface Ended {
  code: number;
  out: string;
  err: string;
}

async function run(argv: string[], options: Deno.CommandOptions = {}): Promise<Ended> {
  const [program, ...args] = argv;
  const { code, stdout, stderr } = await new Deno.Command(program!, {
    ...options,
    args,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

async function answers(): Promise<boolean> {
  if (Deno.uid() !== 0) return false;
  try {
    return (await run(["scontrol", "ping"])).out.includes("is UP") &&
      (await run(["id", "alice"])).code === 0;
  } catch {
    return false;
  }
}

/** Whether the lab of `cluster.sh up` runs; without it these tests say loudly that they did not. */
export const labIsUp = await answers();
if (!labIsUp) {
  console.warn(
    "NOT RUN: tests on real Slurm; `tests/slurm/cluster.sh up` (as root) starts the lab",
  );
}

/** Runs `cluster.sh`, for what must succeed. */
export async function cluster(...args: string[]): Promise<string> {
  const { code, out, err } = await run([CLUSTER, ...args]);
  equal(code, 0, `cluster.sh ${args.join(" ")}: ${err}`);
  return out;
}

let prepared: Promise<string> | undefined;

function prepare(): Promise<string> {
  return prepared ??= (async () => {
    Deno.mkdirSync(SHARED, { recursive: true });
    const bundle = join(SHARED, "expflow.js");
    const made = await run([Deno.execPath(), "bundle", "--quiet", "-o", bundle, "mod.ts"], {
      cwd: ROOT,
    });
    equal(made.code, 0, made.err);
    const deno = join(SHARED, "deno");
    Deno.copyFileSync(Deno.execPath(), `${deno}.new`);
    Deno.renameSync(`${deno}.new`, deno);
    await run(["chmod", "-R", "a+rX", SHARED]);
    return bundle;
  })();
}

/** The second cluster of `cluster.sh --no-accounting`: its configuration, as Slurm's commands take it. */
export const withoutAccounting = { SLURM_CONF: "/tmp/expflow-lab/plain/etc/slurm.conf" };

/** Starts that cluster; it goes down in the end. */
export async function startWithoutAccounting(): Promise<AsyncDisposable> {
  await cluster("--no-accounting", "up");
  return {
    [Symbol.asyncDispose]: async () => void await cluster("--no-accounting", "down"),
  };
}

/** A user of the lab, with a folder of their own that is removed in the end. */
export class LabUser implements AsyncDisposable {
  readonly scratch: string;

  private constructor(
    readonly name: string,
    private readonly bundle: string,
    private readonly env: Record<string, string>,
  ) {
    this.scratch = Deno.makeTempDirSync({ dir: `/scratch/${name}`, prefix: "test-" });
  }

  /** `env` chooses the cluster: nothing for the lab's own, or {@linkcode withoutAccounting}. */
  static async login(name: string, env: Record<string, string> = {}): Promise<LabUser> {
    const user = new LabUser(name, await prepare(), env);
    await run(["chown", name, user.scratch]);
    return user;
  }

  /** A command as this user, without anything of this process's environment. */
  argv(argv: string[], path = "/usr/bin:/bin:/usr/sbin"): string[] {
    const { name, scratch } = this;
    return ["runuser", "-u", name, "--", "env", "-i", `HOME=/home/${name}`, `USER=${name}`]
      .concat([`PATH=${path}`, `SCRATCH=${scratch}`, "LC_ALL=C.UTF-8", "NO_COLOR=1"])
      .concat(Object.entries(this.env).map(([key, value]) => `${key}=${value}`), argv);
  }

  /** Any command. */
  async do(argv: string[], cwd = this.scratch): Promise<Ended> {
    return await run(this.argv(argv), { cwd });
  }

  /** The argv of an expflow command line. */
  expflowArgv(args: string[], path?: string): string[] {
    return this.argv([join(SHARED, "deno"), "run", "-A", this.bundle, ...args], path);
  }

  /** An expflow command line; `path` puts fakes in front of Slurm's commands. */
  async run(args: string[], cwd = this.scratch, path?: string): Promise<Ended> {
    return await run(this.expflowArgv(args, path), { cwd });
  }

  /** The same, for what must succeed. */
  async ok(args: string[], cwd = this.scratch, path?: string): Promise<Ended> {
    const ended = await this.run(args, cwd, path);
    equal(ended.code, 0, `expflow ${args.join(" ")}\n${ended.out}${ended.err}`);
    return ended;
  }

  /** A command of Slurm's as its administrator. */
  async admin(argv: string[]): Promise<Ended> {
    return await run(argv, { env: this.env });
  }

  /** A project on Slurm. @returns its folder. */
  async project(): Promise<string> {
    await this.ok(["init", "project"]);
    return join(this.scratch, "project");
  }

  /** Writes the file of an experiment. */
  write(project: string, id: string, text: string): void {
    Deno.writeTextFileSync(join(project, "experiment_configs", `${id}.yaml`), text);
  }

  /** What `status --json` says of one experiment. */
  // deno-lint-ignore no-explicit-any
  async status(project: string, id: string): Promise<any> {
    return JSON.parse((await this.ok(["status", id, "--json"], project)).out)[0];
  }

  /** Waits until `status --json` satisfies `wanted`. @returns that status. */
  // deno-lint-ignore no-explicit-any
  async until(project: string, id: string, wanted: (status: any) => boolean, seconds = 60) {
    for (const end = Date.now() + seconds * 1000;;) {
      const status = await this.status(project, id);
      if (wanted(status)) return status;
      if (Date.now() > end) throw new Error(`still ${JSON.stringify(status)}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  /** Waits until the first run of an experiment has written this: Slurm says RUNNING before. */
  async untilSaid(project: string, id: string, words: string): Promise<void> {
    for (const end = Date.now() + 60_000; Date.now() < end;) {
      const { out } = await this.run(["logs", `${id}/0`], project);
      if (out.includes(words)) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new Error(`${id}/0 did not say ${words}`);
  }

  /** Ids of the jobs that were submitted from this user's folder: others may use the lab too. */
  async #jobs(): Promise<string[]> {
    const { out } = await this.admin(["squeue", "-h", "-u", this.name, "-o", "%A %Z"]);
    return out.trim().split("\n").map((line) => line.split(" "))
      .filter(([, folder]) => `${folder}/`.startsWith(`${this.scratch}/`))
      .map(([job]) => job!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const jobs = await this.#jobs();
    if (jobs.length > 0) await this.admin(["scancel", ...new Set(jobs)]);
    for (let tries = 0; tries < 40 && (await this.#jobs()).length > 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    Deno.removeSync(this.scratch, { recursive: true });
  }
}
