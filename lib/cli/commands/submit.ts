import type { Command } from "@commander-js/extra-typings";
import pLimit from "p-limit";
import { ExitCode, UsageError } from "../../core/errors.ts";
import { parseRunReference } from "../../core/ids.ts";
import { listExperiments } from "../../manager/experiments.ts";
import type { Project } from "../../manager/project.ts";
import { reportLines, waitAndContinue } from "../../manager/keep_going.ts";
import { retryByPolicy } from "../../manager/retry.ts";
import { previewSubmit, submit } from "../../manager/submit.ts";
import { parseStates } from "../../manager/subset.ts";
import { isUnattended, unattendedLine } from "../../manager/unattended.ts";
import { isSettled, lineageOf } from "../../submission/retry/lineage.ts";
import { countStates, type ExperimentStatus } from "../../submission/status.ts";
import type { SubmitOutcome } from "../../submission/submit.ts";
import { openForCommand } from "../open.ts";
import { readCount, readPoll, readPriority, TO_OPTION } from "../options.ts";
import { tellCounts } from "../progress.ts";
import type { CommandPorts } from "../registry.ts";
import { type Asked, testEach, type Tested } from "../test_each.ts";
import { SITE_OPTION } from "../tell_site.ts";
import { outcomeAsJson, tellOutcome, tellPreview, tellSkipped } from "../tell_submission.ts";
import { waiting } from "../waiting.ts";

/** Above this many runs a person is asked. */
const CONFIRM_ABOVE = 20;

/** `expflow submit ID[/run]…` */
export function define(command: Command, ports: CommandPorts): void {
  command
    .argument("[ids...]", "experiments, or single runs as ID/run")
    .option("--all", "every experiment of the project")
    .option("--stage <name>", "only this stage")
    .option(
      "--subset <condition>",
      `only runs whose parameters meet it, as "lr > 0.01 and model == 'r18'"`,
    )
    .option("--only <states>", "only runs in these states, as failed,timeout", parseStates)
    .option("--limit <count>", "at most so many runs, the first ones", readCount)
    .option("--test-one", "one run first, and the others when it has completed with its outputs")
    .option("--train-only", "as --stage train")
    .option("--eval-only", "as --stage eval")
    .option("--dry-run", "say exactly what would be done, and do nothing")
    .option("--wait", "wait until these runs have ended; exit code 1 when one did not complete")
    .option("--poll <duration>", "with --wait: time between two looks, as 30s", readPoll)
    .option("-y, --yes", `do not ask, even above ${CONFIRM_ABOVE} runs`)
    .option("--force", "run again what is completed or queued")
    .option("--race", "let each job name several partitions: the first that can starts it")
    .option("--priority <n>", "place in the queue of workers, 0 to 1000", readPriority)
    .option(...TO_OPTION)
    .option(SITE_OPTION[0], SITE_OPTION[1])
    .action(async (texts, options) => {
      const { site, to, trainOnly, evalOnly } = options;
      const project = await openForCommand(ports, { site, to });
      const stage = trainOnly ? "train" : evalOnly ? "eval" : undefined;
      await submitNamed(ports, project, texts, { ...options, stage: options.stage ?? stage });
    });
}

/** How experiments are submitted that were named on the command line. */
export interface NamedSubmit extends Omit<Asked, "id" | "runs" | "except"> {
  all?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  testOne?: boolean;
  wait?: boolean;
  poll?: number;
}

/** Submits what the words on the command line stand for: asks, tries one first, waits. */
export async function submitNamed(
  ports: CommandPorts,
  project: Project,
  texts: readonly string[],
  { all = false, dryRun, yes, testOne, wait, poll, ...options }: NamedSubmit,
): Promise<void> {
  const { stage, subset, only, limit, force, race, priority } = options;
  const asked = requestsFor(project, texts, all)
    .map((one) => ({ ...one, stage, subset, only, limit, force, race, priority }));
  if (dryRun) {
    for (const one of asked) tellPreview(ports, await previewSubmit(project, one.id, one));
    return;
  }
  if (!yes) await confirm(ports, project, asked);
  const tested = testOne ? await testEach(ports, project, asked, poll) : undefined;
  await submitAndTell(ports, project, tested?.passed ?? asked, { wait, poll }, tested);
}

/** What the words on the command line stand for; runs of one experiment go together. */
function requestsFor(project: Project, texts: readonly string[], all: boolean): Asked[] {
  if (all === texts.length > 0) {
    throw new UsageError(
      all ? "Cannot submit --all and single experiments" : "Cannot submit: no experiment is given",
      { hint: "name experiments, or use --all alone" },
    );
  }
  const named = (all ? listExperiments(project) : texts).map(parseRunReference);
  return Array.from(Map.groupBy(named, ({ experiment }) => experiment), ([id, references]) => {
    const runs = references.map(({ run }) => run);
    return { id, runs: runs.includes(undefined) ? undefined : runs as number[] };
  });
}

/** Calls of `submit` at once: each is mostly a wait for sbatch. */
const AT_ONCE = 4;

