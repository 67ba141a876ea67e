import {
  type Efficiency,
  efficiencyOf,
  type Suggestion,
  suggestSizes,
} from "../advisor/right_size.ts";
import { NotFoundError, SchedulerError } from "../core/errors.ts";
import { ask } from "../schedulers/slurm/call.ts";
import { type JobUsage, parseUsage, usageCommand } from "../schedulers/slurm/usage.ts";
import { chunkKey, readJournal } from "../store/journal.ts";
import { type PlannedChunk, readPlans } from "../store/plan.ts";
import { tasksOf } from "../submission/packs.ts";
import type { Project } from "./project.ts";

/** What one job of a run used. */
export interface RunUsage extends JobUsage {
  /** `001`, `002`, … */
  submission: string;
  /** Name of the stage. */
  stage: string;
  /** Index of the run; where several share the job, of the first. */
  run: number;
  /** Every run that the job carries, where that is more than one: what was used is that of all. */
  shared?: number[];
  /** Used, as a part of what it was given. */
  efficiency: Efficiency;
}

/** What the runs of an experiment used, and what they should ask for. */
export interface EfficiencyReport {
  /** Id of the experiment. */
  id: string;
  /** One for each job and task that accounting knows. */
  runs: RunUsage[];
  /** Stage → what to ask for. */
  suggestions: Record<string, Suggestion[]>;
  /** Jobs that accounting does not know (yet), or that another scheduler had. */
  unknown: string[];
}

/**
 * What the runs of an experiment really used, from one `sacct` with steps, and what they should ask
 * for. What accounting does not have is absent, never 0.
 *
 * @throws {NotFoundError} when nothing was submitted, {SchedulerError} without accounting.
 *
 * @example
 * ```ts
 * import { efficiency, initProject, NotFoundError, openProject } from "@expflow/cli";
 * import { rejects } from "node:assert/strict";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root);
 * await rejects(efficiency(project, "exp001"), NotFoundError); // nothing was submitted
 * ```
 */
export async function efficiency(project: Project, id: string): Promise<EfficiencyReport> {
  const { layout, runner, clock } = project.context;
  const submissions = readPlans(layout, id);
  if (submissions.length === 0) {
    throw new NotFoundError(`Cannot tell what ${id} used: nothing of it was submitted`, {
      hint: `\`expflow submit ${id}\` does`,
    });
  }
  const carried = new Map<string, { submission: string; chunk: PlannedChunk }>();
  const unknown: string[] = [];
  for (const plan of submissions) {
    const journal = readJournal(layout.state(id, plan.submission));
    for (const chunk of plan.chunks) {
      for (const job of journal.chunks.get(chunkKey(chunk))?.jobs ?? []) {
        if (plan.scheduler === "slurm") carried.set(job, { submission: plan.submission, chunk });
        else unknown.push(`${job}: the ${plan.scheduler} scheduler records no use`);
      }
    }
  }
  const env = Deno.env.toObject();
  const usages = carried.size === 0
    ? []
    : await read({ runner, clock, env, random: Math.random }, [...carried.keys()]);
  const runs = usages.flatMap((usage): RunUsage[] => {
    const found = carried.get(usage.job);
    if (!found) return [];
    const { submission, chunk } = found;
    const run = usage.task === undefined ? chunk.runs[0]! : usage.task + chunk.base;
    const shared = tasksOf(chunk).find(({ runs: [first] }) => first === run)?.runs ?? [];
    return [{
      ...usage,
      submission,
      stage: chunk.stage,
      run,
      ...shared.length > 1 ? { shared } : {},
      efficiency: efficiencyOf(usage),
    }];
  });
  const seen = new Set(runs.map(({ job }) => job));
  for (const job of carried.keys()) {
    if (!seen.has(job)) unknown.push(`${job}: accounting has no record of it`);
  }
  const stages = new Set(runs.flatMap(({ shared, stage }) => shared ? [stage] : []));
  for (const stage of stages) {
    unknown.push(`${stage}: what one run needs, where several share a job`);
  }
  return { id, runs, suggestions: suggestionsFor(runs.filter(({ shared }) => !shared)), unknown };
}

function suggestionsFor(runs: readonly RunUsage[]): Record<string, Suggestion[]> {
  return Object.fromEntries(
    [...Map.groupBy(runs, ({ stage }) => stage)].map(([stage, some]) => [
      stage,
      suggestSizes(some),
    ]),
  );
}

async function read(ports: Parameters<typeof ask>[0], jobs: string[]): Promise<JobUsage[]> {
  const answer = await ask(ports, usageCommand(jobs));
  if (answer.ok) return parseUsage(answer.stdout);
  throw new SchedulerError(`Cannot tell what was used: ${answer.why}`, {
    hint: "`expflow doctor` tells whether accounting answers",
  });
}
