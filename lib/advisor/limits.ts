import type { QosLimits } from "../cluster/probes/limits.ts";
import type { AccountStanding, Standing, UsedLimit } from "../cluster/probes/standing.ts";
import type { Tres } from "../core/tres.ts";

/** A limit that would keep a job waiting, or out. */
export interface Hold {
  /** In Slurm's words: `GrpTRES cpu of account capped`. */
  limit: string;
  /** What is allowed: a count, MiB of memory, seconds of a time. */
  max: number;
  /** What of it is used now; 0 for a limit of a single job. */
  used: number;
  /** What the job asks for, in the same unit. */
  wanted: number;
  /** Whether it can never run under it, also when nothing else does. */
  never: boolean;
}

/** What decides on limits; what is absent is not known. */
export interface LimitFacts {
  user: string;
  standing?: Standing;
  qos?: readonly QosLimits[];
}

/** Where a job is charged. */
export interface Charged {
  account?: string;
  /** Its own QOS; then that of the partition. */
  qos: readonly string[];
}

/** Limits that would hold a job which asks for this, beside what this user has now. */
export function holdsOn(
  facts: LimitFacts,
  { account, qos }: Charged,
  tres: Tres,
  seconds: number | undefined,
): Hold[] {
  return [
    ...chainOf(facts, account).flatMap((one) => ofAccount(one, tres, seconds)),
    ...qos.flatMap((name) => ofQos(facts, name, tres, seconds)),
  ];
}

/** The user's own row, the account's, and those above. */
function chainOf({ standing, user }: LimitFacts, account: string | undefined): AccountStanding[] {
  if (!standing || account === undefined) return [];
  const own = standing.accounts.filter((one) => one.user === user && one.account === account);
  const byName = new Map(
    standing.accounts.filter((one) => one.user === undefined).map((one) => [one.account, one]),
  );
  const chain: AccountStanding[] = [];
  for (let at = byName.get(account); at && !chain.includes(at);) {
    chain.push(at);
    at = at.parent === undefined ? undefined : byName.get(at.parent);
  }
  return [...own, ...chain];
}

function ofAccount(one: AccountStanding, tres: Tres, seconds: number | undefined): Hold[] {
  const of = one.user === undefined ? `account ${one.account}` : `${one.user} in ${one.account}`;
  return [
    ...over(tres, (name) => one.group[name], `GrpTRES`, of),
    ...over(tres, (name) => single(one.perJob[name]), "MaxTRES", of),
    ...overWall(one.maxWall, seconds, of),
  ];
}

function ofQos(
  { standing, qos }: LimitFacts,
  name: string,
  tres: Tres,
  seconds: number | undefined,
): Hold[] {
  const limits = qos?.find((one) => one.name === name);
  if (!limits) return [];
  const use = standing?.qos.find((one) => one.name === name);
  const of = `QOS ${name}`;
  const shared = (max: Tres, used: Tres | undefined) => (tres: string) =>
    max[tres] === undefined ? undefined : { max: max[tres], used: used?.[tres] ?? 0 };
  return [
    ...over(tres, shared(limits.group, use?.used), "GrpTRES", of),
    ...over(tres, shared(limits.perUser, use?.usedByUser), "MaxTRESPerUser", of),
    ...over(tres, (name) => single(limits.perJob[name]), "MaxTRESPerJob", of),
    ...overWall(limits.maxWall, seconds, of),
  ];
}

function single(max: number | undefined): UsedLimit | undefined {
  return max === undefined ? undefined : { max, used: 0 };
}

function over(
  tres: Tres,
  limitOf: (tres: string) => UsedLimit | undefined,
  word: string,
  of: string,
): Hold[] {
  return Object.entries(tres).flatMap(([name, wanted]) => {
    const limit = limitOf(name);
    if (!limit || limit.used + wanted <= limit.max) return [];
    const { max, used } = limit;
    return [{ limit: `${word} ${name} of ${of}`, max, used, wanted, never: wanted > max }];
  });
}

function overWall(max: number | undefined, seconds: number | undefined, of: string): Hold[] {
  if (max === undefined || seconds === undefined || seconds <= max) return [];
  return [{ limit: `MaxWall of ${of}`, max, used: 0, wanted: seconds, never: true }];
}

/** The fairshare factor of the user in an account: 0 to 1, higher starts earlier. */
export function fairshareOf(
  { standing, user }: LimitFacts,
  account: string | undefined,
): number | undefined {
  return standing?.accounts.find((one) => one.user === user && one.account === account)?.fairshare;
}
