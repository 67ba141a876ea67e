import { join } from "node:path";
import { claimPath } from "../../../lib/schedulers/queue/claim.ts";
import type { End } from "../../../lib/schedulers/queue/end.ts";
import {
  blockName,
  type Claim,
  claimName,
  doneFolder,
  doneName,
  itemName,
  type QueueLayout,
} from "../../../lib/schedulers/queue/places.ts";
import type { Recoverer } from "../../../lib/schedulers/queue/recover.ts";
import {
  type Answer,
  create,
  makeFolder,
  move,
  remove,
  type Step,
  type Steps,
} from "../../../lib/schedulers/queue/steps.ts";
import { PROTOCOL, type Protocol } from "./world.ts";

/** Steps of the real protocol, some of them done otherwise. */
function* altered<T>(
  steps: Steps<T>,
  other: (step: Step) => Steps<Answer> | undefined,
): Steps<T> {
  let next = steps.next();
  while (!next.done) {
    const replaced = other(next.value);
    next = steps.next(replaced ? yield* replaced : yield next.value);
  }
  return next.value;
}

function* copy(step: Step): Steps<Answer> {
  if (step.do !== "rename") return yield step;
  const made = yield* create(step.to);
  if (made === "absent") return false;
  yield* remove(step.from);
  return true;
}

// deno-lint-ignore require-yield
function* answered(answer: Answer): Steps<Answer> {
  return answer;
}

const renames = (step: Step) => step.do === "rename" ? copy(step) : undefined;
const keepsFolders = (step: Step) => step.do === "removeFolder" ? answered(true) : undefined;
const trusts = (step: Step) => step.do === "exists" ? answered(false) : undefined;

/** Completes whatever it believes to have. */
function* blindEnd(layout: QueueLayout, claim: Claim, end: End): Steps<boolean> {
  const folder = doneFolder(layout, claim);
  yield* makeFolder(folder);
  yield* create(join(folder, doneName({ ...claim, ...end })));
  yield* remove(claimPath(layout, claim));
  return true;
}

/** Believes that a folder which was made is there. */
function* hastyGiveBack(layout: QueueLayout, claim: Claim, restart: number): Steps<boolean> {
  const folder = join(layout.ready, blockName(claim));
  yield* makeFolder(folder);
  const from = join(layout.claimed, claim.worker, claimName(claim));
  return yield* move(from, join(folder, itemName({ task: claim.task, restart })));
}

/** Decides anew whether a block may be made, and sees less. */
function forgetful(recoverer: Recoverer): Recoverer {
  return { ...recoverer, remaining: () => [] };
}

/** Protocols with a defect each, and a scenario that shows it. */
export const BROKEN: { what: string; shownBy: string; protocol: Protocol; faults: number }[] = [
  {
    what: "completes without a look whether the claim is its own",
    shownBy: "a worker completes while two recover it",
    protocol: { ...PROTOCOL, endClaim: blindEnd },
    faults: 0,
  },
  {
    what: "recovers by copy and removal",
    shownBy: "a worker completes while it is recovered and another one claims",
    protocol: {
      ...PROTOCOL,
      recoverWorker: (recoverer, lost) => altered(PROTOCOL.recoverWorker(recoverer, lost), renames),
    },
    faults: 0,
  },
  {
    what: "claims by copy and removal",
    shownBy: "two workers claim from one block",
    protocol: {
      ...PROTOCOL,
      claimNext: (seeker, view) => altered(PROTOCOL.claimNext(seeker, view), renames),
    },
    faults: 0,
  },
  {
    what: "leaves a lost worker its folders",
    shownBy: "a worker claims while two recover it",
    protocol: {
      ...PROTOCOL,
      recoverWorker: (recoverer, lost) =>
        altered(PROTOCOL.recoverWorker(recoverer, lost), keepsFolders),
    },
    faults: 0,
  },
  {
    what: "believes that a rename was not done",
    shownBy: "two workers claim from one block",
    protocol: {
      ...PROTOCOL,
      claimNext: (seeker, view) => altered(PROTOCOL.claimNext(seeker, view), trusts),
    },
    faults: 1,
  },
  {
    what: "gives back into a folder that may be removed meanwhile",
    shownBy: "a worker gives back while another one looks",
    protocol: { ...PROTOCOL, giveBack: hastyGiveBack },
    faults: 0,
  },
  {
    what: "makes a recovered block of what it sees now",
    shownBy: "a worker fills a block while two recover it",
    protocol: {
      ...PROTOCOL,
      recoverWorker: (recoverer, lost) => PROTOCOL.recoverWorker(forgetful(recoverer), lost),
    },
    faults: 0,
  },
];
