import type { Detected, Maybe } from "../cluster/detected.ts";
import type { Environment } from "../cluster/environment.ts";
import { type NodeGroup, nodeKinds } from "../cluster/probes/nodes.ts";
import type { Limit, Partition } from "../cluster/probes/partitions.ts";
import type { StorageUse } from "../cluster/probes/quota.ts";
import { fullest } from "../cluster/warnings.ts";
import { formatDuration } from "../core/durations.ts";
import type { GpuCount } from "../core/gres.ts";
import { tellBytes, tellMib } from "./sizes.ts";
import { textTable } from "./text_table.ts";

const INDENT = "  ";

/** What was detected, section by section, for a reader; each value with its source. */
export function tellEnvironment(
  found: Environment & { project: Maybe<string> },
  width: number,
): string {
  const columns = width - INDENT.length;
  const lines = (rows: Record<string, Detected<unknown>>) =>
    textTable(["", "", "from"], Object.entries(rows).map(tellValue), columns).replace(/^.*\n/, "");
  const { user, home, scratch, host, cpus, memory, gpus, job, container, project } = found;
  const { slurm, controller, cluster, config } = found;
  const { python, conda, uv, runtime, modules, git } = found;
  return [
    section("Here", lines({ user, host, home, scratch, project, job, container })),
    section(
      "This machine",
      lines({
        cpus,
        memory: { ...memory, value: tellMib(memory.value) },
        gpus: { ...gpus, value: gpus.value?.map(({ name }) => name).join(", ") },
      }),
    ),
    section("Tools", lines({ git, python, conda, uv, "container runtime": runtime, modules })),
    section("Storage", list(found.storage, (places) => tellStorage(places, columns))),
    section(
      "Slurm",
      lines({
        version: slurm,
        cluster,
        controller,
        enforces: { ...config, value: config.value?.enforced?.join(", ") },
      }),
    ),
    ...isAbsent(found.partitions) ? [] : [
      section(
        "Accounts",
        list(found.accounts, (all) =>
          textTable(
            ["account", "default", "partition", "QOS"],
            all.map(({ account, isDefault, partition, qos }) => [
              account,
              isDefault ? "yes" : "",
              partition ?? "any",
              qos.join(" "),
            ]),
            columns,
          )),
      ),
      section("Partitions", list(found.partitions, (all) => tellPartitions(all, columns))),
      section("Nodes", list(found.nodes, (all) => tellNodes(all, columns))),
    ],
  ].join("\n");
}

/** Nothing of Slurm's is here, and nothing that failed to answer. */
function isAbsent({ value, unknown }: Maybe<unknown>): boolean {
  return value === undefined && !unknown;
}

function section(title: string, text: string): string {
  return `${title}\n${text.replaceAll(/^(?=.)/gm, INDENT)}`;
}

function tellValue([key, { value, source, unknown }]: [string, Detected<unknown>]): string[] {
  return [key, unknown ? "unknown" : value === undefined ? "none" : String(value), source];
}

/** A table of what is known, or one line on why it is not. */
function list<T>({ value, source, unknown }: Maybe<T[]>, table: (value: T[]) => string): string {
  if (unknown) return `unknown: ${source}\n`;
  return value === undefined || value.length === 0 ? `none (${source})\n` : table(value);
}

function tellStorage(places: StorageUse[], columns: number): string {
  const rows = places.map((place) => [
    place.path,
    place.used === undefined ? "" : tellBytes(place.used),
    place.limit === undefined ? "" : tellBytes(place.limit),
    place.files === undefined ? "" : String(place.files),
    place.filesLimit === undefined ? "" : String(place.filesLimit),
    `${Math.floor(fullest(place) * 100)}%`,
    place.source,
  ]);
  return textTable(["place", "used", "of", "files", "of", "full", "from"], rows, columns);
}

function tellLimit(limit: Limit | undefined): string {
  if (limit === undefined) return "?";
  return limit === "unlimited" ? "none" : formatDuration(limit);
}

/** Who may use it, where not everybody may. */
function tellAccess({ allowAccounts, allowGroups, allowQos, denyAccounts }: Partition): string {
  return Object.entries({
    accounts: allowAccounts,
    groups: allowGroups,
    QOS: allowQos,
    "not accounts": denyAccounts,
  }).flatMap(([what, names]) => names ? [`${what} ${names.join(" ")}`] : []).join("; ");
}

function tellPartitions(partitions: Partition[], columns: number): string {
  const rows = partitions.map((one) => [
    one.name,
    one.isDefault ? "yes" : "",
    one.state.toLowerCase(),
    tellLimit(one.maxTime),
    String(one.nodes ?? "?"),
    tellAccess(one),
  ]);
  const head = ["partition", "default", "state", "time limit", "nodes", "only"];
  return textTable(head, rows, columns);
}

function tellGpus(gpus: readonly GpuCount[]): string {
  return gpus.map(({ type, count }) => `${count} ${type ?? "GPU"}`).join(", ");
}

function tellNodes(groups: NodeGroup[], columns: number): string {
  const rows = nodeKinds(groups).map(({ count, gpus, cpus, memory, features, partitions }) => [
    String(count),
    tellGpus(gpus),
    String(cpus ?? "?"),
    tellMib(memory),
    partitions.join(" "),
    features.join(" "),
  ]);
  const head = ["nodes", "GPUs each", "CPUs", "memory", "partitions", "features"];
  return textTable(head, rows, columns);
}
