import { dirname } from "node:path";
import { parsePythonJson } from "../../core/python_json.ts";
import { isObject } from "../scalars.ts";
import type { Sink } from "../series.ts";
import { jsonObject } from "./json.ts";
import { Problems } from "./problems.ts";
import { type Group, inOrder, type Reader, type SourceFile } from "./reader.ts";
import { eachWandbRecord } from "./wandb_log.ts";
import { readWandbRecord, type WandbItem } from "./wandb_record.ts";
import { yamlMapping } from "./yaml_values.ts";

const LOG = /(^|\/)(offline-)?run-[^/]+\/run-[^/]+\.wandb$/;
const SUMMARY = /(^|\/)(offline-)?run-[^/]+\/files\/wandb-summary\.json$/;

/**
 * Folders of W&B (`wandb/offline-run-*`): history, summary and configuration out of the transaction
 * log, or where there is none `wandb-summary.json` and `config.yaml`. Names that begin with `_` are
 * W&B's own.
 */
export const wandbReader: Reader = {
  format: "wandb",
  usual: [
    { name: "wandb/offline-run-*/*.wandb", path: LOG },
    { name: "wandb-summary.json", path: SUMMARY },
  ],
  series: true,
  gather(paths): Group[] {
    const runs = Map.groupBy(paths, runFolder);
    const chosen = Array.from(
      runs,
      ([, files]) => files.find((path) => LOG.test(path)) ?? files[0]!,
    );
    return [inOrder(dirname(runFolder(chosen[0]!)), chosen)];
  },
  read: (file, sink) =>
    LOG.test(file.name)
      ? readLog(file, sink)
      : [...readSummary(file, sink), ...readConfig(file, sink)],
};

function runFolder(path: string): string {
  return LOG.test(path) ? dirname(path) : dirname(dirname(path));
}

function readLog(file: SourceFile, sink: Sink): string[] {
  const problems = new Problems(file.name);
  const logged = new Set<string>();
  const summary = new Map<string, unknown>();
  eachWandbRecord(file.path, problems, (bytes) => {
    try {
      const record = readWandbRecord(bytes);
      if (record.kind === "history") {
        const row = valuesOf(record.items);
        for (const name of row.keys()) logged.add(name);
        sink.row({ ...Object.fromEntries(row), ...stepOf(record.items) });
      } else if (record.kind === "summary") {
        for (const [name, value] of valuesOf(record.items)) summary.set(name, value);
      } else if (record.kind === "config") {
        sink.params?.(Object.fromEntries(valuesOf(record.items)));
      }
    } catch (error) {
      problems.add(`a record is malformed: ${error instanceof Error ? error.message : error}`);
    }
  });
  sink.row(Object.fromEntries(Array.from(summary).filter(([name]) => !logged.has(name))));
  const said = problems.list();
  const found = logged.size + summary.size + said.length;
  return found > 0 ? said : [`${file.name}: holds no history and no summary`];
}

/** By dotted name, without W&B's own and without media. */
function valuesOf(items: readonly WandbItem[]): Map<string, unknown> {
  const values = new Map<string, unknown>();
  for (const { path, json } of items) {
    if (path.length === 0 || path[0]!.startsWith("_")) continue;
    const value = parsePythonJson(json);
    if (!isMedia(value)) values.set(path.join("."), value);
  }
  return values;
}

/** Images, tables and histograms: what is logged of them is where they are. */
function isMedia(value: unknown): boolean {
  return isObject(value) && typeof value._type === "string";
}

function stepOf(items: readonly WandbItem[]): { step?: number } {
  const item = items.find(({ path }) => path.length === 1 && path[0] === "_step");
  return item ? { step: Number(item.json) } : {};
}

function readSummary(file: SourceFile, sink: Sink): string[] {
  const found = jsonObject(file);
  if ("problem" in found) return [found.problem];
  const given = Object.entries(found.values).filter(([name]) => !name.startsWith("_"));
  sink.row(Object.fromEntries(given));
  return given.length > 0 ? [] : [`${file.name}: holds no values`];
}

/** `config.yaml`: each parameter as `lr: {value: 0.1}`. */
function readConfig({ name, folder }: SourceFile, sink: Sink): string[] {
  const beside = `${dirname(name)}/config.yaml`;
  const opened = folder.open(beside);
  if (!("path" in opened)) return "refused" in opened ? [`${beside}: ${opened.refused}`] : [];
  const found = yamlMapping(opened.path);
  if ("problem" in found) return [`${beside}: ${found.problem}`];
  const params = Object.entries(found.values).flatMap(([key, entry]): [string, unknown][] =>
    !isObject(entry) || key.startsWith("_") || key === "wandb_version" ? [] : [[key, entry.value]]
  );
  sink.params?.(Object.fromEntries(params));
  return [];
}
