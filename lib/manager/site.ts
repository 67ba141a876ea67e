import { join } from "node:path";
import { applySite } from "../cluster/site/apply.ts";
import { type Draft, ruleText, type SiteChange } from "../cluster/site/draft.ts";
import { gatherSiteFacts, type SiteFactPorts } from "../cluster/site/facts.ts";
import { type FoundProfile, GENERIC, ProfileFinder } from "../cluster/site/find.ts";
import { identifySite } from "../cluster/site/identify.ts";
import type { Detected } from "../cluster/detect.ts";
import type { Experiment } from "../core/experiment.ts";
import type { SiteScript } from "../script/site.ts";
import { readIfThere } from "../system/files.ts";
import type { Runner } from "../system/runner.ts";
import type { Project } from "./project.ts";

/** An experiment as the site wants it. */
export interface SitedExperiment {
  experiment: Experiment;
  /** Stage → what its script has beside the resources. */
  scripts: Record<string, SiteScript>;
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

/** An experiment as it was asked for. */
export function unsited(experiment: Experiment): SitedExperiment {
  return { experiment, scripts: {}, provenance: {}, values: {}, changes: [], warnings: [] };
}

/**
 * An experiment as the project's site wants it.
 *
 * @throws {ConfigError} for what cannot be at that site, {NotFoundError} without such a profile.
 */
export function forSite(project: Project, experiment: Experiment): SitedExperiment {
  const profile = profileOf(project);
  if (!profile) return unsited(experiment);
  const drafts = experiment.stages.map((stage) => [stage.name, applySite(stage, profile)] as const);
  const byName = new Map(drafts);
  const changes = drafts.flatMap(([stage, draft]) => last(stage, draft));
  return {
    experiment: {
      ...experiment,
      stages: experiment.stages.map((stage) => {
        const { resources, environment } = byName.get(stage.name)!;
        return { ...stage, resources, environment };
      }),
    },
    scripts: Object.fromEntries(drafts.map(([stage, { script }]) => [stage, script])),
    provenance: Object.fromEntries(
      changes.map(({ path, change }) => [path, ruleText(profile, change.rule)]),
    ),
    values: Object.fromEntries(changes.map(({ path, change }) => [path, change.value])),
    changes: changes.map(({ path, change }) =>
      `${told(path, change)}  (${ruleText(profile, change.rule)})`
    ),
    warnings: [...new Set(drafts.flatMap(([, { warnings }]) => warnings))],
  };
}

/** The last change of each key, with the value that was there before the first. */
function last(stage: string, { changes }: Draft): { path: string; change: SiteChange }[] {
  const found = new Map<string, SiteChange>();
  for (const change of changes) {
    const first = found.get(change.key);
    found.set(change.key, { ...change, was: first ? first.was : change.was });
  }
  return Array.from(
    found.values(),
    (change) => ({ path: `stages.${stage}.${change.key}`, change }),
  );
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
