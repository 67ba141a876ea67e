import type { RunState } from "../../core/states.ts";
import type { ResultRecord } from "../records.ts";
import type { FlatColumn } from "./columns.ts";

type NamedColumn = Pick<FlatColumn, "name" | "value">;

/** MLflow's word for each state; it has none for a run that may or may not run. */
const STATUS: Record<RunState, string | undefined> = {
  planned: "SCHEDULED",
  pending: "SCHEDULED",
  running: "RUNNING",
  completed: "FINISHED",
  refused: "FAILED",
  failed: "FAILED",
  timeout: "FAILED",
  out_of_memory: "FAILED",
  node_fail: "FAILED",
  lost: "FAILED",
  preempted: "KILLED",
  cancelled: "KILLED",
  skipped: "KILLED",
  not_begun: "KILLED",
  unknown: undefined,
};

const HEAD: NamedColumn[] = [
  { name: "run_id", value: (record) => runName(record) },
  { name: "experiment_id", value: ({ experiment }) => experiment },
  { name: "status", value: ({ state }) => STATUS[state] },
  { name: "start_time", value: ({ started }) => started },
  { name: "end_time", value: ({ ended }) => ended },
];

const TAGS: NamedColumn[] = [
  { name: "tags.mlflow.runName", value: (record) => runName(record) },
  { name: "tags.mlflow.source.git.commit", value: ({ commit }) => commit },
  { name: "tags.expflow.state", value: ({ state }) => state },
  { name: "tags.expflow.elapsed", value: ({ elapsed }) => elapsed },
];

/** Columns named as `mlflow.search_runs` has them: `params.lr`, `metrics.acc`, `tags.…`. */
export function mlflowColumns(columns: readonly FlatColumn[]): NamedColumn[] {
  const seedIsParam = columns.some(({ kind, own }) => kind === "params" && own === "seed");
  const seed: NamedColumn = { name: "params.seed", value: ({ seed }) => seed };
  return [
    ...HEAD,
    ...(seedIsParam ? [] : [seed]),
    ...columns.filter(({ kind }) => kind !== "run")
      .map(({ kind, own, value }) => ({ name: `${kind}.${own}`, value })),
    ...TAGS,
  ];
}

function runName({ experiment, run }: ResultRecord): string {
  return `${experiment}/${run}`;
}
