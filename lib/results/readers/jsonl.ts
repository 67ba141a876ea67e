import { eachLine, type Line } from "../lines.ts";
import { jsonFault, parsePythonJson } from "../../core/python_json.ts";
import { isObject } from "../scalars.ts";
import { Problems } from "./problems.ts";
import { atTop, type Reader } from "./reader.ts";
import { isBinary } from "./text.ts";

/** One JSON object a line, written as the program goes. Read in chunks, never whole. */
export const jsonlReader: Reader = {
  format: "jsonl",
  usual: [atTop("metrics.jsonl")],
  series: true,
  read(file, sink) {
    const problems = new Problems(file.name);
    let lines = 0;
    let rows = 0;
    eachLine(file.path, (line) => {
      lines++;
      const row = parseLine(line);
      if (row === undefined) return;
      if (typeof row === "string") {
        problems.add(row, line.number);
        return !isBinary(line.text);
      }
      rows++;
      sink.row(row);
    });
    if (rows === 0) problems.add(lines === 0 ? "is empty" : "holds no rows");
    return problems.list();
  },
};

/** The object in a line, the problem with it, or nothing when it is blank. */
function parseLine({ text, ended, tooLong }: Line): Record<string, unknown> | string | undefined {
  if (tooLong) return "is longer than 16 MiB; left out";
  try {
    const row = parsePythonJson(text);
    return isObject(row) ? row : "is no JSON object; left out";
  } catch (error) {
    if (text.trim() === "") return undefined;
    if (isBinary(text)) return "not text: holds NUL characters; stopped reading here";
    if (!ended) return "the last line is half-written; left out";
    return `is not JSON: ${jsonFault(error, text).reason}; left out`;
  }
}
