import { unwish } from "../schedulers/queue/control.ts";
import { perform } from "../schedulers/queue/disk.ts";
import { type End, endClaim, giveBack } from "../schedulers/queue/end.ts";
import type { Claim, QueueLayout } from "../schedulers/queue/places.ts";
import { currentWishes } from "../schedulers/queue/wishes.ts";
import { epochSeconds } from "../system/clock.ts";
import type { Attended } from "./attend.ts";
import { askedBy } from "./chooser.ts";
import type { Ended } from "./running.ts";
import type { Working } from "./working.ts";

/** What Slurm says of a job that could not be started. */
const CANNOT_START = 128 + 53;

/** Notes how a task ended, unless the claim is somebody else's by now. */
export function conclude(
  { place: { layout }, system, tell }: Pick<Working, "place" | "system" | "tell">,
  claim: Claim,
  { ended, ending }: Attended,
): void {
  const { job, task, restart } = claim;
  const code = codeOf(ended);
  const about = { job, task, restart, code };
  if (ending === "lost") return tell("refused", about);
  const asked = askedOf(layout, claim);
  const wantsAgain = asked === "again" || (ending === "again" && code !== 0);
  if (wantsAgain && ending !== "cancel" && ending !== "timeout") {
    const given = perform(giveBack(layout, claim, restart + 1));
    unwish(layout, { kind: "requeue", job, task });
    return tell(given ? "again" : "refused", about);
  }
  const how = ending === "timeout" ? ending : asked === "cancel" ? asked : "end";
  const end: End = { how, code, started: claim.since, ended: epochSeconds(system.clock) };
  tell(perform(endClaim(layout, claim, end)) ? "end" : "refused", { ...about, how });
}

/** Notes that a task was cancelled before it began. */
export function concludeUnstarted(
  { place: { layout }, system, tell }: Pick<Working, "place" | "system" | "tell">,
  claim: Claim,
): void {
  const { job, task, restart } = claim;
  const end: End = { how: "cancel", code: 0, started: 0, ended: epochSeconds(system.clock) };
  const about = { job, task, restart, how: end.how };
  tell(perform(endClaim(layout, claim, end)) ? "end" : "refused", about);
}

function codeOf(ended: Ended): number {
  return "code" in ended ? ended.code : CANNOT_START;
}

/** What was asked of a task, perhaps too late for it to be ended for that. */
function askedOf(layout: QueueLayout, claim: Claim): "cancel" | "again" | undefined {
  return askedBy(perform(currentWishes(layout)), claim);
}
