import { ConfigError } from "../core/errors.ts";
import { sha256 } from "../core/fingerprint.ts";
import { flattenParams, isGroup, paramAt, type Params } from "../core/params.ts";
import { argumentsFor } from "./arguments.ts";
import type { ScriptModel, ScriptRun } from "./model.ts";
import { quote } from "./quote.ts";
import { paramsJson, valueText, withoutParams } from "./values.ts";

/** Values of more bytes than this travel in a table beside the script. */
const EMBEDDED_BYTES = 64 * 1024;

/** The values of all runs: embedded in the script, or as a table with the hash it must have. */
export type Records =
  | { kind: "embedded"; records: [index: number, record: string][] }
  | { kind: "table"; table: string; sha256: string };

/**
 * Writes the values of each run as one line of bash that sets `expflow_args` (all arguments),
 * `expflow_params` (the parameters as JSON) and a variable for each placeholder. A table has one
 * such line a run, after the index and a space. Parameters named by placeholders are not among the
 * arguments.
 *
 * @throws {ConfigError} when a run lacks a parameter that the command names.
 */
export function recordsOf(
  { runs, args, resuming }: Pick<ScriptModel, "runs" | "args" | "resuming">,
  variables: ReadonlyMap<string, string>,
): Records {
  const checkpoint = resuming?.checkpoint?.param;
  const appended = checkpoint !== undefined && !variables.has(checkpoint);
  const placed = new Set([...variables.keys(), ...appended ? [checkpoint] : []]);
  const records = runs.map((run): [number, string] => {
    const words = argumentsFor(args, withoutParams(run.params, placed)).map(quote);
    return [
      run.index,
      [
        `expflow_args=(${words.join(" ")})`,
        ...appended ? [`expflow_initial=(${initialWords(args, run, checkpoint).join(" ")})`] : [],
        ...Array.from(
          variables,
          ([key, name]) => `${name}=${quote(textAt(run, key, key === checkpoint))}`,
        ),
        `expflow_params=${quote(paramsJson(run.params))}`,
      ].join("; "),
    ];
  });
  const table = records.map(([index, record]) => `${index} ${record}\n`).join("");
  const bytes = new TextEncoder().encode(table).length;
  if (bytes <= EMBEDDED_BYTES) return { kind: "embedded", records };
  return { kind: "table", table, sha256: sha256(table) };
}

/** What a run without a checkpoint gives to the parameter that takes one. */
function initialWords(args: ScriptModel["args"], { params }: ScriptRun, key: string): string[] {
  const value = paramAt(params, key);
  return value === undefined ? [] : argumentsFor(args, { [key]: value }).map(quote);
}

/** Dotted keys of the parameters, and of groups of them, that any of the runs has. */
export function parameterNames(runs: readonly ScriptRun[]): string[] {
  const names = new Set<string>();
  for (const { params } of runs) {
    for (const [key] of flattenParams(params)) names.add(key);
    for (const key of groupKeys(params)) names.add(key);
  }
  return [...names];
}

function groupKeys(params: Params, prefix = ""): string[] {
  return Object.entries(params).flatMap(([key, value]) =>
    isGroup(value) ? [`${prefix}${key}`, ...groupKeys(value, `${prefix}${key}.`)] : []
  );
}

function textAt({ params, index }: ScriptRun, key: string, optional: boolean): string {
  const value = paramAt(params, key) ?? (optional ? "" : undefined);
  if (value !== undefined) return valueText(value);
  throw new ConfigError(`Cannot fill {params.${key}} in: run ${index} has no such parameter`, {
    hint: "give it a value in params, which the sweep may then replace",
  });
}
