import type { Experiment, RunPoint } from "../../core/experiment.ts";
import { type FailureClass, isRetryable } from "../../core/failures.ts";
import type { Resources } from "../../core/resources.ts";
import { RETRY_CAPS, type RetryRule } from "../../core/retry.ts";
import { isEnded } from "../../core/states.ts";
import type { DiagnosedRun } from "../diagnosis/run.ts";
import { resourcesIn } from "../resources.ts";
import { latestAttempt, runFingerprints } from "../select.ts";
import type { ExperimentStatus, RunStatus } from "../status.ts";
import { changedParams, changedResources, excluded } from "./change.ts";
import { type Lineage, lineageOf } from "./lineage.ts";

/** Runs that one submission retries: they failed of the same, and change in the same way. */
export interface RetryGroup {
  class: FailureClass;
  stage: string;
  /** Whether a person asked for it, and not the policy. */
  asked: boolean;
  /** What the stage asks for in the place of what the experiment says. */
  resources: Resources;
  /** What changes, in words. */
  changes: string[];
  /** Run → its latest attempt. */
  seen: Map<number, number>;
  /** The points of the runs that are made: empty where the same runs are run again. */
  children: RunPoint[];
}

/** A failed run that is not retried. */
export interface NotRetried {
  /** Index of the run. */
  run: number;
  /** What it failed of. */
  class: FailureClass;
  /** Why it is left alone, in a few words. */
  why: string;
}

/** What is to be retried, and what is not. */
export interface RetryDecision {
  groups: RetryGroup[];
  left: NotRetried[];
}

/** What a decision is made of. */
export interface RetryFacts {
  /** As it would be submitted now, with its policy. */
  experiment: Experiment;
  status: ExperimentStatus;
  /** What a run failed of; `undefined` where it did not. */
  diagnosed(run: RunStatus): DiagnosedRun | undefined;
  /** Runs to look at; all where it is absent. */
  only?: ReadonlySet<number>;
  /** Also what the policy would not retry: a person wants it. */
  asked: boolean;
}

/**
 * Decides which failed runs are retried, and how. A run of which anything is queued, running or
 * unknown is left alone, whoever put it into the queue.
 */
export function decideRetries(facts: RetryFacts): RetryDecision {
  const { status, only } = facts;
  const lineage = lineageOf(status.plans, status.runs);
  const decider = new Decider(facts, lineage);
  for (const run of status.runs) {
    if (only && !only.has(run.index)) continue;
    if (!Object.values(run.stages).every(({ state }) => isEnded(state))) continue;
    if (lineage.childrenOf(run.index).length > 0) continue;
    const failure = facts.diagnosed(run);
    if (failure) decider.decide(run, failure);
  }
  return decider.decision();
}

class Decider {
  readonly #groups = new Map<string, RetryGroup>();
  readonly #left: NotRetried[] = [];
  readonly #fingerprints: Map<string, number>;
  readonly #fingerprintOf: (point: RunPoint) => string;
  #total: number;

  constructor(private readonly facts: RetryFacts, private readonly lineage: Lineage) {
    const { status, experiment } = facts;
    this.#fingerprints = new Map(status.runs.map((run) => [run.fingerprint, run.index]));
    this.#fingerprintOf = runFingerprints(experiment);
    this.#total = lineage.total;
  }

  decide(run: RunStatus, failure: DiagnosedRun): void {
    const refused = this.#refusal(run, failure.diagnosis.class);
    const asked = refused !== undefined && this.facts.asked &&
      isRetryable(failure.diagnosis.class);
    if (refused !== undefined && !asked) return this.#leave(run, failure, refused);
    const rule = asked ? { times: 1 } : this.#ruleFor(failure.diagnosis.class)!;
    const problem = this.#add(run, failure, rule, asked);
    if (problem !== undefined) return this.#leave(run, failure, problem);
    if (!asked) this.#total++;
  }

