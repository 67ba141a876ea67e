import type { Experiment, RunPoint } from "../core/experiment.ts";
import type { CodeRecord } from "../store/code_record.ts";
import type { Layout } from "../store/layout.ts";
import { readPlans } from "../store/plan.ts";
import type { ReproducibilityRecord } from "../store/reproducibility_record.ts";
import { changedRecords, recordedFacts } from "./recorded_facts.ts";
import { fileFacts } from "./file_facts.ts";
import { originalPlan } from "./recorded.ts";
import {
  changedFacts,
  checklistOf,
  codeFacts,
  configFacts,
  type Facts,
} from "./reproducibility.ts";

/** What a run depends on beside its code, as it is now. */
export function surroundingFacts(experiment: Experiment): Facts {
  return { ...configFacts(experiment), ...fileFacts(experiment) };
}

/** What of this submission is not as in the experiment's earlier ones. */
export function compareWithEarlier(
  layout: Layout,
  experiment: Experiment,
  runs: readonly RunPoint[],
  code: CodeRecord,
): ReproducibilityRecord {
  const facts = { ...surroundingFacts(experiment), ...codeFacts(code) };
  const original = originalPlan(layout, experiment);
  const own = readPlans(layout, experiment.id);
  const earlier = [...original ? [original] : [], ...own].map((plan) => ({
    submission: plan === original ? `${plan.experiment}/${plan.submission}` : plan.submission,
    // a plan of an older version has its configuration and code all the same
    facts: plan.reproducibility?.facts ?? { ...configFacts(plan.config), ...codeFacts(plan.code) },
  }));
  return {
    facts,
    changes: [...changedFacts(facts, earlier), ...changedRecords(recordedFacts(layout, own))],
    checklist: checklistOf(experiment, runs),
  };
}
