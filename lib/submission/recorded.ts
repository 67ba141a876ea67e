import { NotFoundError } from "../core/errors.ts";
import type { Experiment } from "../core/experiment.ts";
import { parseRunReference } from "../core/ids.ts";
import type { Resources } from "../core/resources.ts";
import type { Layout } from "../store/layout.ts";
import { type Plan, readPlan } from "../store/plan.ts";
import type { RecordedCode } from "../store/restore.ts";
import { resourcesIn } from "./resources.ts";
import type { Original } from "./losses.ts";

/**
 * The submission that an experiment reproduces a run of; `undefined` where it reproduces none.
 *
 * @throws {NotFoundError} where that submission is not there any more.
 */
export function originalPlan(
  layout: Layout,
  { id, reproduces }: Pick<Experiment, "id" | "reproduces">,
): Plan | undefined {
  if (!reproduces) return undefined;
  const { experiment } = parseRunReference(reproduces.run);
  const plan = readPlan(layout, experiment, reproduces.submission);
  if (plan) return plan;
  throw new NotFoundError(
    `Cannot reproduce ${reproduces.run} as ${id}: submission ${reproduces.submission} is not there`,
    { hint: `restore ${layout.submission(experiment, reproduces.submission)}` },
  );
}

/** The code that an experiment reproduces a run with; `undefined` where none was kept, or is meant. */
export function recordedCode(
  layout: Layout,
  experiment: Pick<Experiment, "id" | "reproduces">,
): RecordedCode | undefined {
  const plan = originalPlan(layout, experiment);
  return plan?.code.mode === "snapshot" ? recordedCodeOf(layout, plan) : undefined;
}

/** The code of a submission that kept it. */
export function recordedCodeOf(layout: Layout, plan: Plan): RecordedCode {
  return {
    name: `${plan.experiment}/${plan.submission}`,
    code: plan.code,
    folder: layout.submission(plan.experiment, plan.submission),
    workdir: plan.config.workdir,
    project: layout.root,
  };
}

/** The experiment whose only run is the one that was recorded. */
export function recordedExperiment(id: string, name: string, { plan, run }: Original): Experiment {
  const { retry: _, search: __, sweep, ...rest } = plan.config;
  const seed = run.seed === undefined ? {} : {
    sweep: {
      seeds: [run.seed],
      ...sweep?.seed_key === undefined ? {} : { seed_key: sweep.seed_key },
    },
  };
  return {
    ...rest,
    ...seed,
    id,
    stages: rest.stages.map((stage) => ({
      ...stage,
      resources: withoutThrottle(resourcesIn(plan.config, stage, run.group)),
    })),
    params: run.params,
    reproduces: { run: name, submission: plan.submission },
  };
}

/** Of one run, a limit on runs at once says nothing. */
function withoutThrottle({ max_parallel: _, ...resources }: Resources): Resources {
  return resources;
}
