import {
  openName,
  parseBlock,
  parseClaim,
  parseDone,
  parseItem,
  parseOpen,
  parseWish,
} from "../../schedulers/queue/places.ts";
import type { Finding } from "./findings.ts";
import { checkItems, checkMissing } from "./check_items.ts";
import type { QueueListing } from "./listing.ts";
import { each, locate, type Located, parseDoneFolder } from "./located.ts";

/** Seconds after which nobody works on something in `temporary` any more. */
const LEFTOVER = 3600;

/** Everything that is wrong, in the order of the places. */
export function checkListing(listing: QueueListing): Finding[] {
  const items = locate(listing);
  return [
    ...checkNames(listing),
    ...checkJobs(listing),
    ...checkOpen(listing),
    ...checkWorkers(listing),
    ...checkItems(listing, items),
    ...checkMissing(listing, items),
    ...checkWishes(listing, items),
    ...checkTemporary(listing),
  ];
}

function checkNames(
  { otherJobs, open, wishes, ready, claimed, making, done }: QueueListing,
): Finding[] {
  const strange = (path: string): Finding => ({
    kind: "strange",
    path,
    why: "no name of the queue's",
  });
  const bad: string[] = [
    ...otherJobs.map((name) => `jobs/${name}`),
    ...open.filter((name) => !parseOpen(name)).map((name) => `open/${name}`),
    ...wishes.filter((name) => !parseWish(name)).map((name) => `wishes/${name}`),
    ...[...ready.keys()].filter((name) => !parseBlock(name)).map((name) => `ready/${name}`),
    ...[...done.keys()].filter((name) => parseDoneFolder(name) === undefined)
      .map((name) => `done/${name}`),
  ];
  const within: [string, Map<string, string[]>, (folder: string, name: string) => unknown][] = [
    ["ready", ready, (_, name) => parseItem(name)],
    ["claimed", claimed, parseClaim],
    ["making", making, (_, name) => parseBlock(name)],
    ["done", done, (_, name) => parseDone(name)],
  ];
  for (const [place, folders, parse] of within) {
    for (const [folder, name] of each(folders)) {
      if (!parse(folder, name)) bad.push(`${place}/${folder}/${name}`);
    }
  }
  return bad.map(strange);
}

function checkJobs({ jobs, open }: QueueListing): Finding[] {
  const looked = new Set(open.flatMap((name) => parseOpen(name)?.job ?? []));
  return [...jobs].flatMap(([job, known]): Finding[] => {
    if (!known) return [{ kind: "strange", path: `jobs/${job}`, why: "job.json cannot be read" }];
    const { waiting, priority } = known;
    if (waiting.length === 0 || looked.has(job)) return [];
    const why = `${waiting.length} blocks of job ${job} wait, and no worker looks for them`;
    return [{
      kind: "not_open",
      path: `open/${openName({ job, priority })}`,
      why,
      repair: "create",
    }];
  });
}

function checkOpen({ jobs, open }: QueueListing): Finding[] {
  return open.flatMap((name): Finding[] => {
    const job = parseOpen(name)?.job;
    if (job === undefined || (jobs.has(job) && (jobs.get(job)?.waiting.length ?? 1) > 0)) return [];
    const why = `nothing of job ${job} waits to be made ready`;
    return [{ kind: "needlessly_open", path: `open/${name}`, why, repair: "close" }];
  });
}

function checkWorkers({ claimed, making, recorded }: QueueListing): Finding[] {
  return [["claimed", claimed] as const, ["making", making] as const].flatMap(([place, folders]) =>
    [...folders].filter(([worker]) => !recorded.has(worker)).map(([worker, names]): Finding => ({
      kind: "stranger",
      path: `${place}/${worker}`,
      ...names.length === 0
        ? { why: "an empty folder of a worker without a record", repair: "remove_empty" }
        : { why: `it has ${names.length} names and left no record: recover it by its name` },
    }))
  );
}

function checkWishes({ jobs, wishes }: QueueListing, items: Located[]): Finding[] {
  const ended = Map.groupBy(items.filter(({ path }) => path.startsWith("done/")), ({ job }) => job);
  return wishes.flatMap((name): Finding[] => {
    const wish = parseWish(name);
    if (!wish) return [];
    const known = jobs.get(wish.job);
    const path = `wishes/${name}`;
    if (!jobs.has(wish.job)) {
      return [{ kind: "idle_wish", path, why: `there is no job ${wish.job}`, repair: "remove" }];
    }
    // what was cancelled is known by the wish alone
    const over = known && (ended.get(wish.job)?.length ?? 0) >= known.tasks.length;
    if (wish.kind === "cancel" || !over) return [];
    return [{ kind: "idle_wish", path, why: `job ${wish.job} is over`, repair: "remove" }];
  });
}

function checkTemporary({ temporary }: QueueListing): Finding[] {
  return [...temporary].flatMap(([name, age]): Finding[] => {
    const path = `temporary/${name}`;
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name)) {
      return [{ kind: "strange", path, why: "put aside, or no name of the queue's" }];
    }
    if (age < LEFTOVER) return [];
    const why = `unchanged for ${Math.floor(age / 60)} min`;
    return [{ kind: "leftover", path, why, repair: "remove" }];
  });
}
