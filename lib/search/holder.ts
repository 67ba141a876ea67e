import { join } from "node:path";
import { ConflictError } from "../core/errors.ts";
import {
  createLink,
  makeFolder,
  namesIn,
  readLinkIfThere,
  removeIfThere,
} from "../system/files.ts";
import { isProcessAlive, startOfProcess } from "../system/processes.ts";

/** Who drives a search. */
export interface Driver {
  /** Name of its machine. */
  host: string;
  /** Its number there. */
  pid: number;
  /** When the process started, as its system tells; empty where it does not. */
  start: string;
  /** Seconds since 1970. */
  since: number;
}

/**
 * The right to drive a search. Turns are links `driver.1`, `driver.2`, …, of which the highest
 * counts: a link is made by one process only, on every file system.
 */
export class Holder {
  private constructor(private readonly folder: string, private readonly turn: number) {}

  /**
   * Takes the next turn.
   *
   * @param force also where a process of another host has it, which cannot be looked for.
   * @throws {ConflictError} that says who drives it.
   */
  static take(id: string, folder: string, self: Driver, force = false): Holder {
    makeFolder(folder);
    for (;;) {
      const turn = lastTurn(folder);
      const holder = driverOf(folder, turn);
      if (holder && isHeld(holder, self, force)) throw heldBy(id, holder, self);
      const target = `${self.pid} ${self.start || "-"} ${self.since} ${self.host}`;
      if (!createLink(linkOf(folder, turn + 1), target)) continue;
      const taken = new Holder(folder, turn + 1);
      if (!taken.isOurs()) {
        removeIfThere(linkOf(folder, turn + 1));
        continue;
      }
      for (let old = turn; old > 0 && readLinkIfThere(linkOf(folder, old)); old--) {
        removeIfThere(linkOf(folder, old));
        removeIfThere(releaseOf(folder, old));
      }
      return taken;
    }
  }

  /** Whether nobody took a later turn: who was stopped for a while may have lost it. */
  isOurs(): boolean {
    return lastTurn(this.folder) === this.turn;
  }

  release(): void {
    createLink(releaseOf(this.folder, this.turn), "released");
  }
}

/** Who drives a search now, as far as this host can tell; `undefined` when nobody does. */
export function currentDriver(folder: string, host: string): Driver | undefined {
  const holder = driverOf(folder, lastTurn(folder));
  return holder && isHeld(holder, { host }, false) ? holder : undefined;
}

function linkOf(folder: string, turn: number): string {
  return join(folder, `driver.${turn}`);
}

function releaseOf(folder: string, turn: number): string {
  return join(folder, `released.${turn}`);
}

function lastTurn(folder: string): number {
  const turns = namesIn(folder).map((name) => Number(/^driver\.(\d+)$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...turns);
}

/** Who has a turn that was not given back. */
function driverOf(folder: string, turn: number): Driver | undefined {
  const target = turn > 0 ? readLinkIfThere(linkOf(folder, turn)) : undefined;
  const [, pid, start, since, host] = /^(\d+) (\S+) (\d+) (.+)$/.exec(target ?? "") ?? [];
  if (host === undefined || readLinkIfThere(releaseOf(folder, turn))) return undefined;
  return { pid: Number(pid), start: start === "-" ? "" : start!, since: Number(since), host };
}

function isHeld(holder: Driver, { host }: Pick<Driver, "host">, force: boolean): boolean {
  if (holder.host !== host) return !force;
  return isProcessAlive(holder.pid) && startOfProcess(holder.pid) === holder.start;
}

function heldBy(id: string, holder: Driver, { host }: Driver): ConflictError {
  const since = new Date(holder.since * 1000).toISOString();
  const elsewhere = holder.host !== host;
  return new ConflictError(
    `Cannot drive the search ${id}: process ${holder.pid} on ${holder.host} does since ${since}`,
    {
      hint: elsewhere
        ? `if it is gone, go on with --take-over; it cannot be looked for from ${host}`
        : "wait for it, or end it; `expflow search status` shows how far it is",
    },
  );
}
