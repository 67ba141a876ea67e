import { NoRoomError, SchedulerError } from "../core/errors.ts";
import { agentsFolder, fleetFolder } from "../queue/agent/places.ts";
import { readStatus } from "../queue/agent/status.ts";
import { type Alive, countDemand, type Demand, wantedAllocations } from "../queue/fleet/demand.ts";
import { type Fleet, fleetScript, isClosed } from "../queue/fleet/fleet.ts";
import { openQueue } from "../schedulers/queue/open.ts";
import type { QueueLayout } from "../schedulers/queue/places.ts";
import { isOver, type Scheduler, type TaskReport } from "../schedulers/scheduler.ts";
import { arraySpec } from "../script/directives.ts";
import { namesIn } from "../system/files.ts";
import { readJournal } from "../store/journal.ts";
import { submitOnce } from "../submission/submit_once.ts";
import { parseDuration } from "../core/durations.ts";
import type { Project } from "./project.ts";
import { machineScheduler } from "./schedulers.ts";

/** Where a project's queue lies. */
export function queueOf({ layout }: Project): QueueLayout {
  return openQueue(layout.queue);
}

/** A project whose scheduler is the one that has machines, and not the queue. */
export function onMachines(project: Project): Project {
  const scheduler = machineScheduler(project);
  return { ...project, context: { ...project.context, scheduler } };
}

/** The scheduler that has the allocations of a fleet. @throws {SchedulerError} elsewhere. */
export function schedulerOf({ context }: Project, { scheduler, host, number }: Fleet): Scheduler {
  const found = context.schedulerOf({ scheduler, host });
  if (found) return found;
  throw new SchedulerError(
    `Cannot ask about fleet ${number}: ${scheduler} on ${host} cannot be asked here`,
    { hint: `do it on ${host}` },
  );
}

const STAGE = "launch";

/** The jobs of a fleet, in the order of their submission; nothing where there is none yet. */
function jobsOf(project: Project, { number }: Fleet): (string | undefined)[] {
  const { chunks } = readJournal(fleetFolder({ folder: project.layout.queue }, number));
  const all: (string | undefined)[] = [];
  for (const [key, { jobs }] of chunks) all[Number(key.slice(STAGE.length + 1))] = jobs[0];
  return Array.from(all);
}

/** All allocations of a fleet, as its scheduler has them; `UNKNOWN` where nobody can say. */
export async function allocationsOf(project: Project, fleet: Fleet): Promise<TaskReport[]> {
  const jobs = jobsOf(project, fleet).filter((job) => job !== undefined);
  if (jobs.length === 0) return [];
  const reports = await schedulerOf(project, fleet).states(jobs);
  return jobs.flatMap((job): TaskReport[] => {
    const report = reports.get(job);
    if (report?.known) return report.tasks;
    const reason = report?.why ?? "nobody answered";
    // where every source answered and none has it, it is over, whatever became of it
    const denials = report && "denials" in report ? report.denials : undefined;
    return [{ job, state: "UNKNOWN", reason, source: fleet.scheduler, ...denials && { denials } }];
  });
}

/** Whether an allocation is surely over. */
export function isGone({ state, denials }: TaskReport): boolean {
  return isOver(state) || denials !== undefined;
}

function alive(all: readonly TaskReport[]): Alive {
  const living = all.filter((one) => !isGone(one));
  const pending = living.filter(({ state }) => state === "PENDING").length;
  return { pending, running: living.length - pending };
}

/** What a look at a fleet led to. */
export interface ToppedUp {
  fleet: number;
  /** Items in the queue. */
  demand: Demand;
  /** Allocations before. */
  alive: Alive;
  /** Allocations that had not begun, and for which there is no work any more: cancelled now. */
  cancelled: number;
  /** Allocations submitted now, and their job. */
  submitted: number;
  job?: string;
  /** Why fewer than were asked for. */
  why?: string;
}

/** Counts the items that workers of a fleet could take. */
export function demandFor(
  layout: QueueLayout,
  { cpus, gpus, resources: { time } }: Pick<Fleet, "cpus" | "gpus" | "resources">,
): Demand {
  return countDemand(layout, {
    cpus,
    gpus,
    ...time ? { time: parseDuration(time) || Infinity } : {},
  });
}

