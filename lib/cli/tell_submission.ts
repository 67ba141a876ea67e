import { chunkKey } from "../store/journal.ts";
import type { Plan, PlannedChunk } from "../store/plan.ts";
import { taskCount } from "../submission/packs.ts";
import { askedOf } from "../submission/predecessors.ts";
import type { Selected } from "../submission/select.ts";
import type { SubmitOutcome, SubmitPreview } from "../submission/submit.ts";
import type { Waiting } from "../submission/top_up.ts";
import type { CommandPorts } from "./registry.ts";

const JOBS_SHOWN = 20;

/** Says which runs were left out, and why. */
export function tellSkipped({ context }: CommandPorts, selected: Selected): void {
  const { completed, busy, imported, superseded, blocked } = selected;
  if (completed.length > 0) {
    context.err(`skipped: ${runs(completed)} completed with the same parameters and command\n`);
  }
  if (busy.length > 0) context.err(`skipped: ${runs(busy)} queued, running or unknown\n`);
  if (completed.length + busy.length > 0) context.err("hint: --force runs them again\n");
  if (imported.length > 0) {
    context.err(`skipped: ${runs(imported)} imported: another tool ran them\n`);
    context.err("hint: --only failed runs those that failed there, --force all of them\n");
  }
  if (superseded.length > 0) {
    context.err(`skipped: ${runs(superseded)} retried as other runs, with other parameters\n`);
  }
  for (const { run, stage, by } of blocked) {
    context.err(`skipped: ${stage} of run ${run}, as ${by} did not succeed\n`);
  }
}

/** Says what was submitted; with `--json` only what a person is told beside it. */
export function tellOutcome(ports: CommandPorts, id: string, outcome: SubmitOutcome): void {
  const { context } = ports;
  const { plan, jobs, selected, waiting } = outcome;
  for (const job of outcome.continued) {
    context.err(`continued an earlier submission: job ${job}\n`);
  }
  for (const warning of outcome.warnings) context.err(`warning: ${warning}\n`);
  for (const decision of plan?.decisions ?? []) context.err(`note: ${decision}\n`);
  tellChanges(ports, plan);
  tellSkipped(ports, selected);
  if (ports.globals().json) return;
  if (!plan) context.out(`${id}: nothing to submit\n`);
  else {
    const begun = waiting ? "planned" : "submitted";
    context.out(`${id}: ${begun} ${count(selected)} as ${id}/${plan.submission}\n`);
    const submitted = plan.chunks.filter((chunk) => jobs.has(chunkKey(chunk)));
    for (const chunk of submitted.slice(0, JOBS_SHOWN)) {
      context.out(`  ${chunk.stage}: job ${jobs.get(chunkKey(chunk))}${detail(chunk)}\n`);
    }
    const more = submitted.length - JOBS_SHOWN;
    if (more > 0) context.out(`  … and ${more} more jobs (--json lists them)\n`);
  }
  if (waiting) tellWaiting(ports, id, waiting);
  else if (plan) context.out(`next: expflow status ${id}\n`);
}

/** Says what waits for room, for how much, and how to go on. */
export function tellWaiting({ context }: CommandPorts, id: string, waiting: Waiting): void {
  const { runs, limit } = waiting;
  context.out(
    `${id}: ${runs.length === 1 ? "1 run waits" : `${runs.length} runs wait`} for room: `,
  );
  context.out(`${limit}\n`);
  context.out(
    `next: expflow pump ${id}, now and then (\`expflow pump ${id} --cron\` prints a line `,
  );
  context.out(`for crontab), or expflow submit ${id} --wait\n`);
}

/** Says what is not as it was in earlier submissions, and what it does to results. */
function tellChanges({ context }: CommandPorts, plan: Plan | undefined): void {
  const { changes, checklist } = plan?.reproducibility ?? { changes: [], checklist: [] };
  for (const { fact, was, now, submission, effect } of changes) {
    const before = was ?? "none";
    context.err(
      `warning: ${fact} was ${before} in ${submission}, now ${now ?? "none"}: ${effect}\n`,
    );
  }
  const open = checklist.filter(({ met }) => met === false).map(({ item }) => item);
  if (changes.length > 0 && open.length > 0) {
    context.err(`hint: to compare with earlier runs: ${open.join("; ")}\n`);
  }
}

/** The documented shape of `submit --json`. */
export function outcomeAsJson(
  id: string,
  { plan, jobs, selected, continued, waiting }: SubmitOutcome,
): unknown {
  return {
    id,
    submission: plan?.submission,
    runs: selected.runs.map(({ index }) => index),
    jobs: plan?.chunks.map((chunk) => ({
      stage: chunk.stage,
      job: jobs.get(chunkKey(chunk)),
      runs: chunk.runs,
    })) ?? [],
    continued,
    waiting,
    reproducibility: plan?.reproducibility,
    skipped: {
      completed: selected.completed,
      busy: selected.busy,
      imported: selected.imported,
      superseded: selected.superseded,
    },
    blocked: selected.blocked,
  };
}

/** Says what a submission would be. */
export function tellPreview(ports: CommandPorts, preview: SubmitPreview): void {
  const { context } = ports;
  const { plan, selected, files } = preview;
  for (const decision of plan.decisions) context.err(`note: ${decision}\n`);
  tellChanges(ports, plan);
  tellSkipped(ports, selected);
  if (ports.globals().json) {
    context.out(`${JSON.stringify({ dryRun: true, plan, runs: selected.runs })}\n`);
    return;
  }
  if (selected.work.length === 0) {
    context.out(`${plan.experiment}: nothing to submit\n`);
    return;
  }
  const name = `${plan.experiment}/${plan.submission}`;
  context.out(`would submit ${count(selected)} to ${plan.scheduler} as ${name}:\n`);
  for (const chunk of plan.chunks) {
    context.out(`  ${chunk.script}  ${chunk.jobName}${detail(chunk)}${waits(chunk, plan)}\n`);
  }
  context.out(`files: ${[...files.keys()].join(", ")}\n`);
  context.out(
    `code: ${plan.config.snapshot ? "a snapshot of" : "in place in"} ${plan.config.workdir}\n`,
  );
  context.out(
    `nothing was written or submitted; \`expflow render ${plan.experiment}\` prints ` +
      "the scripts\n",
  );
}

function detail(chunk: PlannedChunk): string {
  const { array, runs: indices, group, pack } = chunk;
  const named = group === undefined ? "" : `, group ${group}`;
  if (pack) {
    const tasks = array ? `${taskCount(chunk)} tasks, ` : "";
    return ` (${tasks}${indices.length} runs${named})`;
  }
  return array ? ` (${indices.length} tasks${named})` : ` (run ${indices[0]}${named})`;
}

function waits({ after }: PlannedChunk, plan: Plan): string {
  const told = after.map((dependency) => {
    const { stage, chunk, job } = dependency;
    const before = job === undefined ? plan.chunks[chunk!]!.jobName : `job ${job} (${stage})`;
    return `${askedOf(dependency)} ${before}`;
  });
  return told.length > 0 ? `  after: ${told.join(", ")}` : "";
}

function count({ runs, work }: Selected): string {
  const stages = new Set(work.map(({ stage }) => stage));
  const plural = runs.length === 1 ? "1 run" : `${runs.length} runs`;
  return stages.size > 1 ? `${plural} (${[...stages].join(" → ")})` : plural;
}

function runs(indices: readonly number[]): string {
  if (indices.length === 1) return `run ${indices[0]} is`;
  const shown = indices.slice(0, 5).join(", ");
  return `${indices.length} runs (${shown}${indices.length > 5 ? ", …" : ""}) are`;
}
