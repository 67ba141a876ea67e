import type { JobScope, SubmitLimit } from "../scheduler.ts";
import type { Association, Partition, QosRules, SiteRules } from "./accounting.ts";

const SOURCE = "sacctmgr";

/** A job's place among the rules. */
interface Place {
  rules: SiteRules;
  account?: string;
  association?: Association;
  /** Those whose limits hold, the one that decides first. */
  qos: { name: string; rules: QosRules; partitions: string[] }[];
}

/**
 * The limits on submission that hold for a job, as the controller applies them: a limit of the
 * partition's QOS hides the same limit of the job's QOS, and that one the association's. With
 * several partitions, those of each.
 */
export function submitLimits(rules: SiteRules, scope: JobScope): SubmitLimit[] {
  const names = scope.partition?.split(",");
  const partitions = rules.partitions.filter(({ name, isDefault }) =>
    names?.includes(name) ?? isDefault
  );
  const places = partitions.length > 0 ? partitions : [undefined];
  const all = places.flatMap((partition) => limitsIn(placeOf(rules, scope, partition)));
  return [...new Map(all.map((limit) => [limit.name, limit])).values()];
}

function placeOf(rules: SiteRules, scope: JobScope, partition: Partition | undefined): Place {
  const account = scope.account ?? rules.defaultAccount;
  const association = associationOf(rules, account, partition);
  const own = scope.qos ?? association?.defaultQos;
  const imposed = partition?.qos;
  const names = own !== undefined && rules.qos.get(own)?.overPartition
    ? [own, imposed]
    : [imposed, own];
  const qos = [...new Set(names)].flatMap((name) => {
    const known = name === undefined ? undefined : rules.qos.get(name);
    if (!known) return [];
    const partitions = rules.partitions.filter((one) => one.qos === name).map((one) => one.name);
    return [{ name: name!, rules: known, partitions }];
  });
  return { rules, account, association, qos };
}

/** The user's own row; the one for this partition before the one for all. */
function associationOf(
  { associations, user }: SiteRules,
  account: string | undefined,
  partition: Partition | undefined,
): Association | undefined {
  const own = associations.filter((one) => one.user === user && one.account === account);
  return own.find((one) => one.partition !== undefined && one.partition === partition?.name) ??
    own.find((one) => one.partition === undefined);
}

function limitsIn(place: Place): SubmitLimit[] {
  const { rules: { user }, account, association } = place;
  const charged = account === undefined ? {} : { accounts: [account] };
  return [
    ...ofQos(place, "perUser", "MaxSubmitJobsPerUser", { own: true }) ??
      limit(association?.maxSubmit, `MaxSubmitJobs of ${user} in account ${account}`, {
        own: true,
        ...charged,
      }),
    ...ofQos(place, "perAccount", "MaxSubmitJobsPerAccount", charged) ?? [],
    ...ofQos(place, "group", "GrpSubmitJobs", {}) ?? ofAccounts(place),
  ];
}

/** The limit of the first QOS that has one. */
function ofQos(
  { qos }: Place,
  which: "perUser" | "perAccount" | "group",
  word: string,
  counts: SubmitLimit["counts"],
): SubmitLimit[] | undefined {
  const first = qos.find(({ rules }) => rules[which] !== undefined);
  if (!first) return undefined;
  const { name, partitions } = first;
  return limit(first.rules[which], `${word} of QOS ${name}`, {
    ...counts,
    qos: { name, partitions },
  });
}

/** What the user's row and each account above have for all that is below them. */
function ofAccounts({ rules, account, association }: Place): SubmitLimit[] {
  const found = limit(
    association?.groupSubmit,
    `GrpSubmitJobs of ${rules.user} in account ${account}`,
    { own: true, accounts: account === undefined ? [] : [account] },
  );
  const accounts = rules.associations.filter((one) => one.user === undefined);
  const parents = new Map(accounts.map((one) => [one.account, one.parent]));
  const seen = new Set<string>();
  for (let name = account; name !== undefined && !seen.has(name); name = parents.get(name)) {
    seen.add(name);
    const max = accounts.find((one) => one.account === name)?.groupSubmit;
    const below = accounts.map((one) => one.account).filter((one) => isBelow(one, name, parents));
    found.push(...limit(max, `GrpSubmitJobs of account ${name}`, { accounts: below }));
  }
  return found;
}

function isBelow(
  account: string,
  top: string,
  parents: ReadonlyMap<string, string | undefined>,
): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = account; at !== undefined && !seen.has(at);) {
    if (at === top) return true;
    seen.add(at);
    at = parents.get(at);
  }
  return false;
}

function limit(
  max: number | undefined,
  name: string,
  counts: SubmitLimit["counts"],
): SubmitLimit[] {
  return max === undefined ? [] : [{ name, max, source: SOURCE, counts }];
}
