import { isTextResource } from "../../config/resource_words.ts";
import { formatDuration, parseDuration } from "../../core/durations.ts";
import type { Resources } from "../../core/experiment.ts";
import { type Draft, objected, refusal, type Rule, withResource } from "./draft.ts";
import type { NamedProfile } from "./identify.ts";

type Name = keyof Resources;

const ALTERNATIVES: readonly Name[][] = [["ntasks", "ntasks_per_node"], [
  "mem",
  "mem_per_cpu",
  "mem_per_gpu",
]];

/** What a site does not take, does not like, or leaves out. */
export const refusedRule: Rule = (draft, site) => {
  const { forbidden = [], discouraged = [], omit = [] } = site.profile;
  const given = (names: readonly string[]) =>
    names.filter((name) => draft.resources[name as Name] !== undefined);
  const objections = given(forbidden).reduce((next, name) => {
    const found = `a job there may not name it, found ${draft.resources[name as Name]}`;
    const hint = `take resources.${name} out`;
    const error = refusal(site, `set resources.${name}`, found, hint);
    return objected(next, site, "forbidden", error);
  }, draft);
  const warnings = given(discouraged).map((name) =>
    `site ${site.name}: jobs had better not name a ${name} (${draft.resources[name as Name]})`
  );
  const warned: Draft = { ...objections, warnings: [...objections.warnings, ...warnings] };
  return given(omit).reduce(
    (next, name) => withResource(next, name as Name, undefined, "omit"),
    warned,
  );
};

/** What a site wants where the job says nothing. */
export const defaultsRule: Rule = (draft, { profile: { defaults = {}, sbatch = [] } }) => {
  const filled = Object.entries(defaults).reduce(
    (next, [name, value]) =>
      isOpen(name as Name, next.resources)
        ? withResource(next, name as Name, readable(name, value), `defaults.${name}`)
        : next,
    draft,
  );
  const own = filled.resources.sbatch ?? [];
  const named = new Set(own.map(optionName));
  const further = sbatch.filter((option) => !named.has(optionName(option)));
  return further.length === 0
    ? filled
    : withResource(filled, "sbatch", [...own, ...further], "sbatch");
};

/** Whether the job says neither this nor the same in another way. */
function isOpen(name: Name, resources: Resources): boolean {
  const same = ALTERNATIVES.find((names) => names.includes(name)) ?? [name];
  return same.every((one) => resources[one] === undefined);
}

/** Texts such as `time: 90` are numbers to YAML. */
function readable(name: string, value: unknown): never {
  return (isTextResource(name) ? String(value) : value) as never;
}

function optionName(option: string): string {
  return option.split("=")[0]!;
}

/** The partition of a job that names none. */
export const partitionRule: Rule = (draft, { profile: { gpu, cpu } }) => {
  const { partition, gpus } = draft.resources;
  if (partition !== undefined) return draft;
  const [usual, rule] = gpus
    ? [gpu?.partition, "gpu.partition"]
    : [cpu?.partition, "cpu.partition"];
  return usual === undefined ? draft : withResource(draft, "partition", usual, rule);
};

/** The account with the ending that partition or GPUs call for. */
export const accountRule: Rule = (draft, { profile }) => {
  const { account, partition, gpus } = draft.resources;
  const suffixes = profile.account?.suffixes ?? [];
  if (account === undefined) return draft;
  const wanted = suffixes.find((rule) =>
    (rule.partition === undefined || new RegExp(rule.partition).test(partition ?? "")) &&
    (rule.gpus === undefined || rule.gpus === (gpus ?? 0) > 0)
  );
  if (!wanted) return draft;
  const known = suffixes.map(({ suffix }) => suffix).filter(Boolean)
    .sort((a, b) => b.length - a.length);
  const ending = known.find((suffix) => account.endsWith(suffix)) ?? "";
  const base = account.slice(0, account.length - ending.length);
  return withResource(draft, "account", base + wanted.suffix, "account.suffixes");
};

/** Objects to a job that does not name what the site asks for. */
export const requiredRule: Rule = (draft, site) =>
  (site.profile.required ?? []).reduce((next, name) => {
    if (draft.resources[name as Name] !== undefined) return next;
    const error = refusal(
      site,
      "submit",
      `found no ${name}, expected one`,
      missingHint(name, site),
    );
    return objected(next, site, "required", error);
  }, draft);

function missingHint(name: string, { profile }: NamedProfile): string {
  const { command, example } = profile.account ?? {};
  if (name === "account") {
    const like = example === undefined ? "" : `, such as ${example}`;
    const list = command === undefined ? "" : `; \`${command}\` lists yours`;
    return `set account: in .hpc_config.yaml${like}${list}`;
  }
  const known = { partition: profile.partitions, qos: profile.qos }[name];
  const names = known === undefined ? "" : `, such as ${[known].flat().slice(0, 6).join(", ")}`;
  return `set resources.${name}${names}`;
}

/** Objects to a time that the site does not give to jobs of that many nodes. */
export const timeRule: Rule = (draft, site) => {
  const { time, nodes = 1, runs_per_job = 1 } = draft.resources;
  const limit = site.profile.time_limits?.find((one) => nodes <= (one.nodes ?? Infinity));
  if (time === undefined || !limit || parseDuration(time) <= parseDuration(limit.time)) {
    return draft;
  }
  const most = formatDuration(parseDuration(limit.time));
  const error = refusal(
    site,
    `ask for ${formatDuration(parseDuration(time))}`,
    `jobs of ${nodes} node${nodes === 1 ? "" : "s"} get ${most} at most`,
    runs_per_job > 1
      ? "time is that of one run, for each that follows another in a job: fewer runs_per_job"
      : `set time: ${JSON.stringify(most)}, and let the program go on from a checkpoint`,
  );
  return objected(draft, site, "time_limits", error);
};
