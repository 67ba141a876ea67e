import type { DetectionPorts } from "../cluster/ports.ts";
import { formatDuration } from "../core/durations.ts";
import { secondsOf } from "./request.ts";
import type { AdvisedPlace } from "./places.ts";
import { askStart, type Directives } from "./starts.ts";

/** A time limit with which a job would start earlier, as it fits before another one. */
export interface TimeHint {
  /** As sbatch takes it. */
  time: string;
  /** When it would start, in seconds since 1970. */
  epoch: number;
  /** How many seconds earlier. */
  earlier: number;
  /** The command that said so. */
  source: string;
}

/** A start that near is not worth a shorter limit. */
const SOON_SECONDS = 300;
const PARTS = [2, 4];

/** Asks whether half the time, or a quarter, would start earlier; only for a job that has to wait. */
export async function timeHint(
  ports: DetectionPorts,
  best: AdvisedPlace | undefined,
  now: number,
  directives: Directives,
): Promise<TimeHint | undefined> {
  const seconds = best && secondsOf(best.resources);
  if (!best?.start || seconds === undefined) return undefined;
  const { epoch } = best.start;
  if (epoch - now < SOON_SECONDS) return undefined;
  for (const part of PARTS) {
    const time = formatDuration(Math.max(60, Math.floor(seconds / part / 60) * 60));
    const start = await askStart(ports, { ...best.resources, time }, directives);
    if (start.kind !== "start" || epoch - start.epoch < SOON_SECONDS) continue;
    return { time, epoch: start.epoch, earlier: epoch - start.epoch, source: start.source };
  }
  return undefined;
}
