import type { RunSpec } from "../core/experiment.ts";
import type { Marker } from "../core/markers.ts";
import { type Journal, readJournal, readMarkers } from "../store/journal.ts";
import type { Layout } from "../store/layout.ts";
import { type Plan, readSubmissions } from "../store/plan.ts";

/** One submission as it lies on disk, indexed. */
export interface Collected {
  plan: Plan;
  runs: RunSpec[];
  journal: Journal;
  markers: StageMarkers;
  state: string;
}

const NONE: readonly Marker[] = [];

/** The markers of a submission, by stage and run. */
export class StageMarkers {
  readonly #byStage = new Map<string, Map<number, readonly Marker[]>>();

  constructor(markers: Iterable<Marker>) {
    for (const marker of markers) {
      let runs = this.#byStage.get(marker.stage);
      if (!runs) this.#byStage.set(marker.stage, runs = new Map());
      const known = runs.get(marker.run);
      // most runs have two: an array that is made with one and pushed to takes room for seventeen
      runs.set(marker.run, known ? [...known, marker] : [marker]);
    }
  }

  /** Those of one stage, by run. */
  of(stage: string): (run: number) => readonly Marker[] {
    const runs = this.#byStage.get(stage);
    return runs ? (run) => runs.get(run) ?? NONE : () => NONE;
  }
}

/** Reads the submissions of an experiment, oldest first. */
export function collect(layout: Layout, id: string): Collected[] {
  return readSubmissions(layout, id).map(({ plan, runs }) => {
    const state = layout.state(id, plan.submission);
    const markers = new StageMarkers(readMarkers(state));
    return { plan, runs, journal: readJournal(state), markers, state };
  });
}
