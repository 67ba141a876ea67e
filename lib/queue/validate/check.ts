import {
  blockName,
  openName,
  parseBlock,
  parseClaim,
  parseDone,
  parseItem,
  parseOpen,
  parseWish,
} from "../../schedulers/queue/places.ts";
import type { Finding } from "./findings.ts";
import { hasTask, type ListedJob, type QueueListing } from "./listing.ts";

/** Seconds after which nobody works on something in `temporary` any more. */
const LEFTOVER = 3600;

/** An item somewhere. */
interface Located {
  job: number;
  task: number;
  path: string;
}

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

function* each(folders: Map<string, string[]>): Generator<[folder: string, name: string]> {
  for (const [folder, names] of folders) for (const name of names) yield [folder, name];
}

/** Items in all places but `making`, where they are being made. */
function locate({ ready, claimed, done }: QueueListing): Located[] {
  const found: Located[] = [];
  for (const [folder, name] of each(ready)) {
    const [block, item] = [parseBlock(folder), parseItem(name)];
    if (block && item) found.push({ ...block, ...item, path: `ready/${folder}/${name}` });
  }
  for (const [worker, name] of each(claimed)) {
    const claim = parseClaim(worker, name);
    if (claim) found.push({ ...claim, path: `claimed/${worker}/${name}` });
  }
  for (const [folder, name] of each(done)) {
    const [job, item] = [parseDoneFolder(folder), parseDone(name)];
    if (job !== undefined && item) {
      found.push({ job, task: item.task, path: `done/${folder}/${name}` });
    }
  }
  return found;
}

function parseDoneFolder(name: string): number | undefined {
  return parseBlock(`0000.${name}`)?.job;
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

function checkItems({ jobs, ready }: QueueListing, items: Located[]): Finding[] {
  const findings: Finding[] = [];
  for (const name of ready.keys()) {
    const block = parseBlock(name);
    if (!block || jobs.has(block.job)) continue;
    const why = `there is no job ${block.job}`;
    findings.push({ kind: "no_job", path: `ready/${name}`, why, repair: "aside" });
  }
  for (const { job, task, path } of items) {
    const known = jobs.get(job);
    if (!jobs.has(job) && !path.startsWith("ready/")) {
      findings.push({ kind: "no_job", path, why: `there is no job ${job}` });
    } else if (known && !hasTask(known, task)) {
      findings.push({ kind: "no_task", path, why: `job ${job} has no task ${task}` });
    }
  }
  for (const [key, same] of Map.groupBy(items, ({ job, task }) => `${job}_${task}`)) {
    if (same.length < 2) continue;
    const path = same.map((one) => one.path).sort().join(" and ");
    findings.push({ kind: "doubled", path, why: `${key} lies in ${same.length} places` });
  }
  return findings;
}

function checkMissing({ jobs, making, settled }: QueueListing, items: Located[]): Finding[] {
  const there = Map.groupBy(items, ({ job }) => job);
  const made = [...making.values()].flat().flatMap((name) => parseBlock(name) ?? []);
  return [...jobs].flatMap(([job, known]): Finding[] => {
    if (!known) return [];
    const unmade = new Set(known.waiting.map(Number));
    for (const block of made) if (block.job === job) unmade.add(block.block);
    const found = new Set(there.get(job)?.map(({ task }) => task));
    return [...missingTasks(known, unmade, found)].filter((task) => !settled(job, task))
      .map((task) => ({
        kind: "missing",
        path: `ready/${blockName({ ...known, job, block: blockOf(known, task) })}`,
        why: `task ${task} of job ${job} lies nowhere: submit it anew`,
      }));
  });
}

function* missingTasks(
  { tasks, blockSize }: ListedJob,
  unmade: ReadonlySet<number>,
  found: ReadonlySet<number>,
): Generator<number> {
  for (const [position, task] of tasks.entries()) {
    if (!unmade.has(Math.floor(position / blockSize)) && !found.has(task)) yield task;
  }
}

function blockOf({ tasks, blockSize }: ListedJob, task: number): number {
  return Math.floor(tasks.indexOf(task) / blockSize);
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
