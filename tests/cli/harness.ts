import { equal } from "node:assert/strict";
import { join } from "node:path";

/** Top of the repository. */
export const ROOT = join(import.meta.dirname!, "..", "..");

/** How a command line ended. */
export interface Ended {
  code: number;
  out: string;
  err: string;
}

/** A user with a scratch folder of their own, removed with everything that runs in it. */
export class Sandbox implements AsyncDisposable {
  readonly root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "expflow-test-" }));
  readonly scratch = join(this.root, "scratch");
  readonly env: Record<string, string> = {
    HOME: join(this.root, "home"),
    USER: "tester",
    SCRATCH: this.scratch,
    PATH: pathWithoutSlurm(),
    DENO_DIR: denoDir(),
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
    COLUMNS: "120",
    ...networkSettings(),
  };
  #projects = new Set<string>();

  constructor() {
    Deno.mkdirSync(this.scratch);
    Deno.mkdirSync(this.env.HOME!);
  }

  /** Starts `deno run -A ENTRY ARGS`, with the words of another program before it if there is one. */
  spawn(
    args: string[],
    { cwd = this.root, entry = join(ROOT, "cli.ts"), before = [] as string[] } = {},
  ): Deno.ChildProcess {
    this.#projects.add(cwd);
    const check = entry.endsWith("cli.ts") ? ["--no-check"] : [];
    const [program, ...words] = [...before, Deno.execPath(), "run", "-A", ...check, entry];
    return new Deno.Command(program!, {
      args: [...words, ...args],
      cwd,
      clearEnv: true,
      env: this.env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Runs a command line to its end. */
  async run(args: string[], options: { cwd?: string; entry?: string } = {}): Promise<Ended> {
    const { code, stdout, stderr } = await this.spawn(args, options).output();
    const decoder = new TextDecoder();
    return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
  }

  /** As {@linkcode run}, for what must succeed. */
  async ok(args: string[], options: { cwd?: string; entry?: string } = {}): Promise<Ended> {
    const ended = await this.run(args, options);
    equal(ended.code, 0, `expflow ${args.join(" ")}\n${ended.out}${ended.err}`);
    return ended;
  }

  /** A project with nothing in it. @returns its folder. */
  async project(name = "project"): Promise<string> {
    await this.ok(["init", name]);
    return join(this.scratch, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const project of projectsIn(this.scratch)) {
      await this.run(["local", "stop", "--cancel"], { cwd: project });
    }
    Deno.removeSync(this.root, { recursive: true });
  }
}

const SLURM = /^(s(batch|queue|acct|cancel|control|info|run|alloc)|scontrol|sacctmgr)$/;
let withoutSlurm: string | undefined;

/** A PATH on which there is everything but Slurm, so that `auto` means the local scheduler. */
function pathWithoutSlurm(): string {
  const path = Deno.env.get("PATH")!;
  const folders = path.split(":").filter((folder) => existsFolder(folder));
  if (
    !folders.some((folder) => [...Deno.readDirSync(folder)].some(({ name }) => SLURM.test(name)))
  ) {
    return path;
  }
  if (withoutSlurm === undefined) {
    withoutSlurm = Deno.makeTempDirSync({ prefix: "expflow-path-" });
    const seen = new Set<string>();
    for (const folder of folders) {
      for (const { name } of Deno.readDirSync(folder)) {
        if (SLURM.test(name) || seen.has(name)) continue;
        seen.add(name);
        Deno.symlinkSync(join(folder, name), join(withoutSlurm, name));
      }
    }
    const made = withoutSlurm;
    globalThis.addEventListener("unload", () => Deno.removeSync(made, { recursive: true }));
  }
  return withoutSlurm;
}

function existsFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function projectsIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => join(folder, name)).filter((path) => {
    try {
      return Deno.statSync(join(path, ".hpc_config.yaml")).isFile;
    } catch {
      return false;
    }
  });
}

/** What a machine needs to reach package registries: certificates, proxies, mirrors. */
function networkSettings(): Record<string, string> {
  const names = /^(https?_proxy|no_proxy|(ssl|node|deno)_.*(cert|tls|ca_).*|npm_config_registry)$/i;
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => names.test(name)),
  );
}

function denoDir(): string {
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

/** Writes the file of an experiment. */
export function writeExperiment(project: string, id: string, text: string): void {
  Deno.writeTextFileSync(join(project, "experiment_configs", `${id}.yaml`), text);
}

/** What `status --json` says of one experiment. */
// deno-lint-ignore no-explicit-any
export async function statusOf(box: Sandbox, project: string, id: string): Promise<any> {
  const { out } = await box.ok(["status", id, "--json"], { cwd: project });
  return JSON.parse(out)[0];
}

/** Runs git with an identity of its own. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
  const { code, stdout, stderr } = await new Deno.Command("git", {
    args: ["-C", folder, ...identity, ...args],
  }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}
