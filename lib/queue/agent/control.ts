import { join } from "node:path";
import type { QueueLayout } from "../../schedulers/queue/places.ts";
import { createExclusive, makeFolder, namesIn } from "../../system/files.ts";
import type { WorkerOrders } from "../working.ts";
import { controlFolder } from "./places.ts";

type Queue = Pick<QueueLayout, "folder">;
type Order = NonNullable<WorkerOrders["order"]>;

/** Tells agents what to do: all of a fleet, one by its id. It holds for those that start later, too. */
export function giveOrder(queue: Queue, order: Order, to: string): void {
  makeFolder(controlFolder(queue));
  createExclusive(join(controlFolder(queue), `${order}.${to}`));
}

/** What users want of an agent of a fleet; to stop is stronger. */
export function readOrder(
  queue: Queue,
  { id, fleet }: { id?: string; fleet: number },
): Order | undefined {
  const names = new Set(namesIn(controlFolder(queue)));
  const given = (order: Order): boolean =>
    [order, `${order}.${fleet}`, `${order}.${id}`].some((name) => names.has(name));
  return given("stop") ? "stop" : given("drain") ? "drain" : undefined;
}
