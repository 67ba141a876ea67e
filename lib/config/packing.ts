import type { Stage } from "../core/experiment.ts";
import { layResources, type Resources } from "../core/resources.ts";
import type { Sweep } from "../core/sweep.ts";
import { entryAt, errorAt, type MapNode } from "./located.ts";

/** What contradicts `runs_per_job`, and what to do. */
interface Problem {
  key: keyof Resources;
  what: string;
  hint: string;
}

/**
 * Refuses runs that cannot share jobs as a stage, or a group of the sweep in it, says.
 *
 * @param tree where messages look for the place.
 * @throws {ConfigError}
 */
export function checkPacking(
  stages: readonly Stage[],
  groups: Sweep["groups"] = {},
  tree: MapNode,
): void {
  for (const stage of stages) {
    const path = ["stages", stage.name, "resources"];
    refuse(problemOf(stage, stage.resources), [path], tree);
    for (const [name, { resources }] of Object.entries(groups)) {
      if (!resources) continue;
      const own = ["sweep", "groups", name, "resources"];
      refuse(problemOf(stage, layResources(stage.resources, resources)), [own, path], tree);
    }
  }
}

function refuse(problem: Problem | undefined, paths: string[][], tree: MapNode): void {
  if (!problem) return;
  const entries = paths.flatMap((path) => entryAt(tree, [...path, problem.key]) ?? []);
  throw errorAt(entries[0]?.key ?? tree.at, problem.what, problem.hint);
}

function problemOf(
  { name, chain, resume, launcher }: Stage,
  { runs_per_job = 1, runs_at_once = 1, gpus = 0, nodes = 1, max_parallel }: Resources,
): Problem | undefined {
  if (runs_at_once > runs_per_job) {
    return {
      key: "runs_at_once",
      what:
        `Cannot use runs_at_once: ${runs_at_once} with runs_per_job: ${runs_per_job} in ${name}`,
      hint: "runs_per_job is how many runs a job does in all: give it as many at least",
    };
  }
  if (runs_per_job === 1) return undefined;
  const cannot = (key: keyof Resources, other: string, hint: string): Problem => ({
    key,
    what: `Cannot use ${key} with ${other} in ${name}`,
    hint,
  });
  if (chain !== undefined) {
    return cannot(
      "runs_per_job",
      "chain",
      "each run of a chain has jobs of its own: leave one out",
    );
  }
  if (resume === "requeue") {
    const hint = "a job is requeued whole: use resume: resubmit, which continues each run";
    return cannot("runs_per_job", "resume: requeue", hint);
  }
  if (runs_at_once === 1) return undefined;
  if (launcher) {
    const hint = "it gives a run the whole job: leave runs_at_once out, or the launcher";
    return cannot("runs_at_once", `launcher: ${launcher.kind}`, hint);
  }
  if (nodes > 1) {
    return cannot("runs_at_once", `nodes: ${nodes}`, "runs share one node: set nodes: 1");
  }
  if (gpus > runs_at_once && gpus % runs_at_once > 0) {
    const hint = `ask for a multiple of ${runs_at_once}, or for fewer, which are shared`;
    return cannot("runs_at_once", `gpus: ${gpus}, which ${runs_at_once} runs cannot divide`, hint);
  }
  if (max_parallel !== undefined && max_parallel < runs_at_once) {
    const hint = "max_parallel counts runs: raise it, or lower runs_at_once";
    return cannot("runs_at_once", `max_parallel: ${max_parallel}`, hint);
  }
  return undefined;
}
