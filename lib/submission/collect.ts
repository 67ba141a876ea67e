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
  markers: Map<string, Marker[]>;
  state: string;
}

/** Key of a run's stage in its submission's markers. */
export function stageKey(run: number, stage: string): string {
  return `${run}.${stage}`;
}

/** Reads the submissions of an experiment, oldest first. */
export function collect(layout: Layout, id: string): Collected[] {
  return readSubmissions(layout, id).map(({ plan, runs }) => {
    const state = layout.state(id, plan.submission);
    const markers = new Map<string, Marker[]>();
    for (const marker of readMarkers(state)) {
      const key = stageKey(marker.run, marker.stage);
      const known = markers.get(key);
      if (known) known.push(marker);
      else markers.set(key, [marker]);
    }
    return { plan, runs, journal: readJournal(state), markers, state };
  });
}