/**
 * Submits the allocations that are missing: of a new fleet those it begins with; later, where it is
 * topped up, as many as there is work for, and cancels those that wait for nothing. What a killed
 * process left undone is finished first.
 *
 * @throws {SchedulerError} when the scheduler refuses for good, or does not answer.
 */
export async function topUpFleet(project: Project, fleet: Fleet): Promise<ToppedUp> {
  const layout = queueOf(project);
  const jobs = jobsOf(project, fleet);
  const all = await allocationsOf(project, fleet);
  const demand = demandFor(layout, fleet);
  const now = alive(all);
  const begins = jobs.every((job) => job === undefined);
  const most = fleet.maxJobs ?? (begins ? fleet.jobs : 0);
  const wish = { jobs: begins ? fleet.jobs : most, most, workers: fleet.workers };
  const wanted = isClosed(layout, fleet.number) ? 0 : wantedAllocations(wish, demand, now);
  if (wanted > 0) refuseHopeless(layout, fleet, all);
  const open = jobs.findIndex((job) => job === undefined);
  const cancelled = fleet.maxJobs === undefined ? 0 : await shrink(project, fleet, all, demand);
  const found = { fleet: fleet.number, demand, alive: now, cancelled };
  if (wanted === 0 && open < 0) return { ...found, submitted: 0, ...whyNone(demand, fleet) };
  const count = Math.max(1, wanted);
  const chunk = open < 0 ? jobs.length : open;
  const name = `${fleet.name}.${chunk}`;
  const { clock, host } = project.context;
  const state = fleetFolder(layout, fleet.number);
  const ports = { state, clock, host, scheduler: () => schedulerOf(project, fleet) };
  const tasks = Array.from({ length: count }, (_, index) => index);
  try {
    const job = await submitOnce(
      ports,
      { stage: STAGE, chunk, jobName: name, tasks: count },
      {
        script: fleetScript(layout, fleet.number),
        dependencies: [],
        name,
        array: arraySpec(tasks),
      },
    );
    return { ...found, submitted: count, job };
  } catch (error) {
    if (!(error instanceof NoRoomError)) throw error;
    return { ...found, submitted: 0, why: error.message };
  }
}

/** So many allocations that failed one after the other and ended no run, and no more are added. */
const HOPELESS = 3;

function refuseHopeless(
  layout: QueueLayout,
  { number }: Fleet,
  all: readonly TaskReport[],
): void {
  const useful = usefulAllocations(layout, number);
  const last = all.filter(isGone).slice(-HOPELESS);
  const isHopeless = ({ state, job, task }: TaskReport): boolean =>
    state === "FAILED" && !useful.has(`${job}_${task}`);
  if (last.length < HOPELESS || !last.every(isHopeless)) return;
  throw new SchedulerError(
    `Cannot add allocations to fleet ${number}: its last ${HOPELESS} failed and ended no run`,
    { hint: `\`expflow launch logs --errors ${number}\` says of what` },
  );
}

/** Allocations of a fleet whose agents say that a run was ended there. */
function usefulAllocations(layout: QueueLayout, fleet: number): Set<string> {
  const agents = namesIn(agentsFolder(layout)).flatMap((id) => readStatus(layout, id) ?? []);
  const useful = agents.filter((one) =>
    one.fleet === fleet && one.slots.some(({ done }) => done > 0)
  );
  return new Set(useful.map(({ allocation }) => `${allocation?.job}_${allocation?.task}`));
}

/** Cancels what waits for the scheduler and would find nothing to do. @returns how many. */
async function shrink(
  project: Project,
  fleet: Fleet,
  all: readonly TaskReport[],
  { waiting }: Demand,
): Promise<number> {
  const pending = all.filter(({ state }) => state === "PENDING");
  const surplus = pending.slice(Math.ceil(waiting / fleet.workers));
  if (surplus.length === 0) return 0;
  const targets = surplus.map(({ job, task }) => ({ job, task }));
  await schedulerOf(project, fleet).cancel(targets);
  return surplus.length;
}

/** Why there is nothing to submit. */
export function whyNone(
  { waiting, unfit }: Demand,
  { cpus, gpus, resources }: Pick<Fleet, "cpus" | "gpus" | "resources">,
): { why?: string } {
  if (waiting > 0) return {};
  if (unfit === 0) return { why: "nothing waits in the queue" };
  const time = resources.time === undefined ? "" : ` in ${resources.time}`;
  return { why: `${unfit} items wait, for more than ${cpus} CPUs and ${gpus} GPUs${time}` };
}
