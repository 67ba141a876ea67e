import assert from "node:assert/strict";
import { describeJob } from "../../lib/schedulers/batch/describe.ts";
import {
  type EventKind,
  eventName,
  readEvents,
  type TaskEvent,
} from "../../lib/schedulers/local/events.ts";
import type { Machine } from "../../lib/schedulers/batch/job_spec.ts";
import { type Action, plan } from "../../lib/schedulers/local/plan.ts";
import {
  hasSucceeded,
  isOver,
  type JobProgress,
  newProgress,
  noteLaunch,
  noteUnlaunched,
  reduce,
} from "../../lib/schedulers/local/progress.ts";
import {
  advance,
  gates,
  isExhausted,
  queued,
  type QueuedJob,
  startable,
} from "../../lib/schedulers/local/queue.ts";
import { eventsOfLoss } from "../../lib/schedulers/local/watch.ts";
import type { DependencyType } from "../../lib/schedulers/scheduler.ts";

/** A job to be simulated; `on` is the place of an earlier one. */
export interface JobDraft {
  directives: string;
  dependencies: { type: DependencyType; on: number }[];
}

/** A job as the supervisor holds it. */
export function newJob(
  id: number,
  directives: string,
  links: QueuedJob["links"][number][] = [],
): QueuedJob {
  const spec = describeJob(`#!/bin/bash\n#SBATCH ${directives}\n`, {
    script: "x.sh",
    folder: "/",
    host: "host",
    environment: {},
    cpus: 1000,
    epoch: 0,
  });
  return queued(newProgress(id, spec), links);
}

/** A machine without processes: plans are carried out in memory, and tasks end when told. */
export class Simulation {
  readonly machine: Machine;
  readonly jobs: QueuedJob[];
  readonly finished = new Set<number>();
  readonly launches = new Map<string, number>();
  /** File names of the events of each job. */
  readonly names = new Map<number, string[]>();
  /** Tasks that were COMPLETED at some time, `<job>.<task>`. */
  readonly completed = new Set<string>();
  /** Tasks that got a KILL in this cycle. */
  killed: { progress: JobProgress; index: number }[] = [];
  now = 1_000_000;

  constructor(machine: Machine, drafts: JobDraft[]) {
    this.machine = machine;
    this.jobs = [];
    for (const [index, { directives, dependencies }] of drafts.entries()) {
      const links = dependencies.filter(({ on }) => on < index).map(({ type, on }) => ({
        type,
        on: this.jobs[on]!.progress,
        seen: 0,
        released: new Set<number>(),
      }));
      this.jobs.push(newJob(index + 1, directives, links));
    }
  }

  job(id: number): QueuedJob {
    return this.jobs[id - 1]!;
  }

  get unfinished(): QueuedJob[] {
    return this.jobs.filter(({ progress }) => !this.finished.has(progress.id));
  }

  record(progress: JobProgress, event: TaskEvent): void {
    const names = this.names.get(progress.id) ?? [];
    names.push(eventName(event));
    this.names.set(progress.id, names);
    reduce(progress, event);
  }

  event(progress: JobProgress, task: number, kind: EventKind, detail = "0"): void {
    const { restart } = progress.touched.get(task)!;
    const epoch = Math.floor(this.now / 1000);
    this.record(progress, { task, restart, kind, detail, epoch });
    const state = progress.touched.get(task)!.outcome?.state;
    if (state === "COMPLETED") this.completed.add(`${progress.id}.${task}`);
  }

  perform(action: Action): void {
    const { progress } = this.job(action.job);
    if (action.do === "launch") {
      const shepherd = { pid: 1, start: "1" };
      noteLaunch(progress, action.task, { gpus: action.gpus, at: this.now, shepherd });
    } else if (action.do === "record") this.record(progress, action.event);
    else if (action.do === "finish") this.finished.add(action.job);
    else {
      const task = progress.touched.get(action.task)!;
      assert.equal(task.phase, "active", "a signal goes to an active task");
      if (action.purpose === "tell") task.toldAt = this.now;
      if (action.purpose === "kill") this.killed.push({ progress, index: action.task });
    }
  }

  checkLaunch({ job: id, task, restart }: Extract<Action, { do: "launch" }>): void {
    const { progress, links } = this.job(id);
    const attempt = `${id}.${task}.${restart}`;
    const before = progress.touched.get(task);
    assert(before === undefined || before.phase === "pending", `${attempt} waits`);
    assert.equal(restart, before?.restart ?? 0);
    assert.equal(progress.cancelled, undefined, `${attempt} of a cancelled job`);
    this.launches.set(attempt, (this.launches.get(attempt) ?? 0) + 1);
    if (before) return;
    for (const { type, on } of links) {
      if (type === "afterany") assert(isOver(on!));
      else if (type === "afterok" || on!.spec.array === undefined) assert(hasSucceeded(on!));
      else if (progress.spec.array === undefined) assert(hasSucceeded(on!));
      else assert(this.completed.has(`${on!.id}.${task}`), "a released task was COMPLETED once");
    }
  }

