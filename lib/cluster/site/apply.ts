import type { EnvironmentSpec, Resources } from "../../core/experiment.ts";
import { PLAIN_SITE } from "../../script/site.ts";
import { type Draft, refusal, type Rule } from "./draft.ts";
import { containerRule, variablesRule } from "./environment.ts";
import { flagsRule } from "./flags.ts";
import { gpuRule } from "./gpus.ts";
import type { NamedProfile } from "./identify.ts";
import { type SeenGpus, seenGpusRule } from "./seen_gpus.ts";
import {
  accountRule,
  defaultsRule,
  partitionRule,
  refusedRule,
  requiredRule,
  timeRule,
} from "./request.ts";

const schedulerRule: Rule = (draft, site) => {
  const { scheduler = "slurm" } = site.profile;
  if (scheduler === "slurm") return draft;
  const found = `its scheduler is ${scheduler.toUpperCase()}, expected Slurm`;
  const hint = "expflow writes scripts for Slurm only: choose another site, or scheduler: local";
  throw refusal(site, "submit", found, hint);
};

const ENVIRONMENT_RULES: readonly Rule[] = [variablesRule, containerRule];

/** In this order: a later rule sees what the earlier ones made of the request. */
const RULES: readonly Rule[] = [
  schedulerRule,
  refusedRule,
  flagsRule,
  defaultsRule,
  gpuRule,
  partitionRule,
  accountRule,
  requiredRule,
  timeRule,
  ...ENVIRONMENT_RULES,
];

/** What a stage asks for. */
export interface StageRequest {
  resources: Resources;
  environment: EnvironmentSpec;
}

/**
 * A request as a site wants it, with everything that its profile changed. Pure: asks nobody.
 *
 * @param seen the GPUs of the cluster, where they are known.
 * @throws {ConfigError} for what cannot be at that site.
 */
export function applySite(
  { resources, environment }: StageRequest,
  site: NamedProfile,
  seen?: SeenGpus,
): Draft {
  const start = draftOf({ resources, environment });
  const live = seen === undefined ? start : seenGpusRule(seen)(start, site);
  return RULES.reduce((draft, rule) => rule(draft, site), live);
}

/** The same for what runs inside of a job that is there already: nothing of what a job asks for. */
export function applySiteEnvironment(request: StageRequest, site: NamedProfile): Draft {
  return ENVIRONMENT_RULES.reduce((draft, rule) => rule(draft, site), draftOf(request));
}

function draftOf({ resources, environment }: StageRequest): Draft {
  return { resources, environment, script: PLAIN_SITE, changes: [], warnings: [] };
}
