import type { AccessCell } from "../cluster/access.ts";
import type { Partition } from "../cluster/probes/partitions.ts";
import type { Hold } from "./limits.ts";
import type { AdviceRequest } from "./request.ts";

/** Why a place is out of the question. */
export interface Objection {
  reason: string;
  /** The list or command that said so. */
  source: string;
}

/** What the user may charge there, as far as the request leaves it open. */
export function openCells(
  { resources: { account, qos } }: AdviceRequest,
  cells: readonly AccessCell[],
  { name }: Partition,
): AccessCell[] | Objection {
  const here = cells.filter((one) => one.partition === name);
  const asked = here.filter((one) =>
    (account === undefined || one.account === undefined || one.account === account) &&
    (qos === undefined || one.qos === undefined || one.qos === qos)
  );
  const open = asked.filter(({ access }) => access !== "denied");
  if (open.length > 0) return open;
  if (asked.length > 0) return { reason: asked[0]!.reason, source: asked[0]!.source };
  if (here.length === 0) return { reason: "it is not in the map of access", source: "partitions" };
  const what = [account && `account ${account}`, qos && `QOS ${qos}`].filter(Boolean);
  return { reason: `you have no ${what.join(" with ")} there`, source: here[0]!.source };
}

/** What a job may be charged to, with what speaks for it. */
export interface Charge {
  cell: AccessCell;
  holds?: Hold[];
  fairshare?: number;
}

/** What is known to be open and held by nothing, then the user's defaults, then fairshare. */
export function byPreference(a: Charge, b: Charge): number {
  const order = ({ cell, holds = [], fairshare = 0 }: Charge) => [
    cell.access === "allowed" ? 0 : 1,
    holds.length,
    cell.defaultQos ? 0 : 1,
    cell.defaultAccount ? 0 : 1,
    -fairshare,
  ];
  const [left, right] = [order(a), order(b)];
  const at = left.findIndex((value, i) => value !== right[i]);
  const names = ({ cell }: Charge) => `${cell.account ?? ""} ${cell.qos ?? ""}`;
  return at < 0 ? names(a).localeCompare(names(b)) : left[at]! - right[at]!;
}
