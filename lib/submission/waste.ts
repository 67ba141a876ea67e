import { dirname, join, relative } from "node:path";
import { type CheckpointFile, checkpointRank } from "../core/checkpoints.ts";
import type { Kept, Waste } from "../core/clean_up.ts";
import type { CheckpointSpec } from "../core/experiment.ts";
import { isEnded } from "../core/states.ts";
import { checkpointsOf } from "../store/checkpoints.ts";
import type { Layout } from "../store/layout.ts";
import type { Pins } from "../store/pins.ts";
import { entryAt, namesIn } from "../system/files.ts";
import { isOwn, lookAt, measure, walkTree } from "../system/tree.ts";
import { collect, type Collected } from "./collect.ts";
import type { ExperimentStatus, RunStatus } from "./status.ts";

/** What decides on clean-up, beside what lies there. */
export interface WasteQuery {
  layout: Layout;
  status: ExperimentStatus;
  pins: Pins;
  /** Steps and epochs at which a run was at its best, as far as harvested. */
  bestSteps(run: number): ReadonlySet<number>;
  /** Whether `harvest.artifacts` names a file of a run's folder. */
  isArtifact(path: string): boolean;
  /** So many of the newest checkpoints stay; at least 1. */
  keep: number;
}

/** What can be removed of an experiment, and what is left alone although it looks alike. */
export interface WasteFound {
  waste: Waste[];
  kept: Kept[];
}

/** Looks for what nobody needs any more: old checkpoints, replaced attempts, spent submissions. */
export function wasteOf(query: WasteQuery): WasteFound {
  const { layout, status, pins } = query;
  const found = new Finder(layout, status.id);
  found.leftOvers();
  if (pins.all) return found.leave(layout.runs(status.id), "pinned");
  for (const run of status.runs) {
    const folder = layout.run(status.id, run.index);
    if (pins.runs.has(run.index)) found.leave(folder, "pinned");
    else if (!hasEnded(run)) found.leave(folder, run.state);
    else {
      checkpoints(query, run, found);
      replaced(layout, status.id, run, found);
    }
  }
  for (const one of collect(layout, status.id)) spent(layout, status, one, found);
  return found;
}

function hasEnded({ stages }: RunStatus): boolean {
  return Object.values(stages).every(({ state }) => isEnded(state));
}

/** Gathers; nothing that is behind a link or outside the project is ever waste. */
class Finder implements WasteFound {
  readonly waste: Waste[] = [];
  readonly kept: Kept[] = [];

  constructor(private readonly layout: Layout, private readonly experiment: string) {}

  add(kind: Waste["kind"], path: string, why: string): void {
    if (!isOwn(this.layout.root, path)) {
      this.leave(path, "outside the project, or behind a link");
      return;
    }
    const { bytes, inodes } = measure([path]);
    this.waste.push({ kind, experiment: this.experiment, path, why, bytes, inodes });
  }

  leave(path: string, why: string): WasteFound {
    this.kept.push({ experiment: this.experiment, path, why });
    return this;
  }

  /** What a clean-up that was killed had already renamed. */
  leftOvers(): void {
    for (const trash of trashesOf(this.layout, this.experiment)) {
      for (const name of namesIn(trash)) {
        this.add("left-over", join(trash, name), "of a clean-up that was killed");
      }
    }
  }
}

/** Where folders go before they are removed: on the same file system as they are. */
export function trashesOf(layout: Layout, id: string): [submissions: string, runs: string] {
  return [join(layout.submissions, id, ".pruned"), join(layout.runs(id), ".pruned")];
}

