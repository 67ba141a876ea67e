import { ConflictError } from "../core/errors.ts";
import type { RunState } from "../core/states.ts";
import { presences, QUIET } from "../schedulers/queue/presence.ts";
import { cancelRuns } from "../submission/cancel.ts";
import { untilAborted } from "../system/abortable.ts";
import type { Project } from "./project.ts";
import { lookAtQueue, type QueueItem, type QueueLook } from "./queue_items.ts";
import { findItems, isOpenItem } from "./queue_targets.ts";

/** How a kill went. */
export interface KillReport {
  /** Items that are cancelled now, as they waited or their processes are gone. */
  killed: string[];
  /** Items that are not cancelled all the same: they ended before it reached them, as these say. */
  otherwise: { item: string; state: RunState }[];
  /** Items that still run: their workers did not answer in time. */
  unanswered: Unanswered[];
}

/** An item that should be over, and is not. */
export interface Unanswered {
  /** Its name, `exp001/3`. */
  item: string;
  /** Who runs it. */
  worker?: string;
  /** Seconds since its worker was last heard of; absent where it never was. */
  silent?: number;
}

/** How long to wait for workers. */
export interface KillOptions {
  /** Milliseconds until they have to have ended what they run; a minute unless told. */
  patience?: number;
  /** Ends the wait; what is cancelled stays so. */
  signal?: AbortSignal;
}

const PATIENCE = 60_000;
/** Milliseconds between two looks. */
const LOOK_EVERY = 500;

/**
 * Cancels runs in the queue with all their stages, and waits until their workers have ended them. A
 * worker that is silent is not waited for.
 *
 * @throws {NotFoundError} for what is not in the queue, {ConflictError} when it is over.
 *
 * @example
 * ```ts
 * import {
 *   createExperiment,
 *   initProject,
 *   killItems,
 *   openProject,
 *   submit,
 * } from "@expflow/cli";
 *
 * const parent = Deno.makeTempDirSync();
 * const { root } = await initProject({ name: "demo", parent, cwd: parent });
 * const project = await openProject(root, { to: "queue" });
 * createExperiment(project, "exp001", { sweep: "lr=0.1,0.01" });
 * await submit(project, "exp001");
 * const { killed, unanswered } = await killItems(project, "exp001/1");
 * if (killed.join() !== "exp001/1" || unanswered.length > 0) throw new Error(killed.join());
 * ```
 */
export async function killItems(
  project: Project,
  text: string,
  { patience = PATIENCE, signal }: KillOptions = {},
): Promise<KillReport> {
  const { context } = project;
  const first = await lookAtQueue(project);
  const open = findItems(first, text).filter(isOpenItem);
  if (open.length === 0) throw over(first, text);
  for (const [id, items] of Map.groupBy(open, ({ experiment }) => experiment)) {
    await cancelRuns(context, id, new Set(items.map(({ run }) => run)));
  }
  const until = context.clock.now() + patience;
  for (;;) {
    const look = await lookAtQueue(project);
    const left = unanswered(look, open);
    const hopeless = left.every(({ worker, silent = Infinity }) => worker && silent > QUIET);
    if (hopeless || context.clock.now() >= until) {
      return { ...outcomes(look, open, new Set(left.map(({ item }) => item))), unanswered: left };
    }
    await untilAborted(context.clock.sleep(LOOK_EVERY), signal);
  }
}

function unanswered({ layout, items }: QueueLook, wanted: readonly QueueItem[]): Unanswered[] {
  const keys = new Set(wanted.map(({ item, stage }) => `${item} ${stage}`));
  const left = items.filter((one) => isOpenItem(one) && keys.has(`${one.item} ${one.stage}`));
  if (left.length === 0) return [];
  const known = new Map(presences(layout).map(({ id, silent }) => [id, silent]));
  return left.map(({ item, worker }) => {
    const silent = worker === undefined ? undefined : known.get(worker);
    return {
      item,
      ...worker === undefined ? {} : { worker },
      ...silent === undefined ? {} : { silent: Math.round(silent) },
    };
  });
}

/** What became of what is over; of what the queue no longer has, nobody knows. */
function outcomes(
  { statuses }: QueueLook,
  wanted: readonly QueueItem[],
  left: ReadonlySet<string>,
): Pick<KillReport, "killed" | "otherwise"> {
  const states = new Map<string, RunState>(
    statuses.flatMap(({ id, runs }) =>
      runs.map(({ index, state }): [string, RunState] => [`${id}/${index}`, state])
    ),
  );
  const names = [...new Set(wanted.map(({ item }) => item))].filter((item) => !left.has(item));
  const known = names.map((item) => ({
    item,
    state: states.get(item) ?? "unknown" as const,
  }));
  return {
    killed: known.flatMap(({ item, state }) => state === "cancelled" ? [item] : []),
    otherwise: known.filter(({ state }) => state !== "cancelled"),
  };
}

function over(look: QueueLook, text: string): ConflictError {
  const states = new Set(findItems(look, text).map(({ state }) => state.replaceAll("_", " ")));
  return new ConflictError(`Cannot kill ${text}: it is ${[...states].join(" or ")}`, {
    hint: "only what waits or runs can be killed",
  });
}
