import type { Marker } from "../core/markers.ts";
import { isOver, type TaskReport } from "../schedulers/scheduler.ts";
import type { StageEvidence, Verdict } from "./fold.ts";

/**
 * Where a run stands that shares its job with others, where the scheduler's word for the job is not
 * the run's; `undefined` where it says the same as for a job of its own.
 */
export function sharedVerdict(
  evidence: StageEvidence,
  start: Marker | undefined,
  last: Marker | undefined,
  report: TaskReport | undefined,
): Verdict | undefined {
  if (last) return ended(evidence, last, report);
  if (!start) return waiting(evidence, report);
  if (!report || report.state !== "FAILED") return undefined;
  const signal = report.signal === undefined ? "" : `: signal ${report.signal}`;
  return {
    state: "failed",
    reason: `its job failed without noting how the run ended${signal}`,
    ended: report.ended,
    source: report.source,
  };
}

/** Its own marker: what became of the job later is another matter. */
function ended(
  { cancelled, pack }: StageEvidence,
  { event, code, epoch }: Marker,
  report: TaskReport | undefined,
): Verdict | undefined {
  const base = { ended: epoch, exitCode: code, source: "marker" };
  const goesOn = report !== undefined && !isOver(report.state) && event !== "end";
  if (cancelled && (event === "stop" || event === "left" || code > 128)) {
    return { ...base, state: "cancelled", reason: "expflow cancel" };
  }
  if (event === "left" && !goesOn) {
    return {
      state: "not_begun",
      reason: "its job was told to end before its turn",
      ended: epoch,
      source: "marker",
      ...continuing(pack),
    };
  }
  if (event !== "end") return undefined;
  if (code === 137 && report?.state === "OUT_OF_MEMORY") {
    return { ...base, state: "out_of_memory", reason: report.reason, source: report.source };
  }
  return { ...base, state: "failed", reason: `exit code ${code}` };
}

/** Its job looks at the wish to cancel it before it begins it. */
function waiting(
  { cancelled, pack }: StageEvidence,
  report: TaskReport | undefined,
): Verdict | undefined {
  if (!report || report.state === "UNKNOWN") return undefined;
  if (cancelled) return { state: "cancelled", reason: "expflow cancel", source: "journal" };
  if (!isOver(report.state)) {
    const begun = report.state !== "PENDING" && report.state !== "REQUEUED";
    const reason = "its job runs: it waits for its turn";
    return begun ? { state: "pending", reason, source: report.source } : undefined;
  }
  if (report.state === "COMPLETED" || report.state === "CANCELLED") return undefined;
  if (report.reason === "DependencyNeverSatisfied") return undefined;
  return {
    state: "not_begun",
    reason: `its job ended before its turn: ${report.state}`,
    ended: report.ended,
    source: report.source,
    ...continuing(pack),
  };
}

function continuing(pack: StageEvidence["pack"]): Pick<Verdict, "continues"> {
  return pack?.continues ? { continues: true } : {};
}
