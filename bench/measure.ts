/** One measurement: ours against a floor of the same run. */
export interface Measurement {
  what: string;
  ours: number;
  floor: number;
  /** What the floor is. */
  floorIs: string;
  /** Of both; ms unless told. */
  unit?: string;
  /** Ours may be at most this many times the floor. */
  limit: number;
}

/** Median of milliseconds. */
export function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Runs two things in turn, so that both see the same machine. @returns their medians, in ms. */
export async function alternate(
  rounds: number,
  ours: () => Promise<void>,
  floor: () => Promise<void>,
): Promise<{ ours: number; floor: number }> {
  const times = { ours: [] as number[], floor: [] as number[] };
  await ours();
  await floor();
  for (let round = 0; round < rounds; round++) {
    times.floor.push(await timed(floor));
    times.ours.push(await timed(ours));
  }
  return { ours: median(times.ours), floor: median(times.floor) };
}

/** Milliseconds that something takes. */
export async function timed(action: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** The table that the README quotes. */
export function markdown(measurements: readonly Measurement[]): string {
  const rows = measurements.map(({ what, ours, floor, floorIs, limit, unit = "ms" }) =>
    `| ${what} | ${ours.toFixed(0)} ${unit} | ${floorIs}: ${floor.toFixed(0)} ${unit} | ${
      (ours / floor).toFixed(1)
    } | ≤ ${Number(limit.toPrecision(3))} |`
  );
  return ["| What | expflow | Floor | Ratio | Wanted |", "| --- | --- | --- | --- | --- |", ...rows]
    .join("\n");
}
