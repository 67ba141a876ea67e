import { dirname } from "node:path";
import { eachLine } from "../lines.ts";
import { scalarFromText } from "../scalars.ts";
import type { Sink } from "../series.ts";
import { Problems } from "./problems.ts";
import { inOrder, type Reader, type SourceFile } from "./reader.ts";
import { wholeText } from "./text.ts";
import { yamlMapping } from "./yaml_values.ts";

const PART = /\/(metrics|params)\//;
const PARENT_TAG = "tags/mlflow.parentRunId";

/**
 * MLflow's file store: `mlruns/<experiment>/<run>/` with a file for each metric and parameter. A
 * deleted run, and one that another run started, are passed over: they are not this run.
 */
export const mlflowReader: Reader = {
  format: "mlflow",
  usual: [{
    name: "mlruns/*/*/meta.yaml",
    path: /(^|\/)mlruns\/(?!\.trash\/)[^/]+\/[^/]+\/meta\.yaml$/,
  }],
  series: true,
  gather: (paths) => [{ ...inOrder(dirname(dirname(dirname(paths[0]!))), paths) }],
  read(file, sink) {
    const run = dirname(file.name);
    const meta = yamlMapping(file.path);
    if ("problem" in meta) return [`${file.name}: ${meta.problem}`];
    if (meta.values.lifecycle_stage === "deleted") return [`${run}: is deleted; left out`];
    if ("path" in file.folder.open(`${run}/${PARENT_TAG}`)) {
      return [`${run}: is a child of another MLflow run; left out`];
    }
    const parts = file.folder.files.map(({ path }) => path).filter((path) => PART.test(path))
      .filter((path) => path.startsWith(`${run}/`));
    if (parts.length === 0) return [`${run}: holds no metrics and no parameters`];
    return parts.flatMap((path) => readPart(file, run, path, sink));
  },
};

/** Reads a file of the MLflow run that is a metric or a parameter. */
function readPart({ folder, ...file }: SourceFile, run: string, path: string, sink: Sink) {
  const [metric, param] = ["metrics", "params"].map((kind) =>
    path.startsWith(`${run}/${kind}/`) ? path.slice(run.length + kind.length + 2) : undefined
  );
  const opened = folder.open(path);
  if (!("path" in opened)) return "refused" in opened ? [`${path}: ${opened.refused}`] : [];
  const part = { ...file, folder, path: opened.path, name: path };
  if (metric !== undefined) return readMetric(part, metric, sink);
  return param === undefined ? [] : readParam(part, param, sink);
}

function readParam(file: SourceFile, name: string, sink: Sink): string[] {
  const whole = wholeText(file.path);
  if ("problem" in whole) return [`${file.name}: ${whole.problem}`];
  sink.params?.({ [name]: whole.text });
  return [];
}

/** Lines of `milliseconds value step`; the step is absent in files of old versions. */
function readMetric(file: SourceFile, name: string, sink: Sink): string[] {
  const problems = new Problems(file.name);
  let rows = 0;
  eachLine(file.path, ({ number, text, ended, tooLong }) => {
    if (!tooLong && text.trim() === "") return;
    const [time = "", value = "", step = "0"] = text.trim().split(" ");
    const found = scalarFromText(value);
    if (!ended) problems.add("the last line has no line end; left out", number);
    else if (tooLong || !/^\d+$/.test(time) || !/^-?\d+$/.test(step) || found === undefined) {
      problems.add("expected a time, a value and a step; left out", number);
    } else {
      rows++;
      sink.row({ [name]: found, step: Number(step) });
    }
  });
  const said = problems.list();
  return rows + said.length > 0 ? said : [`${file.name}: is empty`];
}
