import type { RunState } from "../core/states.ts";
import type { ResultRecord } from "../results/records.ts";
import { metricOf } from "../results/summary.ts";
import type { SearchTerms, Told } from "../search/journal.ts";

/** What a trial is told of a run that ended: a finite value, or why there is none. */
export function resultOf(
  { metric, use }: Pick<SearchTerms, "metric" | "use">,
  state: RunState,
  record: ResultRecord | undefined,
): Pick<Told, "value" | "failed"> {
  if (state !== "completed") return { failed: state };
  const value = record && metricOf(record, metric, use);
  if (value === undefined) {
    const found = Object.keys(record?.metrics ?? {}).slice(0, 5).join(", ");
    return { failed: `no metric ${metric}: found ${found || "none"}` };
  }
  return Number.isFinite(value) ? { value } : { failed: `${metric} is ${value}` };
}