function checkpoints(query: WasteQuery, run: RunStatus, found: Finder): void {
  const { layout, status } = query;
  const specs = status.plans.flatMap(({ config }) =>
    config.stages.flatMap(({ checkpoint }) => checkpoint ?? [])
  );
  const distinct = new Map(specs.map((spec) => [spec.path, spec]));
  const seen = new Set<string>();
  for (const spec of distinct.values()) {
    for (const [path, why] of sorted(query, run, spec)) {
      if (seen.has(path)) continue;
      seen.add(path);
      if (why === undefined) found.add("checkpoint", path, `of run ${run.index}, not its newest`);
      else found.leave(path, why);
    }
  }

  function sorted({ bestSteps, keep }: WasteQuery, { index }: RunStatus, spec: CheckpointSpec) {
    const files = checkpointsOf(layout, status.id, index, spec);
    const latest = files.toSorted((a, b) => b.changed - a.changed)[0];
    const best = bestSteps(index);
    const folder = layout.run(status.id, index);
    const pointedAt = targetsIn([folder, ...files.map(({ path }) => dirname(path))]);
    return files.map((file, at): [string, string | undefined] => {
      const { epoch, step } = checkpointRank(file.name);
      const why = at < keep || file === latest
        ? "the newest"
        : epoch < 0 && step < 0
        ? "without a number"
        : /best/i.test(file.name) || best.has(step) || best.has(epoch)
        ? "the best"
        : isLink(file) || pointedAt.has(Deno.realPathSync(file.path))
        ? "a link, or where one points"
        : holdsArtifact(query, folder, file)
        ? "named by harvest.artifacts"
        : undefined;
      return [file.path, why];
    });
  }
}

function holdsArtifact({ isArtifact }: WasteQuery, run: string, { path }: CheckpointFile): boolean {
  return walkTree(path).some((entry) => isArtifact(relative(run, join(path, entry.path))));
}

/** Where the links in some folders lead. */
function targetsIn(folders: readonly string[]): Set<string> {
  const targets = new Set<string>();
  for (const folder of new Set(folders)) {
    for (const path of namesIn(folder).map((name) => join(folder, name))) {
      if (lookAt(path)?.kind === "link" && entryAt(path)) targets.add(Deno.realPathSync(path));
    }
  }
  return targets;
}

function isLink({ path }: CheckpointFile): boolean {
  return lookAt(path)?.kind === "link";
}

/** What a later attempt, which completed, has replaced. */
function replaced(layout: Layout, id: string, run: RunStatus, found: Finder): void {
  if (run.state !== "completed") return;
  const why = `of run ${run.index}, before the attempt that completed`;
  const aside = join(layout.runs(id), ".previous");
  for (const name of namesIn(aside)) {
    if (new RegExp(`^${run.index}\\.\\d+$`).test(name)) {
      found.add("attempt", join(aside, name), why);
    }
  }
  const folder = layout.run(id, run.index);
  for (const name of namesIn(folder)) {
    if (/^\.previous\.\d+$/.test(name)) found.add("attempt", join(folder, name), why);
  }
}

/** Code and scripts of a submission whose every run was submitted again since. */
function spent(layout: Layout, status: ExperimentStatus, one: Collected, found: Finder): void {
  const { submission } = one.plan;
  const folder = layout.submission(status.id, submission);
  const refers = status.runs.some(({ stages }) =>
    Object.values(stages).some((stage) => stage.submission === submission)
  );
  if (refers) return;
  if (!isOver(one)) {
    found.leave(folder, "its jobs left no word of their end");
    return;
  }
  const why = `of submission ${submission}, whose runs were all submitted again`;
  for (const name of namesIn(folder)) {
    if (name === "code") found.add("code", join(folder, name), why);
    else if (/\.(sbatch|table)$/.test(name)) found.add("script", join(folder, name), why);
  }
}

/** Whether the markers say of all its runs and stages that their last attempt ended. */
function isOver({ plan, markers }: Collected): boolean {
  return plan.chunks.every(({ stage, runs }) => {
    const own = markers.of(stage);
    return runs.every((run) => {
      const known = own(run);
      const last = Math.max(...known.map(({ attempt }) => attempt));
      const events = known.filter(({ attempt }) => attempt === last).map(({ event }) => event);
      return events.some((event) => event !== "start") && !events.includes("requeue");
    });
  });
}
