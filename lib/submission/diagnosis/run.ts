import { join } from "node:path";
import type { Experiment } from "../../core/experiment.ts";
import { isEnded } from "../../core/states.ts";
import { exists } from "../../system/files.ts";
import { logName, sharedLogName } from "../chunks.ts";
import type { StageStatus } from "../fold.ts";
import type { RunStatus } from "../status.ts";
import { diagnose } from "./match.ts";
import type { Diagnosis } from "./rule.ts";
import { readTail } from "./tail.ts";
import type { Layout } from "../../store/layout.ts";

/** A run that failed, and what of. */
export interface DiagnosedRun {
  /** Index of the run. */
  run: number;
  /** The stage that went wrong; of a run that left no output, the last one. */
  stage: string;
  /** Where that stage stands. */
  status: StageStatus;
  /** What it failed of. */
  diagnosis: Diagnosis;
}

/** Where the output of a stage of a run is. */
export function stageLogs(
  layout: Layout,
  id: string,
  { index, stages }: RunStatus,
  stage: string,
): { stdout: string; stderr: string } {
  const { submission, task, shared } = stages[stage]!;
  const array = task !== undefined;
  const name = shared
    ? sharedLogName(stage, index)
    : logName({ stage, array, base: array ? index - task : index }, index);
  const path = join(layout.submissionLogs(id, submission), name);
  return { stdout: `${path}.out`, stderr: `${path}.err` };
}

/**
 * What a run failed of, from its state and the end of its output; `undefined` for one that has not
 * ended, or completed with everything that is required.
 */
export function diagnoseRun(
  layout: Layout,
  { id, harvest }: Pick<Experiment, "id" | "harvest">,
  run: RunStatus,
): DiagnosedRun | undefined {
  if (!isEnded(run.state)) return undefined;
  const missing = run.state === "completed" ? missingOutput(layout, id, harvest, run) : [];
  if (run.state === "completed" && missing.length === 0) return undefined;
  const stages = Object.entries(run.stages);
  const telling = stages.find(([, { state }]) => state === run.state && state !== "completed") ??
    stages.at(-1);
  if (!telling) return undefined;
  const [stage, status] = telling;
  const { stdout, stderr } = stageLogs(layout, id, run, stage);
  const { state, exitCode, signal, reason } = status;
  const tails = state === "completed"
    ? []
    : [stderr, stdout].flatMap((file) => readTail(file) ?? []);
  const diagnosis = diagnose({ state, exitCode, signal, reason, missing, tails });
  return { run: run.index, stage, status, diagnosis };
}

/** Files that `harvest:` requires and a run did not leave. */
function missingOutput(
  layout: Layout,
  id: string,
  { files }: Experiment["harvest"],
  { index }: RunStatus,
): string[] {
  const wanted = files.filter(({ format, required }) => required && format !== "regex");
  return wanted.map(({ path }) => join(layout.run(id, index), path)).filter((path) =>
    !exists(path)
  );
}
