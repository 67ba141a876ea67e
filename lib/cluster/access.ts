import type { Association } from "./probes/accounts.ts";
import type { SlurmConfig } from "./probes/config.ts";
import type { Partition } from "./probes/partitions.ts";

/** Whether a user may submit to a partition, with an account and a QOS. */
export interface AccessCell {
  /** Name of the partition. */
  partition: string;
  /** Absent where jobs are charged to no account, or it is not known to which. */
  account?: string;
  /** Absent where the account has none, or it is not known. */
  qos?: string;
  /** `unknown` where neither lists nor Slurm itself could tell; it is not a denial. */
  access: "allowed" | "denied" | "unknown";
  /** Why, in one phrase. */
  reason: string;
  /** The list or command that said so. */
  source: string;
  /** Jobs that name no account are charged to this one; absent where not, or not known. */
  defaultAccount?: true;
  /** Jobs that name no QOS get this one; absent where not, or not known. */
  defaultQos?: true;
}

/** What decides on access. A value that is absent is not known. */
export interface AccessFacts {
  user: string;
  host: string;
  config?: SlurmConfig;
  accounts?: readonly Association[];
  groups?: readonly string[];
  partitions: readonly Partition[];
}

type Verdict = Pick<AccessCell, "access" | "reason" | "source">;
type Charge = Association | undefined;

const SHOW_PARTITION = "scontrol show partition";

/** The map as far as lists tell, partition by partition. */
export function accessByLists(facts: AccessFacts): AccessCell[] {
  const charges = chargesOf(facts);
  return facts.partitions.flatMap((partition) => {
    const here = charges.filter((one) => !one?.partition || one.partition === partition.name);
    const known = here.length > 0 ? here : [undefined];
    return known.flatMap((charge) => cellsOf(facts, partition, charge));
  });
}

/** What jobs may be charged to on this cluster; a charge that is absent: to nothing that we know. */
function chargesOf({ accounts = [], config }: AccessFacts): Charge[] {
  const here = accounts.filter(({ cluster }) =>
    config === undefined || cluster === config.clusterName
  );
  return here.length > 0 ? here : [undefined];
}

function cellsOf(facts: AccessFacts, partition: Partition, charge: Charge): AccessCell[] {
  const all = charge && charge.qos.length > 0 ? charge.qos : [undefined];
  return all.map((qos) => ({
    partition: partition.name,
    ...(charge ? { account: charge.account } : {}),
    ...(qos === undefined ? {} : { qos }),
    ...(charge?.isDefault ? { defaultAccount: true as const } : {}),
    ...(qos !== undefined && qos === charge?.defaultQos ? { defaultQos: true as const } : {}),
    ...verdictOf(facts, partition, charge, qos),
  }));
}

function verdictOf(
  facts: AccessFacts,
  partition: Partition,
  charge: Charge,
  qos: string | undefined,
): Verdict {
  const verdicts = [
    byCharge(facts, charge),
    byPartition(partition),
    byHost(facts, partition),
    byGroups(facts, partition),
    byAccount(partition, charge),
    byQos(partition, qos),
  ].filter((one) => one !== undefined);
  return verdicts.find(({ access }) => access === "denied") ??
    verdicts.find(({ access }) => access === "unknown") ??
    allowed(partition);
}

function allowed({ state }: Partition): Verdict {
  const reason = state === "UP"
    ? "nothing forbids it"
    : `nothing forbids it, but it is ${state.toLowerCase()}: jobs wait`;
  return { access: "allowed", reason, source: SHOW_PARTITION };
}

function denied(reason: string, source = SHOW_PARTITION): Verdict {
  return { access: "denied", reason, source };
}

function open(reason: string, source = SHOW_PARTITION): Verdict {
  return { access: "unknown", reason, source };
}

/** Where associations are enforced, nothing runs without one. */
function byCharge({ user, config, accounts }: AccessFacts, charge: Charge): Verdict | undefined {
  if (charge) return undefined;
  if (config?.accounting === false) return undefined;
  if (accounts === undefined) return open("accounts are not known", "sacctmgr show user");
  if (config?.enforced === undefined) return open("what is enforced is not known");
  if (!config.enforced.includes("associations")) return undefined;
  const here = accounts.some(({ cluster }) => cluster === config.clusterName);
  const where = here ? "for this partition" : `on ${config.clusterName}`;
  return denied(`${user} has no association ${where}`, "sacctmgr show user");
}

function byPartition({ state, rootOnly, needsReservation }: Partition): Verdict | undefined {
  if (rootOnly) return denied("only root may submit to it (RootOnly)");
  if (/^(INACTIVE|DRAIN)/.test(state)) return denied(`it is ${state.toLowerCase()}`);
  return needsReservation ? denied("it takes only jobs of a reservation (ReqResv)") : undefined;
}

function byHost({ host }: AccessFacts, { allocNodes }: Partition): Verdict | undefined {
  if (allocNodes === undefined || allocNodes.includes(host)) return undefined;
  return open(`AllocNodes may not have ${host}`);
}

function byGroups({ groups }: AccessFacts, { allowGroups }: Partition): Verdict | undefined {
  if (allowGroups === undefined) return undefined;
  if (groups === undefined) return open("your groups are not known", "id -Gn");
  return allowGroups.some((group) => groups.includes(group))
    ? undefined
    : denied(`AllowGroups has none of yours: ${allowGroups.join(", ")}`);
}

/**
 * A list of accounts holds for the accounts below them in some versions of Slurm, so that only an
 * account that is in it is decided.
 */
function byAccount(partition: Partition, charge: Charge): Verdict | undefined {
  const { allowAccounts, denyAccounts } = partition;
  if (charge === undefined) {
    const lists = allowAccounts ?? denyAccounts;
    return lists === undefined ? undefined : open("it chooses by account, and yours is not known");
  }
  if (allowAccounts) {
    return allowAccounts.includes(charge.account)
      ? undefined
      : open(`AllowAccounts does not name ${charge.account}`);
  }
  if (!denyAccounts) return undefined;
  return denyAccounts.includes(charge.account)
    ? denied(`DenyAccounts names ${charge.account}`)
    : open(`DenyAccounts does not name ${charge.account}`);
}

function byQos(partition: Partition, qos: string | undefined): Verdict | undefined {
  const { allowQos, denyQos } = partition;
  if (qos === undefined) {
    return allowQos ?? denyQos ? open("it chooses by QOS, and yours is not known") : undefined;
  }
  if (allowQos && !allowQos.includes(qos)) return denied(`AllowQos does not name this QOS`);
  return denyQos?.includes(qos) ? denied(`DenyQos names this QOS`) : undefined;
}
