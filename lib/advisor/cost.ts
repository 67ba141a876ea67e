import type { Partition } from "../cluster/probes/partitions.ts";
import type { Tres } from "../core/tres.ts";

/** What a job is charged, if it runs up to its time limit. */
export interface ExpectedCost {
  /** Billing units × hours; `null` where it cannot be known. */
  billingHours: number | null;
  /** The weights, or why it cannot be known. */
  source: string;
}

/**
 * What the partition's weights make of a job. Without weights Slurm bills its CPUs.
 *
 * @param billsMax the dearest resource counts alone (`PriorityFlags=MAX_TRES`).
 */
export function expectedCost(
  { name, billing }: Pick<Partition, "name" | "billing">,
  tres: Tres,
  seconds: number | undefined,
  billsMax: boolean | undefined,
): ExpectedCost {
  if (seconds === undefined) return { billingHours: null, source: "the time limit is not known" };
  const weights = billing ?? { cpu: 1 };
  const open = Object.keys(weights).filter((one) => one === "mem" && tres[one] === undefined);
  if (open.length > 0) {
    return { billingHours: null, source: `${name} bills ${open.join()}, which is not given` };
  }
  const parts = Object.entries(weights).map(([one, weight]) => weight * (tres[one] ?? 0));
  const sum = billsMax ? Math.max(...parts) : parts.reduce((all, part) => all + part, 0);
  const source = billing === undefined
    ? `${name} has no TRESBillingWeights: CPUs are billed`
    : `TRESBillingWeights of ${name}`;
  return { billingHours: sum * seconds / 3600, source };
}
