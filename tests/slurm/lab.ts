import { equal } from "node:assert/strict";
import { join } from "node:path";
import { controlLab, inLab, runningLabs } from "./bench.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
/** What users of the lab run: copies of Deno, of this checkout and of its packages, readable by all. */
const SHARED = join("/scratch/expflow-test", ROOT.replaceAll("/", "_"));

const SOURCE = join(SHARED, "source");
const PACKAGES = join(SHARED, "npm");

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

const [lab] = await runningLabs();

/** Whether the lab of `cluster.sh up` runs; without it these tests say loudly that they did not. */
export const labIsUp = lab !== undefined;
if (!labIsUp) {
  console.warn(
    "NOT RUN: tests on real Slurm; `tests/slurm/cluster.sh up` (as root) starts the lab",
  );
}

/** Runs `cluster.sh`, for what must succeed. */
export async function cluster(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await controlLab(lab!, ...args);
  equal(code, 0, `cluster.sh ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** A command of Slurm's as root. */
export async function asRoot(...argv: string[]): Promise<Ended> {
  return await run([...inLab(lab!.root, "root"), ...argv]);
}

/** This process, and no later one with its number. */
function ownStamp(): string {
  const stat = Deno.readTextFileSync("/proc/self/stat");
  return `${Deno.pid} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
}

function textOf(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Makes what users run, once for all files of tests that run side by side in this process. */
async function prepare(): Promise<void> {
  Deno.mkdirSync(SHARED, { recursive: true });
  const stamp = join(SHARED, "made-by");
  using lock = Deno.openSync(join(SHARED, "lock"), { create: true, write: true });
  await lock.lock(true);
  if (textOf(stamp) === ownStamp()) return;
  const deno = join(SHARED, "deno");
  Deno.copyFileSync(Deno.execPath(), `${deno}.new`);
  Deno.renameSync(`${deno}.new`, deno);
  await run(["rm", "-rf", SOURCE, PACKAGES]);
  Deno.mkdirSync(SOURCE);
  const files = ["cli.ts", "mod.ts", "deno.json", "deno.lock", "lib"].map((name) =>
    join(ROOT, name)
  );
  const info = await run([Deno.execPath(), "info", "--json"]);
  const { npmCache } = JSON.parse(info.out);
  for (const argv of [["cp", "-r", ...files, SOURCE], ["cp", "-r", npmCache, PACKAGES]]) {
    const copied = await run(argv);
    equal(copied.code, 0, copied.err);
  }
  await run(["chmod", "-R", "a+rX", SHARED]);
  Deno.writeTextFileSync(stamp, ownStamp());
}

/** A user's cache of Deno's, over the packages that all share. @returns its folder. */
async function denoDir(name: string, cache: string): Promise<string> {
  const folder = join(SHARED, `cache-${cache}`);
  Deno.mkdirSync(folder, { recursive: true });
  await run(["ln", "-sfn", PACKAGES, join(folder, "npm")]);
  await run(["chown", name, folder]);
  return folder;
}

/** The second cluster of `cluster.sh --no-accounting`: its configuration, as Slurm's commands take it. */
export const withoutAccounting = { SLURM_CONF: "/tmp/expflow-lab/plain/etc/slurm.conf" };

/** Starts that cluster, once nobody else uses it; it goes down in the end. */
export async function startWithoutAccounting(): Promise<AsyncDisposable> {
  const turn = Deno.openSync("/tmp/expflow-lab/plain.lock", { create: true, write: true });
  await turn.lock(true);
  const stop = async () => {
    await cluster("--no-accounting", "down");
    turn.close();
  };
  try {
    await cluster("--no-accounting", "up");
  } catch (error) {
    turn.close();
    throw error;
  }
  return { [Symbol.asyncDispose]: stop };
}

function assignments(variables: Record<string, string>): string[] {
  return Object.entries(variables).map(([name, value]) => `${name}=${value}`);
}

/** A user of the lab, with a folder of their own that is removed in the end. */
export class LabUser implements AsyncDisposable {
  readonly scratch: string;

  private constructor(
    readonly name: string,
    private readonly cache: string,
    private readonly env: Record<string, string>,
  ) {
    this.scratch = Deno.makeTempDirSync({ dir: `/scratch/${name}`, prefix: "test-" });
  }

  /**
   * `env` chooses the cluster: nothing for the lab's own, or {@linkcode withoutAccounting}. What Deno
   * compiled is kept by user, or under the name of `cache`.
   */
  static async login(
    name: string,
    env: Record<string, string> = {},
    cache = name,
  ): Promise<LabUser> {
    await prepare();
    const user = new LabUser(name, await denoDir(name, cache), env);
    await run(["chown", name, user.scratch]);
    return user;
  }

  /** A command as this user, without anything of this process's environment. */
  argv(argv: string[], path = "/usr/bin:/bin:/usr/sbin", cwd = this.scratch): string[] {
    const { name, scratch } = this;
    return [...inLab(lab!.root, name), "env", "-i", `--chdir=${cwd}`, `HOME=/home/${name}`]
      .concat([`USER=${name}`, `PATH=${path}`, `SCRATCH=${scratch}`, "LC_ALL=C.UTF-8"])
      .concat(["NO_COLOR=1", `DENO_DIR=${this.cache}`, "DENO_NO_UPDATE_CHECK=1"])
      .concat(assignments(this.env), argv);
  }

  /** Any command. */
  async do(argv: string[], cwd = this.scratch): Promise<Ended> {
    return await run(this.argv(argv, undefined, cwd));
  }

  /** The words of an expflow command line, for who is this user already. */
  words(args: string[]): string[] {
    const entry = join(SOURCE, "cli.ts");
    return [join(SHARED, "deno"), "run", "-A", "--cached-only", "--no-check", entry, ...args];
  }

  /** The argv of an expflow command line, with the words of another program before it. */
  expflowArgv(args: string[], path?: string, cwd?: string, before: string[] = []): string[] {
    return this.argv([...before, ...this.words(args)], path, cwd);
  }

  /** An expflow command line; `path` puts fakes in front of Slurm's commands. */
  async run(
    args: string[],
    cwd = this.scratch,
    path?: string,
    before?: string[],
  ): Promise<Ended> {
    return await run(this.expflowArgv(args, path, cwd, before));
  }

  /** The same, for what must succeed. */
  async ok(args: string[], cwd = this.scratch, path?: string): Promise<Ended> {
    const ended = await this.run(args, cwd, path);
    equal(ended.code, 0, `expflow ${args.join(" ")}\n${ended.out}${ended.err}`);
    return ended;
  }

  /** A command of Slurm's as its administrator. */
  async admin(argv: string[]): Promise<Ended> {
    return await asRoot("env", ...assignments(this.env), ...argv);
  }

  /** A PATH with a fake of one command, a bash script, in front of the real ones. */
  pathWith(name: string, script: string): string {
    const folder = Deno.makeTempDirSync({ dir: this.scratch, prefix: "bin-" });
    Deno.writeTextFileSync(join(folder, name), `#!/bin/bash\n${script}`);
    Deno.chmodSync(folder, 0o755);
    Deno.chmodSync(join(folder, name), 0o755);
    return `${folder}:/usr/bin:/bin:/usr/sbin`;
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
  async until(project: string, id: string, wanted: (status: any) => boolean, seconds = 180) {
    for (const end = Date.now() + seconds * 1000;;) {
      const status = await this.status(project, id);
      if (wanted(status)) return status;
      if (Date.now() > end) throw new Error(`still ${JSON.stringify(status)}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  /** Waits until the first run of an experiment has written this: Slurm says RUNNING before. */
  async untilSaid(project: string, id: string, words: string): Promise<void> {
    for (const end = Date.now() + 180_000; Date.now() < end;) {
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
    for (let tries = 0; tries < 240 && (await this.#jobs()).length > 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    Deno.removeSync(this.scratch, { recursive: true });
  }
}
