import type { Experiment, RunPoint } from "../core/experiment.ts";
import type { CodeRecord } from "../store/code_record.ts";
import type { Layout } from "../store/layout.ts";
import { readPlans } from "../store/plan.ts";
import type { ReproducibilityRecord } from "../store/reproducibility_record.ts";
import { changedRecords, recordedFacts } from "./recorded_facts.ts";
import { fileFacts } from "./file_facts.ts";
import { changedFacts, checklistOf, codeFacts, configFacts } from "./reproducibility.ts";

/** What of this submission is not as in the experiment's earlier ones. */
export function compareWithEarlier(
  layout: Layout,
  experiment: Experiment,
  runs: readonly RunPoint[],
  code: CodeRecord,
): ReproducibilityRecord {
  const facts = { ...configFacts(experiment), ...fileFacts(experiment), ...codeFacts(code) };
  const plans = readPlans(layout, experiment.id);
  const earlier = plans.map((plan) => ({
    submission: plan.submission,
    // a plan of an older version has its configuration and code all the same
    facts: plan.reproducibility?.facts ?? { ...configFacts(plan.config), ...codeFacts(plan.code) },
  }));
  return {
    facts,
    changes: [...changedFacts(facts, earlier), ...changedRecords(recordedFacts(layout, plans))],
    checklist: checklistOf(experiment, runs),
  };
}