  /** One cycle of the supervisor, and what must hold after it. */
  cycle(): void {
    const jobs = this.unfinished;
    jobs.forEach(advance);
    const situation = { jobs, machine: this.machine, now: this.now, killWait: 1000 };
    const actions = plan(situation);
    assert.deepEqual(plan(situation), actions, "planning changes nothing");
    const waiting = this.candidates();
    for (const action of actions) {
      if (action.do === "launch") this.checkLaunch(action);
    }
    actions.forEach((action) => this.perform(action));
    this.checkSlots(waiting);
    for (const { progress, index } of this.killed.splice(0)) {
      this.event(progress, index, "end", "137");
    }
  }

  free(): { cpus: number; gpus: Set<number> } {
    const gpus = new Set(this.machine.gpus);
    let { cpus } = this.machine;
    for (const { progress } of this.unfinished) {
      cpus -= progress.active.size * Math.min(progress.spec.cpus, this.machine.cpus);
      for (const index of progress.active) {
        for (const gpu of progress.touched.get(index)!.gpus) {
          assert(gpus.delete(gpu), `GPU ${gpu} is given twice`);
        }
      }
    }
    return { cpus, gpus };
  }

  /** The jobs that may start a task now, with the first such task. */
  candidates(): { job: QueuedJob; next: number }[] {
    return this.unfinished.flatMap((job) => {
      const { progress, requests } = job;
      const cancelling = requests.cancelAll || requests.cancel.size > 0;
      if (cancelling || progress.cancelled !== undefined) return [];
      if (gates(job) !== "open" || isExhausted(job)) return [];
      const [next] = startable(job);
      return next === undefined ? [] : [{ job, next }];
    });
  }

  checkSlots(waiting: { job: QueuedJob; next: number }[]): void {
    const { cpus, gpus } = this.free();
    assert(cpus >= 0, "more CPUs are given than there are");
    for (const { progress } of this.unfinished) {
      assert(progress.active.size <= progress.throttle, "the throttle holds");
    }
    for (const { job: { progress }, next } of waiting) {
      if (progress.active.has(next) || progress.active.size >= progress.throttle) continue;
      const fits = Math.min(progress.spec.cpus, this.machine.cpus) <= cpus &&
        progress.spec.gpus <= gpus.size;
      assert(!fits, `task ${next} of job ${progress.id} fits and was not started`);
    }
  }

  active(): { progress: JobProgress; index: number }[] {
    return this.unfinished.flatMap(({ progress }) =>
      [...progress.active].map((index) => ({ progress, index }))
    );
  }

  /** Something happens, chosen by a number. */
  happen(choice: number): void {
    const active = this.active();
    const chosen = active[choice % Math.max(1, active.length)];
    const job = this.unfinished[choice % Math.max(1, this.unfinished.length)];
    this.now += choice % 700;
    if (chosen) this.proceed(chosen.progress, chosen.index, choice >> 4);
    if (!job) return;
    const { requests, progress } = job;
    const some = progress.indices[choice % progress.indices.length]!;
    const kind = (choice >> 8) % 24;
    if (kind === 0) requests.cancelAll = true;
    if (kind === 1) requests.cancel.add(some);
    const task = progress.touched.get(some);
    if (kind === 2 && task) requests.requeue.set(some, task.restart);
  }

  proceed(progress: JobProgress, index: number, choice: number): void {
    const task = progress.touched.get(index)!;
    if (task.phase === "launched") {
      if (choice % 8 === 0) return noteUnlaunched(progress, index);
      this.event(progress, index, "claim");
      if (choice % 8 !== 1) this.event(progress, index, "start", "77");
      return;
    }
    if (choice % 5 === 0) {
      for (const event of eventsOfLoss(progress, index, task, 1)) this.record(progress, event);
    } else this.event(progress, index, "end", choice % 5 === 1 ? "3" : "0");
  }

  /** A job as another process reads it, from the names of its events in any order. */
  reloaded({ progress }: QueuedJob): QueuedJob {
    const again = newProgress(progress.id, progress.spec);
    const names = (this.names.get(progress.id) ?? []).toReversed();
    for (const event of readEvents(names)) reduce(again, event);
    return queued(again, []);
  }

  /** Everything that runs ends well, until nothing is left. */
  settle(): void {
    for (let rounds = 0; this.unfinished.length > 0; rounds++) {
      assert(
        rounds < 2000,
        `jobs are stuck: ${this.unfinished.map(({ progress }) => progress.id)}`,
      );
      this.cycle();
      for (const { progress, index } of this.active()) this.proceed(progress, index, 2);
      this.now += 1000;
    }
  }
}
