import { boostSteps } from "../../../lib/schedulers/queue/control.ts";
import { moveInto } from "../../../lib/schedulers/queue/end.ts";
import { blockName, claimName, doneName, itemName } from "../../../lib/schedulers/queue/places.ts";
import { LAYOUT, type ModelJob, type Protocol, QueueWorld } from "./world.ts";

const BLOCK = { priority: 500, job: 1, block: 0 };
const B = blockName(BLOCK);
const OPEN = "open/0500.00000001";
const claimed = (task: number, restart = 0): string =>
  claimName({ ...BLOCK, task, restart, since: 900 });
const ready = (task: number): string => `ready/${B}/${itemName({ task, restart: 0 })}`;
const folders = (...names: string[]): string[] =>
  names.flatMap((name) => [`making/${name}/`, `claimed/${name}/`]);
const waiting = ["jobs/1/waiting/0/", OPEN];
const one: ModelJob = { tasks: 1, blockSize: 1 };
const two: ModelJob = { tasks: 2, blockSize: 2 };

const done = doneName({
  task: 0,
  restart: 0,
  how: "end",
  code: 1,
  started: 800,
  ended: 900,
  worker: "old",
});
const requeued = () =>
  moveInto(
    `${LAYOUT.ready}/${B}`,
    `${LAYOUT.done}/00000001.00000/${done}`,
    itemName({ task: 0, restart: 1 }),
  );

/** Everything that is tried, by what it is. */
export const SCENARIOS: Record<string, (protocol: Protocol) => QueueWorld> = {
  "two workers claim from one block": (protocol) =>
    new QueueWorld(two, protocol, [...folders("a", "b"), ready(0), ready(1)])
      .worker("a", 2).worker("b", 1),
  "two workers make a block": (protocol) =>
    new QueueWorld(two, protocol, [...folders("a", "b"), ...waiting])
      .worker("a", 1).worker("b", 1),
  "two workers make two blocks": (protocol) =>
    new QueueWorld({ tasks: 2, blockSize: 1 }, protocol, [
      ...folders("a", "b"),
      ...waiting,
      "jobs/1/waiting/1/",
    ]).worker("a", 1).worker("b", 1),
  "a throttled job": (protocol) =>
    new QueueWorld({ ...two, throttle: 1 }, protocol, [...folders("a", "b"), ready(0), ready(1)])
      .worker("a", 1).worker("b", 1),
  "a worker completes while two recover it": (protocol) =>
    new QueueWorld(one, protocol, [...folders("z", "r", "s"), `claimed/z/${claimed(0)}`])
      .completing("z", claimed(0)).recovering("r", "z").recovering("s", "z"),
  "a worker completes while it is recovered and another one claims": (protocol) =>
    new QueueWorld(one, protocol, [...folders("z", "r", "a"), `claimed/z/${claimed(0)}`])
      .completing("z", claimed(0)).recovering("r", "z").worker("a", 1),
  "a poisonous item": (protocol) =>
    new QueueWorld({ ...one, maxRestarts: 1 }, protocol, [
      ...folders("z", "r", "s"),
      `claimed/z/${claimed(0, 1)}`,
    ]).completing("z", claimed(0, 1)).recovering("r", "z").recovering("s", "z"),
  "a worker gives back while two recover it": (protocol) =>
    new QueueWorld(one, protocol, [...folders("z", "r", "s"), `claimed/z/${claimed(0)}`])
      .givingBack("z", claimed(0)).recovering("r", "z").recovering("s", "z"),
  "a worker gives back while another one looks": (protocol) =>
    new QueueWorld(one, protocol, [...folders("z", "a"), `claimed/z/${claimed(0)}`])
      .givingBack("z", claimed(0)).worker("a", 1),
  "a worker gives back unstarted while it is recovered": (protocol) =>
    new QueueWorld(one, protocol, [...folders("z", "r", "a"), `claimed/z/${claimed(0)}`])
      .givingBack("z", claimed(0), 0).recovering("r", "z").worker("a", 1),
  "a worker claims while two recover it": (protocol) =>
    new QueueWorld(two, protocol, [...folders("z", "r", "s"), ready(0), ready(1)])
      .worker("z", 1).recovering("r", "z").recovering("s", "z"),
  "a worker fills a block while two recover it": (protocol) =>
    new QueueWorld(two, protocol, [...folders("z", "r", "s"), `making/z/${B}/`])
      .filling("z", B).recovering("r", "z").recovering("s", "z"),
  "a worker leaves while it is recovered": (protocol) =>
    new QueueWorld({ tasks: 3, blockSize: 2 }, protocol, [
      ...folders("z", "r"),
      ready(1),
      `claimed/z/${claimed(0)}`,
      `making/z/${blockName({ ...BLOCK, block: 1 })}/`,
    ]).leaving("z").recovering("r", "z"),
  "a worker makes a block while it is recovered": (protocol) =>
    new QueueWorld(one, protocol, [...folders("z", "r", "a"), ...waiting])
      .worker("z", 1).recovering("r", "z").worker("a", 1),
  "a boost while a worker claims": (protocol) =>
    new QueueWorld(two, protocol, [...folders("a"), ready(0), ready(1)])
      .worker("a", 1).doing("boost", () => boostSteps(LAYOUT, 1, 900)),
  "a boost while a worker makes a block": (protocol) =>
    new QueueWorld(one, protocol, [...folders("a"), ...waiting])
      .worker("a", 1).doing("boost", () => boostSteps(LAYOUT, 1, 900)),
  "two boosts while a worker claims": (protocol) =>
    new QueueWorld(one, protocol, [...folders("a"), ready(0)])
      .worker("a", 1)
      .doing("up", () => boostSteps(LAYOUT, 1, 900))
      .doing("down", () => boostSteps(LAYOUT, 1, 100)),
  "a boost while an item is given back": (protocol) =>
    new QueueWorld(one, protocol, [...folders("z", "a"), `claimed/z/${claimed(0)}`])
      .givingBack("z", claimed(0))
      .doing("boost", () => boostSteps(LAYOUT, 1, 900))
      .worker("a", 1),
  "two requeue what is over": (protocol) =>
    new QueueWorld(one, protocol, [...folders("a"), `done/00000001.00000/${done}`])
      .doing("first", requeued).doing("second", requeued).worker("a", 1),
  "a cancelled job": (protocol) =>
    new QueueWorld(two, protocol, [
      ...folders("a", "b"),
      ready(0),
      ready(1),
      "wishes/cancel.1.all.5",
    ])
      .worker("a", 1).worker("b", 1),
  "a cancelled task": (protocol) =>
    new QueueWorld(two, protocol, [...folders("a", "b"), ready(0), ready(1), "wishes/cancel.1.0.5"])
      .worker("a", 1).worker("b", 1),
};
