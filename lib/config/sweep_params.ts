import { isGroup, type Params, type ParamValue } from "../core/params.ts";

/**
 * A copy of `params` with one parameter set; a dotted key is a path through groups, or a key of its
 * own beside a plain value.
 */
export function setParam(params: Params, key: string, value: ParamValue): Params {
  const dot = key.indexOf(".");
  if (dot <= 0 || Object.hasOwn(params, key)) return { ...params, [key]: value };
  const [head, rest] = [key.slice(0, dot), key.slice(dot + 1)];
  const group = Object.hasOwn(params, head) ? params[head] : {};
  if (!isGroup(group)) return { ...params, [key]: value };
  return { ...params, [head]: setParam(group, rest, value) };
}
