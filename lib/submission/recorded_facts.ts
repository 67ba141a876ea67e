import { join } from "node:path";
import type { Layout } from "../store/layout.ts";
import type { Plan, PlannedChunk } from "../store/plan.ts";
import type { ReproducibilityChange } from "../store/reproducibility_record.ts";
import { readIfThere } from "../system/files.ts";
import { changedFacts, type Facts } from "./reproducibility.ts";

/** So many runs of a stage are looked at: those of one submission mostly had the same nodes. */
const LOOKED_AT = 4;

/** Key of what a job records at its start → start of the fact's name. */
const RECORDED: Readonly<Record<string, string>> = {
  gpu_model: "GPU model",
  gpu_driver: "GPU driver",
  cuda: "CUDA",
  nvidia_tf32_override: "TF32 override",
};

/** What the jobs of one submission recorded. */
export interface RecordedFacts {
  submission: string;
  facts: Facts;
}

/** What jobs of these submissions recorded of their GPUs; nothing is asked of anybody. */
export function recordedFacts(
  layout: Layout,
  plans: readonly Pick<Plan, "experiment" | "submission" | "chunks">[],
): RecordedFacts[] {
  return plans.map(({ experiment: id, submission, chunks }) => {
    const seen = new Map<string, Set<string>>();
    for (const [stage, some] of Map.groupBy(chunks, (chunk) => chunk.stage)) {
      for (const { run, attempt } of spread(some)) {
        const file = join(layout.run(id, run), `attempt.${stage}.${attempt}.json`);
        for (const [key, value] of recordsIn(file, submission)) {
          const name = `${RECORDED[key]} of ${stage}`;
          seen.set(name, (seen.get(name) ?? new Set()).add(value));
        }
      }
    }
    const facts = Array.from(seen, ([name, values]) => [name, [...values].sort().join(", ")]);
    return { submission, facts: Object.fromEntries(facts) };
  });
}

/** First, last and some between. */
function spread(chunks: readonly PlannedChunk[]): { run: number; attempt: number }[] {
  const all = chunks.flatMap(({ runs, attempts }) =>
    runs.map((run, i) => ({ run, attempt: attempts[i] ?? 1 }))
  );
  if (all.length <= LOOKED_AT) return all;
  const at = (i: number) => all[Math.round(i * (all.length - 1) / (LOOKED_AT - 1))]!;
  return Array.from({ length: LOOKED_AT }, (_, i) => at(i));
}

/** A record that is not there, cut, or of another submission tells nothing. */
function recordsIn(file: string, submission: string): [string, string][] {
  let record: unknown;
  try {
    record = JSON.parse(readIfThere(file) ?? "null");
  } catch {
    return [];
  }
  if (typeof record !== "object" || record === null) return [];
  if ((record as { submission?: unknown }).submission !== submission) return [];
  return Object.entries(record).filter((entry): entry is [string, string] =>
    Object.hasOwn(RECORDED, entry[0]) && typeof entry[1] === "string"
  );
}

/** What the jobs of the latest submission that recorded something had otherwise than those before. */
export function changedRecords(recorded: readonly RecordedFacts[]): ReproducibilityChange[] {
  const last = recorded.findLastIndex(({ facts }) => Object.keys(facts).length > 0);
  if (last < 0) return [];
  const { submission, facts } = recorded[last]!;
  return changedFacts(facts, recorded.slice(0, last)).map((change) => ({
    ...change,
    fact: `${change.fact}, as the jobs of ${submission} recorded it`,
  }));
}
