import type { CheckpointSpec, Stage } from "../core/experiment.ts";
import { entryAt, errorAt, type MapNode } from "./located.ts";
import type { ExperimentFile } from "./schema.ts";
import { defined } from "./values.ts";

type StageBlock = Exclude<NonNullable<ExperimentFile["stages"]>[string], string>;
type Resuming = Pick<Stage, "resume" | "max_restarts" | "checkpoint" | "chain">;

/**
 * How a stage is continued, as its block says.
 *
 * @throws {ConfigError} on words that contradict each other.
 */
export function resumingOf(name: string, block: StageBlock, tree: MapNode): Resuming {
  const { resume, max_restarts, checkpoint, chain, resources } = block;
  const refuse = (key: string, what: string, hint: string) =>
    errorAt((entryAt(tree, ["stages", name, key]) ?? { key: tree.at }).key, what, hint);
  if (resume === "requeue" && chain !== undefined) {
    throw refuse(
      "chain",
      "Cannot use both resume: requeue and chain",
      "requeue continues in the same job; chain is for sites where that is not allowed",
    );
  }
  if (resume === "requeue" && resources?.requeue === false) {
    throw refuse(
      "resume",
      "Cannot use resume: requeue with resources.requeue: false",
      "remove one of them",
    );
  }
  if (chain !== undefined && resources?.max_parallel !== undefined) {
    throw refuse(
      "chain",
      "Cannot use chain with max_parallel: each run of a chain is a job of its own",
      "leave max_parallel out",
    );
  }
  return defined({ resume, max_restarts, checkpoint: checkpointOf(checkpoint), chain });
}

function checkpointOf(block: StageBlock["checkpoint"]): CheckpointSpec | undefined {
  if (block === undefined) return undefined;
  const { dir, pattern, param } = typeof block === "string" ? { dir: block } : block;
  const path = (pattern ?? dir ?? ".").replace(/^(\.\/+)+/, "").replace(/\/+$/, "");
  const folder = path === "." || path === "" ? "" : `${path}/`;
  return defined({ path: pattern === undefined ? folder : path, param });
}
