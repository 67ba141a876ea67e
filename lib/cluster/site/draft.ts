import { ConfigError } from "../../core/errors.ts";
import type { EnvironmentSpec, Resources } from "../../core/experiment.ts";
import type { SiteScript } from "../../script/site.ts";
import type { NamedProfile } from "./identify.ts";
import { sourceOf } from "./profile.ts";

/** One thing that a site's profile changed in what was asked for. */
export interface SiteChange {
  /** Dotted key within a stage: `resources.account`. */
  key: string;
  /** The new value; absent where it was taken away. */
  value?: unknown;
  /** The value before; absent where there was none. */
  was?: unknown;
  /** Key of the profile that says so, as `account.suffixes`. */
  rule: string;
}

/** What the job of a stage is made of, on its way through the rules of a site. */
export interface Draft {
  resources: Resources;
  environment: EnvironmentSpec;
  script: SiteScript;
  changes: readonly SiteChange[];
  /** What is done as asked, but had better not be; one line each. */
  warnings: readonly string[];
}

/** One rule: what a profile makes of a draft. It throws a `ConfigError` for what cannot be. */
export type Rule = (draft: Draft, site: NamedProfile) => Draft;

/** The draft with one resource set, or with `undefined` taken away. */
export function withResource<Name extends keyof Resources>(
  draft: Draft,
  name: Name,
  value: Resources[Name],
  rule: string,
): Draft {
  const was = draft.resources[name];
  if (was === value) return draft;
  const { [name]: _, ...others } = draft.resources;
  const resources = value === undefined ? others : { ...others, [name]: value };
  return { ...draft, resources, changes: changed(draft, `resources.${name}`, was, value, rule) };
}

/** The draft with one part of the environment set. */
export function withEnvironment<Name extends keyof EnvironmentSpec>(
  draft: Draft,
  name: Name,
  value: EnvironmentSpec[Name],
  rule: string,
): Draft {
  const was = draft.environment[name];
  const environment = { ...draft.environment, [name]: value };
  return {
    ...draft,
    environment,
    changes: changed(draft, `environment.${name}`, was, value, rule),
  };
}

/** The draft with one part of what is written beside the resources. */
export function withScript<Name extends keyof SiteScript>(
  draft: Draft,
  name: Name,
  value: SiteScript[Name],
  rule: string,
): Draft {
  const script = { ...draft.script, [name]: value };
  return { ...draft, script, changes: changed(draft, `script.${name}`, undefined, value, rule) };
}

function changed(
  { changes }: Draft,
  key: string,
  was: unknown,
  value: unknown,
  rule: string,
): readonly SiteChange[] {
  return [...changes, { key, value, was, rule }];
}

/** What cannot be at a site, in one line, with what the reader can do. */
export function refusal(
  { name }: NamedProfile,
  action: string,
  found: string,
  hint: string,
): ConfigError {
  return new ConfigError(`Cannot ${action} at ${name}: ${found}`, { hint });
}

/**
 * Refuses what a rule of the profile excludes, or only warns where nobody has verified that rule:
 * then Slurm decides.
 */
export function objected(
  draft: Draft,
  site: NamedProfile,
  rule: string,
  error: ConfigError,
): Draft {
  if (sourceOf(site.profile, rule) !== "K") throw error;
  const maybe = error.message.replace(/^Cannot /, "perhaps you cannot ");
  const warning = `${maybe} (nobody has verified ${rule}: Slurm decides)`;
  return { ...draft, warnings: [...draft.warnings, warning] };
}

/** Who says so: the profile, its key, and where that was seen. */
export function ruleText({ name, profile }: NamedProfile, rule: string): string {
  const source = sourceOf(profile, rule);
  return `site ${name}, ${rule}${source === undefined ? "" : ` (${source})`}`;
}
