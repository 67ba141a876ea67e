import { isLost } from "../core/denials.ts";
import type { Marker } from "../core/markers.ts";
import type { TaskReport } from "../schedulers/scheduler.ts";
import type { StageDenial, StageEvidence, Verdict } from "./fold.ts";

/** Where a stage stands of which neither a marker nor the scheduler tells the state. */
export function withoutWord(
  evidence: StageEvidence,
  start: Marker | undefined,
  report: TaskReport | undefined,
): Verdict {
  if (report?.raw !== undefined) {
    const reason = report.reason ?? `the scheduler says ${report.raw}`;
    return { state: "unknown", reason, source: report.source };
  }
  if (isLost(evidence.sought)) {
    const reason =
      "every source was asked twice and has no trace of its job, and it left no end marker";
    return { state: "lost", reason, source: "scheduler", denials: denialsIn(evidence) };
  }
  if (evidence.report) return unanswered(evidence, evidence.report);
  if (evidence.job !== undefined) {
    return { state: "unknown", reason: "nobody said a word about its job", source: "scheduler" };
  }
  if (evidence.refused !== undefined && !start) {
    return { state: "refused", reason: evidence.refused, source: "journal" };
  }
  if (evidence.cancelled && !start) return { state: "cancelled", source: "journal" };
  return evidence.interrupted
    ? {
      state: "unknown",
      reason: "its submission was interrupted; `expflow submit` finds out and continues",
      source: "journal",
    }
    : { state: "planned", source: "plan" };
}

function unanswered(
  evidence: StageEvidence,
  report: NonNullable<StageEvidence["report"]>,
): Verdict {
  const why = "unknown" in report ? report.unknown : report.reason ?? "the scheduler cannot say";
  const more = evidence.unnoted === undefined
    ? "it is lost when that is still so later"
    : `it stays unknown, as that cannot be noted: ${evidence.unnoted}`;
  return {
    state: "unknown",
    reason: report.denials ? `${why}; ${more}` : why,
    source: "state" in report ? report.source : "scheduler",
    denials: denialsIn(evidence),
  };
}

function denialsIn({ sought }: StageEvidence): StageDenial[] | undefined {
  if (sought.length === 0) return undefined;
  return sought.map(({ epoch, denials, record }) => ({
    epoch,
    sources: denials.map(({ source }) => source),
    record,
  }));
}
