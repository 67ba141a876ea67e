import { join, relative } from "node:path";
import { NotFoundError } from "../core/errors.ts";
import type { RunReference } from "../core/ids.ts";
import { type Change, changesBetween } from "../results/config_diff.ts";
import type { Plan } from "../store/plan.ts";
import type { RunStatus } from "../submission/status.ts";
import { exists } from "../system/files.ts";
import type { Project } from "./project.ts";
import { status } from "./status.ts";

/** How the code of two runs differs; `unknown` where what ran was not kept. */
export type CodeDiff = { same: true } | { same: false; diff: string } | {
  same: "unknown";
  why: string;
};

/** What is different between two runs, as it was recorded when they were submitted. */
export interface RunDiff {
  /** `EXPERIMENT/INDEX` of each. */
  runs: [string, string];
  /** Parameters that are not the same. */
  params: Change[];
  /** The configuration without parameters and sweep. */
  config: Change[];
  /** Who submitted it where, by which versions, to which scheduler, from which commit. */
  environment: Change[];
  /** What `git diff` says of the two snapshots. */
  code: CodeDiff;
}

const GIT_TIMEOUT_MS = 60_000;

/**
 * Tells two runs apart: parameters, configuration, environment and code, as submitted.
 *
 * @throws {NotFoundError} for a run that was never submitted.
 *
 * @example
 * ```ts
 * import {
 *   createExperiment,
 *   diffRuns,
 *   initProject,
 *   openProject,
 *   submit,
 *   wait,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * const { params } = await diffRuns(
 *   project,
 *   { experiment: "exp001", run: 0 },
 *   { experiment: "exp001", run: 1 },
 * );
 * if (params[0]?.from !== 0.1 || params[0]?.to !== 0.01) throw new Error(JSON.stringify(params));
 * ```
 */
export async function diffRuns(
  project: Project,
  first: RunReference,
  second: RunReference,
): Promise<RunDiff> {
  const [a, b] = [await submittedRun(project, first), await submittedRun(project, second)];
  return {
    runs: [a.name, b.name],
    params: changesBetween(a.run.params, b.run.params),
    config: changesBetween(configOf(a.plan), configOf(b.plan)),
    environment: changesBetween(environmentOf(a.plan), environmentOf(b.plan)),
    code: await codeDiff(project, a.plan, b.plan),
  };
}

/** A run, and the submission that recorded it. */
export interface SubmittedRun {
  name: string;
  run: RunStatus;
  /** The submission that executed it last. */
  plan: Plan;
}

/** @throws {NotFoundError} for a run that was never submitted. */
export async function submittedRun(
  project: Project,
  { experiment, run: index }: RunReference,
): Promise<SubmittedRun> {
  const [found] = await status(project, { ids: [experiment], run: index });
  const { runs, plans } = found!;
  const run = runs[0];
  if (!run) {
    throw new NotFoundError(`Cannot look at ${experiment}: it was never submitted`, {
      hint: `\`expflow submit ${experiment}\` first; \`expflow list\` shows what there is`,
    });
  }
  if (runs.length > 1) {
    throw new NotFoundError(
      `Cannot tell which run of ${experiment} is meant: it has ${runs.length}`,
      {
        hint: `name one, as in ${experiment}/${run.index}`,
      },
    );
  }
  const last = Object.values(run.stages).map(({ submission }) => submission).sort().at(-1);
  const plan = plans.find(({ submission }) => submission === last) ?? plans.at(-1)!;
  return { name: `${experiment}/${run.index}`, run, plan };
}

function configOf({ config }: Plan): object {
  const { id: _id, params: _params, sweep: _sweep, stages, ...rest } = config;
  return { ...rest, stages: Object.fromEntries(stages.map((stage) => [stage.name, stage])) };
}

function environmentOf({ user, host, scheduler, versions, code }: Plan): object {
  const { repository, remote, branch, commit, dirty, mode } = code;
  return {
    user,
    host,
    scheduler,
    versions,
    code: { mode, repository, remote, branch, commit, dirty },
  };
}

async function codeDiff({ layout, context }: Project, a: Plan, b: Plan): Promise<CodeDiff> {
  for (const plan of [a, b]) {
    if (plan.code.mode === "snapshot") continue;
    const why = plan.code.mode === "off" ? "snapshot: off" : "it is not in a git repository";
    return {
      same: "unknown",
      why: `no code was kept of ${plan.experiment}, submission ${plan.submission}: ${why}`,
    };
  }
  if (a.code.tree !== undefined && a.code.tree === b.code.tree) return { same: true };
  const folders = [a, b].map((plan) =>
    relative(layout.submissions, join(layout.submission(plan.experiment, plan.submission), "code"))
  );
  const gone = folders.find((folder) => !exists(join(layout.submissions, folder)));
  if (gone !== undefined) return { same: "unknown", why: `${gone} is not there any more` };
  const options = ["--no-index", "--no-color", "--no-ext-diff", "--no-textconv"];
  const { code, stdout, stderr } = await context.runner.run({
    argv: ["git", "-C", layout.submissions, "diff", ...options, "--", ...folders],
    timeoutMs: GIT_TIMEOUT_MS,
    env: { LC_ALL: "C" },
  });
  if (code === 0) return { same: true };
  if (code === 1 && stdout !== "") return { same: false, diff: stdout };
  return {
    same: "unknown",
    why: `git diff: ${stderr.trim().split("\n")[0] || `exit code ${code}`}`,
  };
}
