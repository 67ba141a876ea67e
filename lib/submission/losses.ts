import { isAbsolute } from "node:path";
import type { Plan } from "../store/plan.ts";
import { entryAt } from "../system/files.ts";
import { DATA, effectOf, type Facts, matching } from "./reproducibility.ts";
import type { RunStatus } from "./status.ts";

/** Something of a run that is not as it was. */
export interface Loss {
  /** What it is: `code`, `data`, `lock file uv.lock`, … */
  subject: string;
  /** What is not as it was, and what that does. */
  why: string;
}

/** The run of then. */
export interface Original {
  plan: Plan;
  run: RunStatus;
}

/** What it meets now. */
export interface Present {
  /** What it depends on beside its code. */
  facts: Facts;
  versions: Record<string, string>;
  scheduler: string;
  host: string;
}

/** What cannot be had again beside the code. */
export function lossesOf({ plan, run }: Original, present: Present): Loss[] {
  return [
    ...environmentLosses(plan),
    ...factLosses(plan, present.facts),
    ...dataLosses(plan, run),
    ...placeLosses(plan, present),
    ...historyLosses(plan, run),
  ];
}

function environmentLosses({ config, reproducibility }: Plan): Loss[] {
  const losses: Loss[] = [];
  for (const { name, environment } of config.stages) {
    const { container, conda, venv } = environment;
    for (const [kind, path] of Object.entries({ container: container?.image, conda, venv })) {
      if (path && isAbsolute(path) && !entryAt(path)) {
        losses.push({ subject: `${kind} of ${name}`, why: `${path} is not there any more` });
      }
    }
  }
  const facts = Object.keys(reproducibility?.facts ?? {});
  const inContainer = config.stages.every(({ environment }) => environment.container);
  if (!inContainer && !facts.some((fact) => fact.startsWith("lock file"))) {
    losses.push({
      subject: "packages",
      why: "no lock file was recorded: which versions it had is not known",
    });
  }
  return losses;
}

function factLosses({ reproducibility, config }: Plan, now: Facts): Loss[] {
  const then = reproducibility?.facts ?? {};
  const losses = Object.entries(then).flatMap(([fact, was]): Loss[] => {
    if (fact === "code" || fact === "uncommitted changes" || now[fact] === was) return [];
    const is = fact in now ? now[fact] ?? "none" : "not known";
    return [{ subject: fact, why: `was ${was ?? "none"}, is ${is}: ${effectOf(fact)}` }];
  });
  for (const { name, resources: { gpus = 0, gpu_type } } of config.stages) {
    if (gpus > 0 && gpu_type === undefined) {
      losses.push({
        subject: `GPU type of ${name}`,
        why: `none was asked for, so that it may be another: ${effectOf("GPU type")}`,
      });
    }
  }
  return losses;
}

function dataLosses({ created }: Plan, { params }: RunStatus): Loss[] {
  return matching(params, DATA).flatMap(([key, value]): Loss[] => {
    if (typeof value !== "string" || !isAbsolute(value)) return [];
    const entry = entryAt(value);
    const why = !entry
      ? "is not there any more"
      : entry.changed > created * 1000
      ? `was changed after the original was submitted: ${effectOf("data")}`
      : undefined;
    return why === undefined ? [] : [{ subject: `data: params.${key}`, why: `${value} ${why}` }];
  });
}

function placeLosses(plan: Plan, { versions, scheduler, host }: Present): Loss[] {
  const told = (subject: string, was: string | undefined, is: string | undefined): Loss[] =>
    was === is ? [] : [{ subject, why: `was ${was ?? "not known"}, is ${is ?? "not known"}` }];
  return [
    ...Object.keys(versions).flatMap((name) => told(name, plan.versions[name], versions[name])),
    ...told("scheduler", plan.scheduler, scheduler),
    ...told("submitted from", plan.host, host),
  ];
}

function historyLosses({ config, submission }: Plan, run: RunStatus): Loss[] {
  const losses: Loss[] = [];
  for (const [name, stage] of Object.entries(run.stages)) {
    const command = config.stages.find((one) => one.name === name)?.command ?? "";
    if (command.includes("{run.index}") && run.index !== 0) {
      losses.push({
        subject: `command of ${name}`,
        why: `it uses {run.index}, which was ${run.index} and is 0`,
      });
    }
    if (stage.attempt > 1) {
      losses.push({
        subject: `start of ${name}`,
        why:
          `it was attempt ${stage.attempt}, perhaps from a checkpoint; now it starts from nothing`,
      });
    }
    if (stage.submission !== submission) {
      losses.push({
        subject: `code of ${name}`,
        why: `it ran in submission ${stage.submission}; now all stages run that of ${submission}`,
      });
    }
  }
  return losses;
}
