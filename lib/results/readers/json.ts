import { jsonFault, parsePythonJson } from "../python_json.ts";
import { isObject } from "../scalars.ts";
import type { Reader } from "./reader.ts";
import { wholeText } from "./text.ts";

/** One JSON object with the results of the run. */
export const jsonReader: Reader = {
  format: "json",
  defaults: ["result.json"],
  series: false,
  read(file, sink) {
    const whole = wholeText(file.path);
    if ("problem" in whole) return [`${file.name}: ${whole.problem}`];
    if (whole.text.trim() === "") return [`${file.name}: is empty`];
    let value: unknown;
    try {
      value = parsePythonJson(whole.text);
    } catch (error) {
      const { reason, line, column, cut } = jsonFault(error, whole.text);
      const place = line === undefined ? "" : `:${line}:${column}`;
      return [`${file.name}${place}: ${cut ? "half-written JSON" : "is not JSON"}: ${reason}`];
    }
    if (!isObject(value)) return [`${file.name}: holds no JSON object`];
    sink.row(value);
    return [];
  },
};