/** Submits, says what was done and, when asked, waits with a progress line. */
export async function submitAndTell(
  ports: CommandPorts,
  project: Project,
  asked: readonly Asked[],
  { wait = false, poll }: { wait?: boolean; poll?: number },
  { failed, errors }: Pick<Tested, "failed" | "errors"> = { failed: [], errors: [] },
): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const submitted = await Promise.allSettled(
    asked.map((one) =>
      limit(async () => {
        const going = wait ? await retryBefore(ports, project, one.id) : [];
        const except = [...one.except ?? [], ...going];
        const outcome = await submit(project, one.id, { ...one, except });
        return { outcome, runs: awaited(one, except, outcome) };
      })
    ),
  );
  const results: unknown[] = [...failed];
  for (const [at, { id }] of asked.entries()) {
    const result = submitted[at]!;
    if (result.status === "rejected") continue;
    const { outcome, runs } = result.value;
    if (!wait) {
      tellOutcome(ports, id, outcome);
      results.push(outcomeAsJson(id, outcome));
    } else {
      tellSkipped(ports, outcome.selected);
      results.push(await waitAndTell(ports, project, { id, runs }, poll));
    }
  }
  if (ports.globals().json) {
    ports.context.out(
      `${
        JSON.stringify(asked.length + failed.length + errors.length === 1 ? results[0] : results)
      }\n`,
    );
  }
  tellUnattended(ports, project, submitted);
  throwFailures(ports, [
    ...errors,
    ...submitted.flatMap((one) => one.status === "rejected" ? [one.reason] : []),
  ]);
}

/** What was put into a queue that nobody takes from waits until somebody comes. */
function tellUnattended(
  { context }: CommandPorts,
  project: Project,
  submitted: readonly PromiseSettledResult<{ outcome: SubmitOutcome }>[],
): void {
  const runs = submitted.reduce(
    (sum, one) =>
      sum +
      (one.status === "fulfilled" && one.value.outcome.plan
        ? one.value.outcome.selected.runs.length
        : 0),
    0,
  );
  if (runs > 0 && isUnattended(project)) context.err(`warning: ${unattendedLine(runs)}\n`);
}

/** Runs that are waited for, where they are not all: what was chosen, and what went before. */
function awaited(
  { runs, subset, only, limit }: Asked,
  except: readonly number[],
  { selected: { runs: chosen, busy, completed, superseded } }: SubmitOutcome,
): readonly number[] | undefined {
  if (runs || [subset, only, limit].every((one) => one === undefined)) return runs;
  return [...chosen.map(({ index }) => index), ...busy, ...completed, ...superseded, ...except];
}

/**
 * What failed before, and is retried by itself, is not to be run again as it was.
 *
 * @returns runs that go on: should they fail now, the policy has its turn first.
 */
async function retryBefore(
  { context }: CommandPorts,
  project: Project,
  id: string,
): Promise<number[]> {
  const pass = await retryByPolicy(project, id);
  for (const line of pass ? reportLines(pass.report) : []) context.err(`${line}\n`);
  return pass?.going ?? [];
}

/** Says every failure but the last, which is thrown for `main` to say. */
function throwFailures({ context }: CommandPorts, failures: readonly unknown[]): void {
  for (const failure of failures.slice(0, -1)) {
    context.err(`error: ${failure instanceof Error ? failure.message : failure}\n`);
  }
  if (failures.length > 0) throw failures.at(-1);
}

async function waitAndTell(
  ports: CommandPorts,
  project: Project,
  { id, runs }: Asked,
  poll: number | undefined,
): Promise<unknown> {
  const status = await waiting(
    ports,
    id,
    (options) => waitAndContinue(project, id, { ...options, runs }),
    poll,
  );
  const counts = countStates(status.runs);
  if (!ports.globals().json) ports.context.out(`${id}: ${tellCounts(counts)}\n`);
  if (!allSettled(status)) ports.exitWith(ExitCode.failed);
  return { id, counts };
}

/** Whether each run completed, or one that retries it with other parameters. */
function allSettled({ runs, plans }: ExperimentStatus): boolean {
  const lineage = lineageOf(plans, runs);
  const byIndex = new Map(runs.map((run) => [run.index, run]));
  return runs.every(({ index }) => isSettled(byIndex, lineage, index));
}

async function confirm(
  ports: CommandPorts,
  project: Project,
  asked: readonly Asked[],
): Promise<void> {
  let count = 0;
  for (const one of asked) {
    count += (await previewSubmit(project, one.id, one)).selected.runs.length;
  }
  if (count <= CONFIRM_ABOVE) return;
  const what = asked.length === 1 ? asked[0]!.id : `${asked.length} experiments`;
  const answer = ports.context.ask(`Submit ${count} runs of ${what}? [y/N]`, "n");
  if (answer !== undefined && /^y(es)?$/i.test(answer.trim())) return;
  throw new UsageError(
    answer === undefined
      ? `Cannot ask whether to submit ${count} runs of ${what}: this is no terminal`
      : `Not submitted: ${count} runs of ${what}`,
    { hint: "--yes submits without a question, --dry-run shows what would be submitted" },
  );
}
