import type { ArgsStyle } from "../core/experiment.ts";
import type { Params } from "../core/params.ts";
import { argparseArguments } from "./argparse.ts";
import { hydraArguments } from "./hydra.ts";

/**
 * The arguments that give `params` to a program, in the order of definition, not yet quoted for a
 * shell.
 *
 * @throws {UsageError} on a key or a value that the style cannot express.
 */
export function argumentsFor(style: ArgsStyle, params: Params): string[] {
  switch (style) {
    case "argparse":
      return argparseArguments(params);
    case "hydra":
      return hydraArguments(params);
    case "none":
      return [];
  }
}
