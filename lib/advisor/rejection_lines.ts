import type { Rejection } from "./candidates.ts";

/** Why places were left out, those with one reason together. */
export function rejectionLines(rejected: readonly Rejection[]): string[] {
  const reasons = Map.groupBy(rejected, ({ reason, source }) => `${reason} (${source})`);
  return Array.from(reasons, ([reason, some]) => {
    const places = some.map(({ partition, gpuType, nodes }) =>
      [partition, gpuType, nodes === undefined ? undefined : `on ${nodes}`]
        .filter((word) => word !== undefined).join(" ")
    );
    return `${[...new Set(places)].join(", ")}: ${reason}`;
  });
}
