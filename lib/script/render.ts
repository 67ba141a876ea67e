import { ConfigError, UsageError } from "../core/errors.ts";
import { checkId, isStageName } from "../core/ids.ts";
import { CLAIM, GUARD, REPORTING } from "./claiming.ts";
import { commandFunction } from "./command.ts";
import { directives } from "./directives.ts";
import type { RenderedScript, ScriptModel } from "./model.ts";
import { placeCommand } from "./placeholders.ts";
import { packSections } from "./pack.ts";
import { PROGRAM, RUN_PROGRAM } from "./program.ts";
import { quote } from "./quote.ts";
import { parameterNames, recordsOf } from "./records.ts";
import { checkpointFunctions, startFromCheckpoint } from "./checkpoint.ts";
import { OPEN_RUN, runFolder } from "./run_folder.ts";
import { header, hostFunctions, loadFunction, prepareFunction, settings } from "./sections.ts";
import { PLAIN_SITE, siteLines } from "./site.ts";
import { CLAIM_RUN, identify } from "./start.ts";
import { timeLimitFunctions } from "./time_limit.ts";
import { WATCH } from "./watch.ts";

/**
 * Renders the batch script of one stage and one chunk of runs, for bash 4.2 and later. Everything
 * the job depends on is in it, or in the table beside it whose hash it holds.
 *
 * @throws {ConfigError | UsageError} on what cannot be written down safely.
 */
export function renderScript(model: ScriptModel): RenderedScript {
  checkModel(model);
  const checkpoint = model.resuming?.checkpoint;
  const param = checkpoint?.param;
  const names = [...parameterNames(model.runs), ...param === undefined ? [] : [param]];
  const command = placeCommand(model.command, model.args, names);
  const records = recordsOf(model, command.variables);
  const before = model.after.filter(({ type }) => type === "afterok");
  const steps = [
    CLAIM_RUN,
    ...before.map(({ events, stage }) => `expflow_require ${quote(events)} ${stage}`),
    OPEN_RUN,
    ...checkpoint
      ? [startFromCheckpoint(checkpoint, model.args, command.variables.get(param ?? ""))]
      : [],
    RUN_PROGRAM,
  ];
  const sections = [
    `#!/bin/bash\n${directives(model).join("\n")}`,
    header(model),
    ...siteLines(model.site ?? PLAIN_SITE),
    commandFunction(model, command),
    prepareFunction(model),
    loadFunction(records),
    settings(model, records),
    "# ---- The rest runs each run once, and keeps track of it. ----",
    ...hostFunctions(model),
    REPORTING,
    CLAIM,
    ...before.length > 0 ? [GUARD] : [],
    runFolder((model.resources.gpus ?? 0) > 0),
    ...checkpoint ? [checkpointFunctions(checkpoint)] : [],
    timeLimitFunctions(model),
    WATCH,
    PROGRAM,
    ...model.pack ? packSections(model, model.pack, steps) : [identify(model), ...steps],
  ];
  const text = `${sections.join("\n\n")}\n`;
  return records.kind === "table" ? { text, table: records.table } : { text };
}

function checkModel(model: ScriptModel) {
  const { experiment, submission, stage, runs, array, pack, paths, after } = model;
  checkId(experiment, "an experiment id");
  checkId(submission, "a submission id");
  const stages = [stage, ...after.map((dependency) => dependency.stage)];
  const unnamed = stages.find((name) => !isStageName(name));
  if (unnamed !== undefined) {
    throw new UsageError(`Cannot use ${JSON.stringify(unnamed)} as the name of a stage`, {
      hint: "use a letter, then letters, digits, _ and -",
    });
  }
  if (runs.length === 0 || (!array && !pack && runs.length > 1)) {
    throw new UsageError(`Cannot render a job of ${runs.length} runs`, {
      hint: array ? "an array has at least one run" : "a job that is no array has one run",
    });
  }
  const relative = Object.values(paths).flat().find((path) => !path.startsWith("/"));
  if (relative !== undefined) {
    throw new ConfigError(`Cannot use the path ${JSON.stringify(relative)} in a script`, {
      hint: "scripts need absolute paths",
    });
  }
}
