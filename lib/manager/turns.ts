import { heldBy, takeTurn, type TurnKind } from "../store/turn.ts";
import type { Project } from "./project.ts";

/** How long another process is waited for. */
const MOST_MS = 120_000;

/** What tells one turn from the others. */
export function turnOf({ context: { host, clock } }: Project, kind: TurnKind, id: string) {
  return { kind, id, host, now: clock.now() };
}

/**
 * Does something that one process at a time may do with an experiment, after the others.
 *
 * @throws {ConflictError} when another one has it for two minutes.
 */
export async function inTurn<T>(
  project: Project,
  kind: TurnKind,
  id: string,
  act: () => Promise<T>,
): Promise<T> {
  const { clock } = project.context;
  const until = clock.now() + MOST_MS;
  for (;;) {
    const taken = takeTurn(project.layout, turnOf(project, kind, id));
    if ("giveBack" in taken) return await act().finally(taken.giveBack);
    if (clock.now() > until) throw heldBy(kind, id, taken.holder);
    await clock.sleep(10 + 40 * Math.random());
  }
}

/**
 * The same without waiting.
 *
 * @throws {ConflictError} when another process has it.
 */
export async function inTurnNow<T>(
  project: Project,
  kind: TurnKind,
  id: string,
  act: () => Promise<T>,
): Promise<T> {
  const taken = takeTurn(project.layout, turnOf(project, kind, id));
  if ("holder" in taken) throw heldBy(kind, id, taken.holder);
  return await act().finally(taken.giveBack);
}
