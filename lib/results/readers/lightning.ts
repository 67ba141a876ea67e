import { dirname } from "node:path";
import type { Sink } from "../series.ts";
import { csvReader } from "./csv.ts";
import { type Group, inOrder, type Reader, type SourceFile } from "./reader.ts";
import { yamlMapping } from "./yaml_values.ts";

/** What Lightning's CSVLogger writes: `version_N/metrics.csv`, with `hparams.yaml` beside it. */
export const lightningReader: Reader = {
  format: "lightning",
  usual: [{ name: "version_*/metrics.csv", path: /(^|\/)version_\d+\/metrics\.csv$/ }],
  series: true,
  gather: versionsTogether,
  read(file, sink) {
    return [...readHparams(file, sink), ...csvReader.read(file, sink)];
  },
};

/** Each start of a program is a version of its own: together they are one series. */
function versionsTogether(paths: readonly string[]): Group[] {
  const loggers = Map.groupBy(paths, (path) => dirname(dirname(path)));
  return Array.from(loggers, ([folder, files]) => inOrder(`${folder}/version_*`, files));
}

function readHparams({ name, folder }: SourceFile, sink: Sink): string[] {
  const beside = `${dirname(name)}/hparams.yaml`;
  const opened = folder.open(beside);
  if ("missing" in opened) return [];
  if ("refused" in opened) return [`${beside}: ${opened.refused}`];
  const found = yamlMapping(opened.path);
  if ("values" in found) sink.params?.(found.values);
  else if (found.problem !== "is empty") return [`${beside}: ${found.problem}`];
  return [];
}
