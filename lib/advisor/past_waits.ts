import { join } from "node:path";
import { z } from "zod";
import { ask } from "../cluster/ask.ts";
import type { Maybe } from "../cluster/detected.ts";
import { type PastWait, pastWaitsQuestion } from "../cluster/probes/past_waits.ts";
import { epochSeconds } from "../system/clock.ts";
import { writeWhole } from "../system/files.ts";
import type { AccessRequest } from "./access_cache.ts";
import { machineKey, readKept } from "./kept.ts";

const KEPT = z.object({
  asked: z.number(),
  waits: z.array(z.object({ partition: z.string(), seconds: z.number() })),
});
/** Accounting is asked for a month of jobs, and not more often than this. */
const FRESH_SECONDS = 3600;

/** How long the user's own jobs waited in the last 30 days, kept for an hour. */
export async function pastWaits(
  { ports, clock, folder, refresh = false }: AccessRequest,
): Promise<Maybe<PastWait[]>> {
  const now = epochSeconds(clock);
  const path = join(folder, `waits-${machineKey(ports)}.json`);
  const kept = readKept(path, KEPT);
  const age = kept === undefined ? Infinity : Math.max(0, now - kept.asked);
  if (kept && !refresh && age < FRESH_SECONDS) {
    return { value: kept.waits, source: `${pastWaitsQuestion.name}, asked ${age} s ago` };
  }
  const answer = await ask(ports, pastWaitsQuestion);
  if (answer.value) {
    writeWhole(path, `${JSON.stringify({ asked: now, waits: answer.value })}\n`);
  }
  return answer;
}
