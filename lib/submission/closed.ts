import { refuseArchived } from "../store/archive_record.ts";
import { heldBy, turnHolders } from "../store/turn.ts";
import type { SubmissionContext } from "./context.ts";

/** @throws {ConflictError} while the experiment is archived, or is being archived or restored. */
export function refuseClosed({ layout, host, clock }: SubmissionContext, id: string): void {
  refuseArchived(layout, id, "submit");
  const [holder] = turnHolders(layout, { kind: "archive", id, host, now: clock.now() });
  if (holder) throw heldBy("submit", id, holder);
}
