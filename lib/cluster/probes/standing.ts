import type { Tres } from "../../core/tres.ts";
import type { Question } from "../ask.ts";

/** A limit on a sum, and what of it is used now. */
export interface UsedLimit {
  max: number;
  used: number;
}

/** What an account, or a user in one, may have at once and has now. */
export interface AccountStanding {
  account: string;
  /** Absent for the account itself, with all that is below it. */
  user?: string;
  /** The account above; absent for a user and the root. */
  parent?: string;
  /** GrpTRES that are limited; `mem` in MiB. */
  group: Record<string, UsedLimit>;
  /** MaxTRES of one job. */
  perJob: Tres;
  /** MaxWall of one job, in seconds. */
  maxWall?: number;
  /** 0 to 1, higher is better; of users only, and only where fairshare counts. */
  fairshare?: number;
}

/** What jobs of one QOS have now. */
export interface QosStanding {
  name: string;
  /** TRES → used by all its jobs. */
  used: Tres;
  /** TRES → used by this user's. */
  usedByUser: Tres;
}

/** Limits and use as the controller has them in memory. */
export interface Standing {
  accounts: AccountStanding[];
  qos: QosStanding[];
}

/** What the controller counts for a user: only there limits and use are seen together. */
export function standingQuestion(user: string): Question<Standing> {
  return {
    argv: ["scontrol", "--oneliner", "show", "assoc_mgr", `users=${user}`, "flags=assoc,qos"],
    name: "scontrol show assoc_mgr",
    parse: (stdout) => parseStanding(stdout, user),
  };
}

/** Reads the lines of associations and QOS. */
export function parseStanding(stdout: string, user: string): Standing | undefined {
  const lines = stdout.split("\n");
  const accounts = lines.flatMap((line) => readAccount(line, user) ?? []);
  const ids = [...stdout.matchAll(/ UserName=([^( ]+)\((\d+)\)/g)];
  const id = ids.find(([, name]) => name === user)?.[2];
  const qos = lines.flatMap((line) => readQos(line, id) ?? []);
  return accounts.length + qos.length === 0 && !/records/i.test(stdout)
    ? undefined
    : { accounts, qos };
}

function valueOf(line: string, key: string): string {
  return new RegExp(`(?:^| )${key}=(\\S*)`).exec(line)?.[1] ?? "";
}

function readAccount(line: string, wanted: string): AccountStanding | undefined {
  const account = valueOf(line, "Account");
  if (!line.startsWith("ClusterName=") || account === "") return undefined;
  const user = valueOf(line, "UserName").replace(/\(\d+\)$/, "");
  if (user !== "" && user !== wanted) return undefined;
  const [, factor] = /SharesRaw\/Norm\/Level\/Factor=[^/ ]*\/[^/ ]*\/[^/ ]*\/([\d.]+)/.exec(line) ??
    [];
  const parent = valueOf(line, "ParentAccount").replace(/\(\d+\)$/, "");
  const minutes = valueOf(line, "MaxWallPJ");
  return {
    account,
    ...user === "" ? {} : { user },
    ...parent === "" ? {} : { parent },
    group: limited(valueOf(line, "GrpTRES")),
    perJob: counts(valueOf(line, "MaxTRESPJ")),
    ...minutes === "" ? {} : { maxWall: Number(minutes) * 60 },
    ...user === "" || factor === undefined ? {} : { fairshare: Number(factor) },
  };
}

function readQos(line: string, userId: string | undefined): QosStanding | undefined {
  const name = /^QOS=([^( ]+)\(\d+\)/.exec(line)?.[1];
  if (name === undefined) return undefined;
  const users = line.slice(line.indexOf(" User Limits="));
  const own = userId === undefined
    ? undefined
    // `2001={…}`, and `alice(2001)={…}` in newer versions
    : new RegExp(`[ =(]${userId}\\)?=\\{([^}]*)\\}`).exec(users)?.[1];
  return {
    name,
    used: used(valueOf(line, "GrpTRES")),
    usedByUser: used(valueOf(own ?? "", "MaxTRESPU")),
  };
}

/** `cpu=8(2),gres/gpu=N(1)` → its names with limit and use; `N` is no limit. */
function entries(text: string): [string, string, number][] {
  return [...text.matchAll(/([^,=]+)=(N|\d+)\((\d+)\)/g)]
    .map(([, name, max, now]) => [name!.toLowerCase(), max!, Number(now)]);
}

function limited(text: string): Record<string, UsedLimit> {
  return Object.fromEntries(
    entries(text).flatMap(([name, max, now]) =>
      max === "N" ? [] : [[name, { max: Number(max), used: now }]]
    ),
  );
}

function used(text: string): Tres {
  return Object.fromEntries(entries(text).map(([name, , now]) => [name, now]));
}

function counts(text: string): Tres {
  return Object.fromEntries(
    [...text.matchAll(/([^,=]+)=(\d+)/g)].map((
      [, name, max],
    ) => [name!.toLowerCase(), Number(max)]),
  );
}
