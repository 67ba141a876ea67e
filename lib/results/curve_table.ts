import { fileWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import type { Curve } from "./series.ts";

const ROWS = 100_000;

/** A learning curve and the run it is of. */
export interface RunCurve extends Curve {
  run: number;
}

/**
 * Writes curves in long form, a row a point, to a Parquet file: `run`, `metric`, `step_key`, `step`,
 * `value`. Never holds more than 100,000 points and one run. @returns how many points there are.
 */
export function writeCurves(path: string, curves: Iterable<RunCurve>): number {
  let rows = emptyRows();
  const columns = () => [
    { name: "run", type: "INT32" as const, data: rows.run },
    { name: "metric", type: "STRING" as const, data: rows.metric },
    { name: "step_key", type: "STRING" as const, data: rows.stepKey },
    { name: "step", type: "DOUBLE" as const, data: rows.step },
    { name: "value", type: "DOUBLE" as const, data: rows.value },
  ];
  const schema = schemaFromColumnData({ columnData: columns() });
  const writer = new ParquetWriter({ writer: fileWriter(path), schema });
  let written = 0;
  const flush = () => {
    writer.write({ columnData: columns(), rowGroupSize: ROWS });
    written += rows.run.length;
    rows = emptyRows();
  };
  for (const { run, metric, stepKey, points } of curves) {
    for (const { step, value } of points) {
      rows.run.push(run);
      rows.metric.push(metric);
      rows.stepKey.push(stepKey);
      rows.step.push(step);
      rows.value.push(value);
      if (rows.run.length === ROWS) flush();
    }
  }
  if (rows.run.length > 0) flush();
  writer.finish();
  return written;
}

function emptyRows() {
  return {
    run: [] as number[],
    metric: [] as string[],
    stepKey: [] as string[],
    step: [] as number[],
    value: [] as number[],
  };
}
