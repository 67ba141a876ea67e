import { SchedulerError } from "../core/errors.ts";
import type { FailureClass } from "../core/failures.ts";
import { type DiagnosedRun, diagnoseRun } from "../submission/diagnosis/run.ts";
import { recordOf, selectionOf, withResources } from "../submission/retry/apply.ts";
import { decideRetries, type NotRetried, type RetryGroup } from "../submission/retry/decide.ts";
import { latestAttempt } from "../submission/select.ts";
import { type ExperimentStatus, type RunStatus, statusOf } from "../submission/status.ts";
import { submitExperiment } from "../submission/submit.ts";
import { isEnded } from "../core/states.ts";
import { exists } from "../system/files.ts";
import { loadExperiment } from "./experiments.ts";
import type { Project } from "./project.ts";
import { byScheduler } from "./same_scheduler.ts";
import { onlyRun, status } from "./status.ts";
import { requestOf } from "./submit.ts";

/** Which failed runs are retried, and how. */
export interface RetryOptions {
  /** Only this run, by index: it is retried whatever the policy says. */
  run?: number;
  /** Every failed run, also those that the policy would not retry: these without any change. */
  failed?: boolean;
  /** Say what would be done, and do nothing. */
  dryRun?: boolean;
}

/** Runs that were retried together. */
export interface Retried {
  /** What they failed of. */
  class: FailureClass;
  /** The stage that failed. */
  stage: string;
  /** Those that failed, by index. */
  runs: number[];
  /** Runs that were made with other parameters; empty where the same runs are run again. */
  children: number[];
  /** What is other than it was, one line each. */
  changes: string[];
  /** Absent in a dry run, or when another process was faster. */
  submission?: string;
}

/** What was retried of an experiment, and what was not. */
export interface RetryReport {
  /** Id of the experiment. */
  id: string;
  /** One for each submission. */
  retried: Retried[];
  /** Failed runs that are left alone, each with the reason. */
  left: NotRetried[];
  /** Refusals of the scheduler, in its words. */
  problems: string[];
}

/**
 * Retries failed runs once, as `retry:` of the experiment says, where they ran before unless the
 * project was opened with `to`. A run of which anything is queued,
 * running or unknown is left alone.
 *
 * @throws {NotFoundError} for an experiment or a run that does not exist.
 *
 * @example
 * ```ts
 * import { createExperiment, initProject, openProject, retry, submit, wait } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * createExperiment(project, "exp001", {
 *   command: "test {params.batch} -lt 512 || { echo 'MemoryError' >&2; exit 1; }",
 *   args: "none",
 *   set: ["params.batch=512", `retry.host_oom={params: {batch: /2}}`],
 * });
 * await submit(project, "exp001");
 * await wait(project, "exp001");
 * const { retried } = await retry(project, "exp001");
 * const { runs } = await wait(project, "exp001");
 * if (retried[0]?.children[0] !== 1 || runs[1]?.params.batch !== 256) throw new Error("no child");
 * if (runs[1].state !== "completed" || runs[1].parent !== 0) throw new Error(runs[1].state);
 * ```
 */
export async function retry(
  project: Project,
  id: string,
  { run, failed, dryRun }: RetryOptions = {},
): Promise<RetryReport> {
  const [known] = await status(project, { ids: [id] });
  if (run !== undefined) onlyRun(known!, run);
  const only = run === undefined ? undefined : new Set([run]);
  const asked = failed === true || run !== undefined;
  return await new Retrier(project, id).act(known!, { only, asked, dryRun });
}

/** What the policy did, and the runs it could not decide on since they had not ended. */
export interface PolicyPass {
  report: RetryReport;
  going: number[];
}

/** Retries once what `retry:` has a rule for; `undefined` without such a block, or when archived. */
export async function retryByPolicy(
  project: Project,
  id: string,
): Promise<PolicyPass | undefined> {
  if (!exists(project.layout.experiment(id))) return undefined;
  if (!loadExperiment(project, id).experiment.retry) return undefined;
  const [known] = await statusOf(project.context, [id]);
  if (known!.archived) return undefined;
  const report = await new Retrier(project, id).act(known!, {});
  return { report, going: known!.runs.filter(({ state }) => !isEnded(state)).map((r) => r.index) };
}

/** Which runs are looked at, and who wants it. */
interface Pass {
  only?: ReadonlySet<number>;
  asked?: boolean;
  dryRun?: boolean;
}

