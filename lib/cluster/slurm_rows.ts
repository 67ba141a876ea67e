/** A limit as Slurm prints it: `undefined` where it says that there is none. */
export function readCount(text: string | undefined): number | undefined {
  return /^\d+$/.test(text ?? "") ? Number(text) : undefined;
}

/** A list with commas; empty where Slurm prints nothing, `(null)` or `N/A`. */
export function readList(text: string | undefined): string[] {
  const words = (text ?? "").split(",").map((word) => word.trim());
  return words.filter((word) => word !== "" && !/^(\(null\)|N\/A|null)$/i.test(word));
}

/**
 * The rows of a table with `|` between its fields, each with exactly so many: banners, blank and
 * cut lines are left aside. `undefined` when there is text and not one row in it: no answer.
 */
export function tableRows(stdout: string, fields: number): string[][] | undefined {
  const lines = stdout.split("\n").filter((line) => line.trim() !== "");
  const rows = lines.map((line) => line.trim().split("|")).filter((row) => row.length === fields);
  return rows.length === 0 && lines.length > 0 ? undefined : rows;
}
