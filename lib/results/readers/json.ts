import { jsonFault, parsePythonJson } from "../../core/python_json.ts";
import { isObject } from "../scalars.ts";
import { atTop, type Reader, type SourceFile } from "./reader.ts";
import { wholeText } from "./text.ts";

/** One JSON object with the results of the run; `all_results.json` is Hugging Face's. */
export const jsonReader: Reader = {
  format: "json",
  usual: [atTop("result.json"), atTop("all_results.json")],
  series: false,
  read(file, sink) {
    const found = jsonObject(file);
    if ("problem" in found) return [found.problem];
    sink.row(found.values);
    return [];
  },
};

/** The object that a JSON file holds, or the problem with it, which begins with the file's name. */
export function jsonObject(
  { name, path }: SourceFile,
): { values: Record<string, unknown> } | { problem: string } {
  const whole = wholeText(path);
  if ("problem" in whole) return { problem: `${name}: ${whole.problem}` };
  if (whole.text.trim() === "") return { problem: `${name}: is empty` };
  try {
    const values = parsePythonJson(whole.text);
    return isObject(values) ? { values } : { problem: `${name}: holds no JSON object` };
  } catch (error) {
    const { reason, line, column, cut } = jsonFault(error, whole.text);
    const place = line === undefined ? "" : `:${line}:${column}`;
    const what = cut ? "half-written JSON" : "is not JSON";
    return { problem: `${name}${place}: ${what}: ${reason}` };
  }
}