/** Applies the policy of one experiment, again and again; an attempt is looked at once. */
export class Retrier {
  readonly #diagnosed = new Map<string, DiagnosedRun | undefined>();
  readonly #refused = new Set<string>();

  constructor(private readonly project: Project, private readonly id: string) {}

  /** Retries what can be retried, with no question to the scheduler but what a submission asks. */
  async act(known: ExperimentStatus, { only, asked = false, dryRun }: Pass): Promise<RetryReport> {
    const report: RetryReport = { id: this.id, retried: [], left: [], problems: [] };
    const { experiment } = loadExperiment(this.project, this.id);
    const { groups, left } = decideRetries({
      experiment,
      status: known,
      diagnosed: (run) => this.#diagnose(known, run),
      only,
      asked,
    });
    report.left.push(...left);
    let current = known;
    for (const { group, project } of groups.flatMap((one) => this.#bySchedulers(known, one))) {
      if (dryRun) {
        report.retried.push(retriedOf(group, []));
        continue;
      }
      try {
        const outcome = await this.#submit(project, group, current);
        const children = outcome.selected.runs.filter(({ parent }) => parent !== undefined)
          .map(({ index }) => index);
        const submission = outcome.plan?.submission;
        report.retried.push({
          ...retriedOf(group, group.children.length > 0 ? children : []),
          ...submission === undefined ? {} : { submission },
        });
        current = grown(current, outcome);
      } catch (error) {
        if (!(error instanceof SchedulerError)) throw error;
        for (const [run, attempt] of group.seen) this.#refused.add(`${run}.${attempt}`);
        report.problems.push(error.message);
      }
    }
    return report;
  }

  #diagnose(known: ExperimentStatus, run: RunStatus): DiagnosedRun | undefined {
    const key = `${run.index}.${latestAttempt(run)}`;
    if (this.#refused.has(key)) return undefined;
    if (this.#diagnosed.has(key)) return this.#diagnosed.get(key);
    const config = known.plans.at(-1)!.config;
    const found = diagnoseRun(this.project.layout, config, run);
    this.#diagnosed.set(key, found);
    return found;
  }

  /** A group whose runs went to several schedulers is one for each of them. */
  #bySchedulers(known: ExperimentStatus, group: RetryGroup) {
    const failed = known.runs.filter(({ index }) => group.seen.has(index));
    return byScheduler(this.project, known, failed).map(({ project, runs }) => {
      const own = new Set(runs);
      return {
        project,
        group: {
          ...group,
          seen: new Map([...group.seen].filter(([run]) => own.has(run))),
          children: group.children.filter(({ parent }) => own.has(parent!)),
        },
      };
    });
  }

  async #submit(project: Project, group: RetryGroup, known: ExperimentStatus) {
    const { id } = this;
    const request = await requestOf(project, id, {
      change: (experiment) => withResources(experiment, group.stage, group.resources),
    });
    const { experiment, decisions } = request;
    const { children } = group;
    return await submitExperiment(project.context, {
      ...request,
      ...children.length > 0 ? { points: () => children } : {},
      selection: selectionOf(group, experiment),
      decisions: [...decisions, tellRetry(group)],
      retry: recordOf(group),
    }, known);
  }
}

function retriedOf(group: RetryGroup, children: number[]): Retried {
  const { class: failure, stage, seen, changes } = group;
  return { class: failure, stage, runs: [...seen.keys()], children, changes };
}

/** `retry of runs 1, 4 after cuda_oom: batch 512 → 256`. */
function tellRetry({ class: failure, seen, changes }: RetryGroup): string {
  const runs = [...seen.keys()];
  const told = runs.length === 1 ? `run ${runs[0]}` : `${runs.length} runs`;
  return `retry of ${told} after ${failure}: ${changes.join(", ") || "nothing is changed"}`;
}

/** What is known after a submission of ours, without a question. */
function grown(
  known: ExperimentStatus,
  { plan, selected }: Awaited<ReturnType<typeof submitExperiment>>,
): ExperimentStatus {
  if (!plan) return known;
  const indices = new Set(selected.runs.map(({ index }) => index));
  const fresh = selected.runs.map((spec): RunStatus => ({ ...spec, state: "planned", stages: {} }));
  const runs = [...known.runs.filter(({ index }) => !indices.has(index)), ...fresh];
  return { ...known, plans: [...known.plans, plan], runs };
}
