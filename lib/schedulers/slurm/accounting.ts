/** What accounting and slurm.conf say about who may submit how much. */
export interface SiteRules {
  /** Name of the user. */
  user: string;
  /** Those of the user, and those of accounts, which have no user. */
  associations: Association[];
  /** Account that is charged where a job names none. */
  defaultAccount?: string;
  /** By name. */
  qos: ReadonlyMap<string, QosRules>;
  partitions: Partition[];
}

/** An account, or a user in one. */
export interface Association {
  account: string;
  /** Absent for the account itself. */
  user?: string;
  /** The account above; absent for a user's. */
  parent?: string;
  /** Absent where it holds for all. */
  partition?: string;
  maxSubmit?: number;
  groupSubmit?: number;
  defaultQos?: string;
}

/** Limits of a quality of service. */
export interface QosRules {
  perUser?: number;
  perAccount?: number;
  group?: number;
  /** Whether it goes before the partition's own. */
  overPartition: boolean;
}

/** A partition, and the quality of service it imposes. */
export interface Partition {
  name: string;
  isDefault: boolean;
  qos?: string;
}

/** Says who asks: accounting knows no "me". */
export const userCommand: [string, ...string[]] = ["id", "-un"];

const USER_FIELDS = "defaultaccount,account,partition,maxsubmitjobs,grpsubmitjobs,defaultqos";
const ACCOUNT_FIELDS = "account,parentname,grpsubmitjobs";
const QOS_FIELDS = "name,maxsubmitjobsperuser,maxsubmitjobsperaccount,grpsubmitjobs,flags";

/** A user's associations; limits of the accounts above are filled in by accounting itself. */
export function userAssociationsCommand(user: string, cluster: string): [string, ...string[]] {
  const which = ["user", user, "withassoc", "where", `cluster=${cluster}`];
  return ["sacctmgr", "--noheader", "--parsable2", "show", ...which, `format=${USER_FIELDS}`];
}

/** Every account, without its users. */
export function accountsCommand(cluster: string): [string, ...string[]] {
  const which = ["associations", "where", "user=", `cluster=${cluster}`];
  return ["sacctmgr", "--noheader", "--parsable2", "show", ...which, `format=${ACCOUNT_FIELDS}`];
}

/** Every quality of service. */
export const qosCommand: [string, ...string[]] = [
  "sacctmgr",
  "--noheader",
  "--parsable2",
  "show",
  "qos",
  `format=${QOS_FIELDS}`,
];

/** Every partition, a line each. */
export const partitionsCommand: [string, ...string[]] = [
  "scontrol",
  "--oneliner",
  "--all",
  "show",
  "partition",
];

function rows(stdout: string, columns: number): string[][] {
  return stdout.split("\n").map((line) => line.split("|")).filter(({ length }) =>
    length === columns
  );
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function word(text: string | undefined): string | undefined {
  return text === "" || text === "N/A" || text === "(null)" ? undefined : text;
}

/** Reads what {@linkcode userAssociationsCommand} prints. */
export function parseUserAssociations(
  stdout: string,
  user: string,
): { associations: Association[]; defaultAccount?: string } {
  const found = rows(stdout, 6);
  const associations = found.map(([, account, partition, maxSubmit, groupSubmit, defaultQos]) => ({
    account: account!,
    user,
    partition: word(partition),
    maxSubmit: count(maxSubmit),
    groupSubmit: count(groupSubmit),
    defaultQos: word(defaultQos),
  }));
  return { associations, defaultAccount: word(found[0]?.[0]) };
}

/** Reads what {@linkcode accountsCommand} prints. */
export function parseAccounts(stdout: string): Association[] {
  return rows(stdout, 3).map(([account, parent, groupSubmit]) => ({
    account: account!,
    parent: word(parent),
    groupSubmit: count(groupSubmit),
  }));
}

/** Reads what {@linkcode qosCommand} prints. */
export function parseQos(stdout: string): Map<string, QosRules> {
  return new Map(
    rows(stdout, 5).map(([name, perUser, perAccount, group, flags]) => [name!, {
      perUser: count(perUser),
      perAccount: count(perAccount),
      group: count(group),
      overPartition: /\bOverPartQOS\b/i.test(flags!),
    }]),
  );
}

/** Reads what {@linkcode partitionsCommand} prints. */
export function parsePartitions(stdout: string): Partition[] {
  return stdout.split("\n").flatMap((line) => {
    const value = (key: string) => new RegExp(`(?:^| )${key}=(\\S+)`).exec(line)?.[1];
    const name = value("PartitionName");
    if (name === undefined) return [];
    return [{ name, isDefault: value("Default") === "YES", qos: word(value("QoS")) }];
  });
}
