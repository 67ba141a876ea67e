import { join } from "node:path";
import { type Marker, parseMarker } from "../../lib/core/markers.ts";
import type { EnvironmentSpec } from "../../lib/core/experiment.ts";
import type { ScriptModel } from "../../lib/script/model.ts";
import { renderScript } from "../../lib/script/render.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";
import { namesIn } from "../../lib/system/files.ts";
import type { Reply } from "../../lib/system/runner.ts";

/** The bash under test; scripts are to work from 4.2 on. */
export const BASH: string = Deno.env.get("EXPFLOW_TEST_BASH") ?? "/bin/bash";

/** Python for the tests with argparse and hydra. */
export const PYTHON: string = Deno.env.get("EXPFLOW_TEST_PYTHON") ?? "python3";

/** What a job finds in its environment when it is not told otherwise. */
const JOB: Record<string, string | undefined> = {
  SLURM_JOB_ID: "100",
  SLURM_ARRAY_JOB_ID: undefined,
  SLURM_ARRAY_TASK_ID: undefined,
  SLURM_RESTART_COUNT: undefined,
};

export const NOTHING: EnvironmentSpec = {
  modules: [],
  purge: true,
  env: {},
  secrets: {},
  setup: [],
};

/** A job of one run, unless told otherwise, in a folder. */
export function modelIn(root: string, changes: Partial<ScriptModel> = {}): ScriptModel {
  return {
    experiment: "exp",
    submission: "0001",
    stage: "train",
    jobName: "exp.train.0-test",
    command: "true",
    args: "none",
    after: [],
    fresh: true,
    resources: {},
    environment: NOTHING,
    paths: {
      workdir: join(root, "work"),
      runs: join(root, "runs"),
      state: join(root, "state"),
      log: join(root, "logs", changes.array ? "train.%a" : "train.0"),
      table: join(root, "train.0.table"),
    },
    runs: [{ index: 0, attempt: 1, params: {} }],
    array: false,
    base: 0,
    ...changes,
  };
}

/** A submission in a temporary folder. */
export class Lab {
  constructor(readonly root: string) {
    for (const name of ["work", "logs"]) Deno.mkdirSync(this.at(name));
  }

  at(...names: string[]): string {
    return join(this.root, ...names);
  }

  model(changes: Partial<ScriptModel> = {}): ScriptModel {
    return modelIn(this.root, changes);
  }

  /** Renders, and writes what was rendered. @returns path of the script. */
  write(changes: Partial<ScriptModel> = {}): string {
    const model = this.model(changes);
    const { text, table } = renderScript(model);
    const path = this.at(`${model.stage}.sbatch`);
    Deno.writeTextFileSync(path, text);
    if (table !== undefined) Deno.writeTextFileSync(model.paths.table, table);
    return path;
  }

  /** Runs a script to its end, as a scheduler would. */
  run(script: string, env: Record<string, string | undefined> = {}): Promise<Reply> {
    return denoRunner.run({
      argv: [BASH, script],
      env: { ...JOB, ...env },
      cwd: this.root,
      timeoutMs: 120_000,
    });
  }

  /** Starts a script, to send it signals. */
  start(script: string, env: Record<string, string> = {}): Deno.ChildProcess {
    const inherited = Deno.env.toObject();
    for (const name of Object.keys(JOB)) delete inherited[name];
    return new Deno.Command(BASH, {
      args: [script],
      clearEnv: true,
      env: { ...inherited, SLURM_JOB_ID: "100", ...env },
      cwd: this.root,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  markers(): Marker[] {
    return namesIn(this.at("state", "events")).map((name) => parseMarker(name)!)
      .sort((a, b) => a.run - b.run || a.attempt - b.attempt || a.event.localeCompare(b.event));
  }

  /** Markers as `run.stage.attempt.event.code`, sorted. */
  events(): string[] {
    return this.markers().map(({ run, stage, attempt, event, code }) =>
      `${run}.${stage}.${attempt}.${event}.${code}`
    ).sort();
  }

  read(...names: string[]): string {
    return Deno.readTextFileSync(this.at(...names));
  }
}

/** Runs a test in a lab of its own. */
export async function withLab(action: (lab: Lab) => Promise<void> | void): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "expflow script 'test' " });
  try {
    await action(new Lab(root));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Runs steps of a test, each in a lab of its own, all at once: they mostly wait. */
export async function inLabs(
  t: Deno.TestContext,
  steps: readonly [name: string, action: (lab: Lab) => Promise<void>][],
): Promise<void> {
  const concurrent = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
  await Promise.all(
    steps.map(([name, action]) => t.step({ name, ...concurrent, fn: () => withLab(action) })),
  );
}

/** Waits until `condition` holds; fails after a minute. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Waited in vain until ${what}`);
}

/** What a program does while it waits for a signal: a minute at most, and it ends soon after one. */
export const WAITING = "for i in {1..1200}; do sleep 0.05; done";

/** Makes a script listen longer for a stop that its program heard first: this machine may be slow. */
export function patient(script: string): void {
  const text = Deno.readTextFileSync(script);
  const pause = "expflow_pause 0.5;";
  if (!text.includes(pause)) throw new Error(`${script} has no ${pause}`);
  Deno.writeTextFileSync(script, text.replaceAll(pause, "expflow_pause 2;"));
}

/** Whether a command works; says what is not tested when it does not. */
export function available(what: string, ...argv: [string, ...string[]]): boolean {
  const [program, ...args] = argv;
  try {
    if (new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success) {
      return true;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  console.warn(`NOT TESTED: ${what}: "${argv.join(" ")}" does not work here`);
  return false;
}