  decision(): RetryDecision {
    return { groups: [...this.#groups.values()].map(withUnion), left: this.#left };
  }

  #leave({ index }: RunStatus, { diagnosis }: DiagnosedRun, why: string): void {
    this.#left.push({ run: index, class: diagnosis.class, why });
  }

  #ruleFor(failure: FailureClass): RetryRule | undefined {
    return isRetryable(failure) ? this.facts.experiment.retry?.on[failure] : undefined;
  }

  /** Why the policy does not retry a run. */
  #refusal({ index }: RunStatus, failure: FailureClass): string | undefined {
    const { max_per_run, max_per_sweep } = this.facts.experiment.retry ?? RETRY_CAPS;
    const rule = this.#ruleFor(failure);
    if (!rule) return `\`retry:\` says nothing of ${failure}`;
    const before = this.lineage.retriesOf(index).filter(({ asked }) => !asked);
    const same = before.filter((retry) => retry.class === failure).length;
    if (same >= rule.times) return `retried ${same} times after ${failure}, as often as it may be`;
    if (before.length >= max_per_run) return `max_per_run (${max_per_run}) is used up`;
    if (this.#total >= max_per_sweep) return `max_per_sweep (${max_per_sweep}) is used up`;
    return undefined;
  }

  /** @returns why it cannot be retried so. */
  #add(
    run: RunStatus,
    { stage, status: { submission, nodes }, diagnosis }: DiagnosedRun,
    rule: RetryRule,
    asked: boolean,
  ): string | undefined {
    const resources = changedResources(rule, this.#had(run, stage, submission), nodes);
    if ("why" in resources) return resources.why;
    const params = changedParams(rule, run.params);
    if ("why" in params) return params.why;
    const child = params.told.length > 0 ? this.#child(run, params.to) : undefined;
    if (typeof child === "string") return child;
    const before = this.lineage.retriesOf(run.index).findLast((retry) => retry.stage === stage);
    const asking = { ...before?.resources, ...resources.to };
    const changes = [...params.told, ...resources.told];
    const { exclude: _, ...others } = asking;
    const told = changes.filter((change) => !change.startsWith("exclude "));
    const key = JSON.stringify([diagnosis.class, stage, asked, others, !!child, told]);
    const group: RetryGroup = this.#groups.get(key) ?? {
      class: diagnosis.class,
      stage,
      asked,
      resources: {},
      changes: told,
      seen: new Map(),
      children: [],
    };
    group.resources = {
      ...asking,
      ...asking.exclude || group.resources.exclude
        ? { exclude: excluded(group.resources.exclude, asking.exclude ?? "") }
        : {},
    };
    group.seen.set(run.index, latestAttempt(run));
    if (child) group.children.push(child);
    this.#groups.set(key, group);
    return undefined;
  }

  /** What the stage asked for when it failed. */
  #had({ group }: RunStatus, stage: string, submission: string): Resources {
    const plan = this.facts.status.plans.find((one) => one.submission === submission);
    const config = plan?.config ?? this.facts.experiment;
    const own = config.stages.find(({ name }) => name === stage);
    return own ? resourcesIn(config, own, group) : {};
  }

  /** The run with other parameters, or which one has them already. */
  #child(run: RunStatus, params: RunStatus["params"]): RunPoint | string {
    const { index, seed, group } = run;
    const child: RunPoint = {
      params,
      ...seed === undefined ? {} : { seed },
      ...group === undefined ? {} : { group },
      parent: index,
    };
    const mark = this.#fingerprintOf(child);
    const twin = this.#fingerprints.get(mark);
    if (twin !== undefined) return `run ${twin} has the parameters that it would have`;
    this.#fingerprints.set(mark, index);
    return child;
  }
}

function withUnion(group: RetryGroup): RetryGroup {
  const { exclude } = group.resources;
  return exclude ? { ...group, changes: [...group.changes, `exclude ${exclude}`] } : group;
}
