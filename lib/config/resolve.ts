import type { Sweep } from "../core/experiment.ts";
import { layersOf, type TemplateSource } from "./inherit.ts";
import { mapFromValue, type MapNode, withEntries } from "./located.ts";
import { overlayMaps, withoutNulls } from "./overlay.ts";

/** What an experiment is made of. */
export interface ResolveRequest {
  /** Names the file in the chain of a message. */
  label: string;
  /** The file as it is. */
  file: MapNode;
  templates: TemplateSource;
  /** What the project sets for all; below every template. */
  defaults?: MapNode;
  /** A sweep that takes the place of the file's. */
  sweep?: Sweep;
  /** Above everything: `parseOverrides`. */
  overrides?: MapNode;
}

const BUILT_IN: MapNode = mapFromValue(
  { args: "argparse", workdir: ".", snapshot: true },
  { source: "default" },
);

/**
 * The whole of an experiment or a template, each value with the place it came from. From weak to
 * strong: built-in defaults, the project's, templates from the base upwards, the file, the sweep
 * and the overrides of the command line.
 *
 * @throws {ConfigError} when a template is missing or the templates form a cycle.
 */
export function resolveTree(request: ResolveRequest): MapNode {
  const { label, file, templates, defaults, sweep, overrides } = request;
  const layers = [...(defaults ? [defaults] : []), ...layersOf(label, file, templates)];
  const inherited = layers.reduce((weak, strong) => overlayMaps(weak, strong), BUILT_IN);
  const swept = sweep ? withSweep(inherited, sweep) : inherited;
  const whole = overrides ? overlayMaps(swept, overrides) : swept;
  // A stage's null may still take away what the experiment has for all stages.
  return { ...withoutNulls(whole, ["params", "stages"]), at: file.at };
}

function withSweep(tree: MapNode, sweep: Sweep): MapNode {
  const at = { source: "--sweep" };
  return withEntries(
    tree,
    new Map(tree.entries).set("sweep", { key: at, value: mapFromValue(sweep, at) }),
  );
}
