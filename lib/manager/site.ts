import { join } from "node:path";
import { applySite, applySiteEnvironment } from "../cluster/site/apply.ts";
import { type Draft, ruleText, type SiteChange } from "../cluster/site/draft.ts";
import { gatherSiteFacts, type SiteFactPorts } from "../cluster/site/facts.ts";
import { type FoundProfile, ProfileFinder } from "../cluster/site/find.ts";
import { GENERIC } from "../cluster/site/generic.ts";
import { identifySite } from "../cluster/site/identify.ts";
import type { Detected } from "../cluster/detected.ts";
import type { ProjectSettings } from "../config/project.ts";
import type { Experiment, Resources } from "../core/experiment.ts";
import { jobResources, packingOf } from "../core/packing.ts";
import { kindOf, resourcesIn, type SitedJobs } from "../submission/resources.ts";
import { readIfThere } from "../system/files.ts";
import type { Runner } from "../system/runner.ts";
import type { Project } from "./project.ts";
import { seenGpusOf } from "./session.ts";

/** An experiment as the site wants it. */
export interface SitedExperiment {
  experiment: Experiment;
  /** What its jobs ask for; empty where no site was applied. */
  jobs: SitedJobs;
  /** Dotted key → the profile's key that changed it. */
  provenance: Record<string, string>;
  /** Dotted key → new value; `undefined` where it was taken away. */
  values: Record<string, unknown>;
  /** What was changed, one line each. */
  changes: string[];
  /** What is done as asked, but had better not be. */
  warnings: string[];
}

/** The profiles that a project may use: its own, the user's, and those that are shipped. */
export function siteProfiles(root?: string): ProfileFinder {
  const settings = Deno.env.get("XDG_CONFIG_HOME") || join(Deno.env.get("HOME") ?? "/", ".config");
  const own = root === undefined ? [] : [join(root, "site_profiles")];
  return new ProfileFinder([...own, join(settings, "expflow", "sites")]);
}

/** The profile that a project's jobs are written for; none on the embedded scheduler. */
export function profileOf({ layout, site, context }: Project): FoundProfile | undefined {
  if (!site.asked && context.scheduler.name === "local") return undefined;
  return siteProfiles(layout.root).find(site.name);
}

/** What jobs inherit, sbatch's `--export`: as the project says, else as its site does. */
export function exportFor(
  { slurm }: ProjectSettings,
  root: string,
  site: string,
): string {
  if (slurm.export !== undefined) return slurm.export;
  return exportOf(siteProfiles(root).find(site)) ?? "NONE";
}

function exportOf({ profile }: FoundProfile): string | undefined {
  return profile.export && [profile.export].flat().join();
}

function exportTold({ settings: { slurm } }: Project, profile: FoundProfile): string[] {
  const own = exportOf(profile);
  if (own === undefined || own === "NONE" || slurm.export !== undefined) return [];
  return [`slurm.export = ${own}, was NONE  (${ruleText(profile, "export")})`];
}

/** An experiment as it was asked for. */
export function unsited(experiment: Experiment): SitedExperiment {
  return { experiment, jobs: new Map(), provenance: {}, values: {}, changes: [], warnings: [] };
}

/**
 * An experiment as the project's site wants it; in the queue only what it says of the environment, as
 * a worker runs it in an allocation that has the rest.
 *
 * @throws {ConfigError} for what cannot be at that site, {NotFoundError} without such a profile.
 */
