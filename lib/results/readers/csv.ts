import { extname } from "node:path";
import { parseDelimited } from "../dsv.ts";
import { scalarFromText } from "../scalars.ts";
import { Problems } from "./problems.ts";
import { atTop, type Reader } from "./reader.ts";
import { wholeText } from "./text.ts";

/** A table with a header line; one row a step. Blank cells are missing. `.tsv`: tabs. */
export const csvReader: Reader = {
  format: "csv",
  usual: [atTop("metrics.csv"), atTop("metrics.tsv")],
  series: true,
  read(file, sink) {
    const whole = wholeText(file.path);
    if ("problem" in whole) return [`${file.name}: ${whole.problem}`];
    const delimiter = extname(file.name).toLowerCase() === ".tsv" ? "\t" : ",";
    const [header = [], ...rows] = parseDelimited(whole.text, delimiter);
    const names = header.map((name) => name.trim());
    const problems = new Problems(file.name);
    const twice = names.filter((name, at) => names.indexOf(name) !== at);
    if (twice.length > 0) problems.add(`column ${twice[0]} is there twice; the first counts`);
    if (rows.length === 0) problems.add(whole.text.trim() === "" ? "is empty" : "holds no rows");
    const lastEnded = /[\r\n]$/.test(whole.text);
    rows.forEach((cells, at) => {
      const isLast = at === rows.length - 1;
      if (cells.length === 1 && cells[0]!.trim() === "" && names.length > 1) return;
      if (cells.length !== names.length) {
        return problems.add(
          isLast && !lastEnded && cells.length < names.length
            ? "the last row is half-written; left out"
            : `row ${at + 1} has ${cells.length} cells, the header ${names.length}; left out`,
        );
      }
      if (isLast && !lastEnded) {
        problems.add("the last row has no line end; its last value may be cut short");
      }
      sink.row(rowOf(names, cells));
    });
    return problems.list();
  },
};

function rowOf(names: string[], cells: string[]): Record<string, unknown> {
  const row = new Map<string, unknown>();
  names.forEach((name, at) => {
    const value = scalarFromText(cells[at]!);
    if (value !== undefined && name !== "" && !row.has(name)) row.set(name, value);
  });
  return Object.fromEntries(row);
}
