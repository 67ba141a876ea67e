import { didYouMean } from "../../core/suggest.ts";
import { type Draft, objected, refusal, type Rule, withResource, withScript } from "./draft.ts";
import type { NamedProfile } from "./identify.ts";
import { partitionRule } from "./request.ts";
import type { SiteProfile } from "./profile.ts";

type GpuType = NonNullable<NonNullable<SiteProfile["gpu"]>["types"]>[string];

/** GPUs as the site wants them asked for: syntax, type, constraint, CPUs; or jobs without any. */
export const gpuRule: Rule = (draft, site) => {
  const { cpu, gpu } = site.profile;
  const { gpus, gpu_type } = draft.resources;
  if (!gpus) return constrained(draft, cpu?.constraint, "cpu.constraint");
  const common = constrained(draft, gpu?.constraint, "gpu.constraint");
  const next = partitionRule(gpu_type === undefined ? common : typed(common, gpu_type, site), site);
  return withCpus(inSyntax(numbered(next, gpu_type, site), site), site);
};

/** Says the type where the site wants it said. */
function typed(draft: Draft, given: string, site: NamedProfile): Draft {
  const where = site.profile.gpu?.type ?? "request";
  const [name, type] = typeOf(given, site);
  const rule = `gpu.types.${name}`;
  if (where === "request") {
    return withResource(draft, "gpu_type", type?.name ?? name, `${rule}.name`);
  }
  if (!type && where !== "constraint" && draft.resources.partition === undefined) {
    throw unknownType(given, site);
  }
  const untyped = withResource(draft, "gpu_type", undefined, "gpu.type");
  const feature = type?.constraint ?? (where === "constraint" ? name : undefined);
  const marked = constrained(
    untyped,
    feature,
    type?.constraint ? `${rule}.constraint` : "gpu.type",
  );
  if (type?.partition === undefined || marked.resources.partition !== undefined) return marked;
  return withResource(marked, "partition", type.partition, `${rule}.partition`);
}

/** A type as the profile calls it; one that it does not know stays as it is written. */
function typeOf(given: string, { profile }: NamedProfile): readonly [string, GpuType?] {
  const types = Object.entries(profile.gpu?.types ?? {});
  const known = types.find(([name, type]) =>
    [name, type.name].some((word) => word?.toLowerCase() === given.toLowerCase())
  );
  return known ?? [given];
}

function unknownType(given: string, site: NamedProfile): Error {
  const types = Object.keys(site.profile.gpu?.types ?? {});
  const found = types.length === 0
    ? "its types of GPUs are not known"
    : `its profile has ${types.join(", ")}`;
  const hint = types.length === 0
    ? "give the partition that has them, as resources.partition, without gpu_type"
    : `${didYouMean(given, types)}; or give the partition that has them`;
  return refusal(site, `ask for GPUs of type ${given}`, found, hint);
}

/** Objects to more GPUs a node than a node has. */
function numbered(draft: Draft, asked: string | undefined, site: NamedProfile): Draft {
  const { gpus = 0, partition } = draft.resources;
  const { gpu } = site.profile;
  const inPartition = Object.entries(gpu?.types ?? {})
    .find(([, type]) => partition !== undefined && type.partition === partition);
  const [name, type] = inPartition ?? (asked === undefined ? [""] : typeOf(asked, site));
  const most = type?.per_node ?? gpu?.per_node;
  if (most === undefined || gpus <= most) return draft;
  const rule = type?.per_node === undefined ? "gpu.per_node" : `gpu.types.${name}.per_node`;
  const error = refusal(
    site,
    `ask for ${gpus} GPUs a node`,
    `its nodes${partition === undefined ? "" : ` in ${partition}`} have ${most}`,
    gpus % most === 0
      ? `set gpus: ${most} and nodes: ${gpus / most}`
      : `set gpus: ${most} and more nodes`,
  );
  return objected(draft, site, rule, error);
}

const inSyntax: Rule = (draft, { profile: { gpu = {} } }) => {
  const { request = "gres" } = gpu;
  const total = request === "gpus" && draft.resources.nodes === undefined
    ? withResource(draft, "nodes", 1, "gpu.request")
    : draft;
  return request === "gres" ? total : withScript(total, "gpus", request, "gpu.request");
};

const withCpus: Rule = (draft, { profile: { gpu = {} } }) => {
  const { gpus = 0, cpus_per_task, ntasks, ntasks_per_node } = draft.resources;
  if (gpu.cpus === undefined || cpus_per_task !== undefined) return draft;
  if (ntasks !== undefined || (ntasks_per_node ?? 1) > 1) return draft;
  return withResource(draft, "cpus_per_task", gpu.cpus * gpus, "gpu.cpus");
};

/** The draft whose nodes must have a feature too. */
function constrained(draft: Draft, feature: string | undefined, rule: string): Draft {
  const given = draft.resources.constraint;
  if (feature === undefined || given?.split("&").includes(feature)) return draft;
  if (given === undefined) return withResource(draft, "constraint", feature, rule);
  const parts = [given, feature].map((part) => part.includes("|") ? `(${part})` : part);
  if (feature.split("&").includes(given)) return withResource(draft, "constraint", feature, rule);
  return withResource(draft, "constraint", parts.join("&"), rule);
}
