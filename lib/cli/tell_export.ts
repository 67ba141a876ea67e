import type { ExportFacts } from "../advisor/export_facts.ts";
import type { ExportTreatment } from "../advisor/export_probe.ts";
import { textTable } from "./text_table.ts";

const COLUMNS: Record<keyof ExportFacts, string> = {
  variable: "your variables",
  HOME: "HOME",
  PATH: "PATH",
  USER: "USER",
  SLURM_JOB_ID: "SLURM_JOB_ID",
  modules: "module",
};

/** What a job gets under each value of `--export`, as a table. */
export function tellExport(treatments: readonly ExportTreatment[], columns: number): string {
  const keys = Object.keys(COLUMNS) as (keyof ExportFacts)[];
  const rows = treatments.flatMap(({ mode, batch, srun, why = "" }) =>
    [["script", batch] as const, ["srun", srun] as const].map(([where, facts]) => [
      mode,
      where,
      ...keys.map((key) => facts === undefined ? "?" : facts[key] ? "yes" : "no"),
      facts === undefined ? why : "",
    ])
  );
  return textTable(["--export", "in", ...Object.values(COLUMNS), "why not"], rows, columns);
}
