import type { EnvironmentSpec } from "../core/experiment.ts";
import { containerLines } from "./container.ts";
import {
  activationLines,
  environmentFunctions,
  REFUSE,
  STRICT,
  variableLines,
} from "./environment.ts";
import { agentLines, RANK_VARIABLES, stepLines } from "./launcher.ts";
import { MEETING_VARIABLES } from "./meeting.ts";
import { codeFolder, type ScriptModel, type ScriptPaths } from "./model.ts";
import type { PlacedCommand } from "./placeholders.ts";

/** Variables that every program finds in its environment. */
const PROGRAM_VARIABLES: readonly string[] = [
  "EXPFLOW_EXPERIMENT",
  "EXPFLOW_STAGE",
  "EXPFLOW_RUN",
  "EXPFLOW_ATTEMPT",
  "EXPFLOW_RUN_DIR",
  "EXPFLOW_PARAMS",
  "EXPFLOW_CODE_DIR",
  "EXPFLOW_WARNING",
];

/**
 * The user's command as a function: around it its launcher on a node, its container, and what starts
 * both on all nodes; each layer where there is one.
 */
export function commandFunction(model: ScriptModel, command: PlacedCommand): string {
  const variables = [
    ...PROGRAM_VARIABLES,
    ...model.resuming?.checkpoint ? ["EXPFLOW_CHECKPOINT", "EXPFLOW_CHECKPOINTS"] : [],
    ...command.variables.values(),
  ];
  const { launcher, resources } = model;
  const launched = launcher && { launcher, resources, variables };
  let lines = [command.text];
  if (launched) lines = agentLines(launched, lines);
  lines = inContainer(model, lines, variables);
  if (launched) lines = stepLines(launched, lines);
  return ["# What runs.", "expflow_command() {", ...lines, "}"].join("\n");
}

function inContainer(model: ScriptModel, lines: string[], variables: string[]): string[] {
  const { environment, resources, paths, launcher } = model;
  const { container } = environment;
  if (!container) return lines;
  const inside: EnvironmentSpec = { ...environment, modules: [], secrets: {} };
  return containerLines({
    container,
    gpus: (resources.gpus ?? 0) > 0,
    folders: foldersOf(paths),
    text: [
      REFUSE,
      ...environmentFunctions(inside),
      STRICT,
      ...activationLines(inside),
      ...variableLines(inside),
      ...environment.setup,
      ...lines,
    ].join("\n"),
    variables: launcher ? [...variables, ...MEETING_VARIABLES] : variables,
    optional: launcher ? RANK_VARIABLES : [],
    secrets: Object.keys(environment.secrets),
  });
}

/** Without those that lie in another one. */
function foldersOf(paths: ScriptPaths): string[] {
  const all = new Set([...paths.shared ?? [], paths.runs, paths.workdir, codeFolder(paths)]);
  return [...all].filter((folder) =>
    ![...all].some((other) => other !== folder && folder.startsWith(`${other}/`))
  );
}