export async function forSite(
  project: Project,
  experiment: Experiment,
): Promise<SitedExperiment> {
  const profile = profileOf(project);
  if (!profile) return unsited(experiment);
  const queued = project.context.scheduler.name === "queue";
  const seen = !queued && namesType(experiment) ? await seenGpusOf(project) : undefined;
  const kinds = experiment.stages.flatMap((stage) =>
    [undefined, ...groupsOf(experiment)].map((group) => ({ stage, group }))
  );
  const drafts = kinds.map(({ stage, group }): Sited => {
    const resources = resourcesIn(experiment, stage, group);
    const request = { ...stage, resources: jobResources(resources) };
    const draft = queued
      ? applySiteEnvironment(request, profile)
      : applySite(request, profile, seen);
    return { stage: stage.name, group, draft: ofOneRun(draft, resources) };
  });
  const changes = drafts.flatMap((one) => changesOf(one, drafts));
  const plain = new Map(drafts.filter(({ group }) => !group).map((one) => [one.stage, one.draft]));
  return {
    experiment: {
      ...experiment,
      stages: experiment.stages.map((stage) => {
        const { resources, environment } = plain.get(stage.name)!;
        return { ...stage, resources, environment };
      }),
    },
    jobs: new Map(drafts.map(({ stage, group, draft: { resources, environment, script } }) => [
      kindOf(stage, group),
      { resources, environment, site: script },
    ])),
    provenance: Object.fromEntries(
      changes.map(({ path, change }) => [path, ruleText(profile, change.rule)]),
    ),
    values: Object.fromEntries(changes.map(({ path, change }) => [path, change.value])),
    changes: [
      ...changes.map(({ path, change }) =>
        `${told(path, change)}  (${ruleText(profile, change.rule)})`
      ),
      ...queued ? [] : exportTold(project, profile),
    ],
    warnings: [...new Set(drafts.flatMap(({ draft }) => draft.warnings))],
  };
}

function namesType({ stages, sweep }: Experiment): boolean {
  const groups = Object.values(sweep?.groups ?? {});
  return [...stages, ...groups].some(({ resources }) => resources?.gpu_type !== undefined);
}

/** A stage, or a group of the sweep in it, as the site wants it. */
interface Sited {
  stage: string;
  group?: string;
  draft: Draft;
}

/** With the time of one run again, where several share a job. */
function ofOneRun(draft: Draft, { time }: Resources): Draft {
  return packingOf(draft.resources) ? { ...draft, resources: { ...draft.resources, time } } : draft;
}

/** Groups that ask for something of their own. */
function groupsOf({ sweep }: Experiment): string[] {
  return Object.entries(sweep?.groups ?? {}).flatMap(([name, { resources }]) =>
    resources ? [name] : []
  );
}

/** What was changed; of a group, only what was changed otherwise than in its stage. */
function changesOf({ stage, group, draft }: Sited, all: readonly Sited[]) {
  if (group === undefined) return pathed(`stages.${stage}`, last(draft));
  const plain = last(all.find((one) => one.stage === stage && !one.group)!.draft);
  const own = last(draft).filter(({ key, value }) =>
    !plain.some((other) => other.key === key && other.value === value)
  );
  return pathed(`sweep.groups.${group}.stages.${stage}`, own);
}

function pathed(path: string, changes: readonly SiteChange[]) {
  return changes.map((change) => ({ path: `${path}.${change.key}`, change }));
}

/** The last change of each key, with the value that was there before the first. */
function last({ changes }: Draft): SiteChange[] {
  const found = new Map<string, SiteChange>();
  for (const change of changes) {
    const first = found.get(change.key);
    found.set(change.key, { ...change, was: first ? first.was : change.was });
  }
  return [...found.values()];
}

function told(path: string, { value, was }: SiteChange): string {
  if (value === undefined) return `${path} is left out, was ${shown(was)}`;
  return `${path} = ${shown(value)}${was === undefined ? "" : `, was ${shown(was)}`}`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The site this machine belongs to, told by the profiles; `generic` where none claims it. */
export async function detectSite(
  runner: Runner,
  profiles: ProfileFinder,
): Promise<Detected<FoundProfile>> {
  const all = profiles.names().map((name) => profiles.find(name));
  const ports: SiteFactPorts = { runner, env: (name) => Deno.env.get(name), read: readable };
  const { value, source } = identifySite(await gatherSiteFacts(ports, all), all);
  return { value: profiles.find(value ?? GENERIC), source };
}

/** A marker that may not be read is as good as none. */
function readable(path: string): string | undefined {
  try {
    return readIfThere(path);
  } catch {
    return undefined;
  }
}
