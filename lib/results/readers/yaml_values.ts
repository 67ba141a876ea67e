import { parseDocument } from "yaml";
import { isObject } from "../scalars.ts";
import { wholeText } from "./text.ts";

/**
 * What a YAML file of a program holds, or the problem with it. Tags of Python objects are passed
 * over, their content is kept.
 */
export function yamlValues(path: string): { value: unknown } | { problem: string } {
  const whole = wholeText(path);
  if ("problem" in whole) return whole;
  if (whole.text.trim() === "") return { problem: "is empty" };
  const document = parseDocument(whole.text, { logLevel: "silent" });
  const [fault] = document.errors;
  if (fault) {
    const line = fault.linePos?.[0].line;
    return { problem: `is not YAML: ${fault.code}${line === undefined ? "" : ` in line ${line}`}` };
  }
  try {
    return { value: document.toJS() };
  } catch (error) {
    return { problem: `is not YAML: ${error instanceof Error ? error.message : error}` };
  }
}

/** The mapping that a YAML file holds, or the problem with it. */
export function yamlMapping(
  path: string,
): { values: Record<string, unknown> } | { problem: string } {
  const found = yamlValues(path);
  if ("problem" in found) return found;
  return isObject(found.value) ? { values: found.value } : { problem: "holds no mapping" };
}
