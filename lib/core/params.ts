/** A value a parameter can take: what JSON can hold. */
export type ParamValue =
  | string
  | number
  | boolean
  | null
  | ParamValue[]
  | { [key: string]: ParamValue };

/** Parameters of a run. Groups may be nested: `{ optim: { lr: 0.1 } }`. */
export type Params = { [key: string]: ParamValue };

/** Whether a value is a group of parameters and not a plain value or a list. */
export function isGroup(value: ParamValue | undefined): value is Params {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `{ optim: { lr: 0.1 } }` → `[["optim.lr", 0.1]]`, in the order of definition. */
export function flattenParams(params: Params, prefix = ""): [string, ParamValue][] {
  return Object.entries(params).flatMap(([key, value]): [string, ParamValue][] =>
    isGroup(value) && Object.keys(value).length > 0
      ? flattenParams(value, `${prefix}${key}.`)
      : [[`${prefix}${key}`, value]]
  );
}

/** The value at a dotted key, or `undefined`. A key that itself holds dots wins over a path. */
export function paramAt(params: Params, key: string): ParamValue | undefined {
  if (Object.hasOwn(params, key)) return params[key];
  for (let dot = key.indexOf("."); dot > 0; dot = key.indexOf(".", dot + 1)) {
    const group = Object.hasOwn(params, key.slice(0, dot)) ? params[key.slice(0, dot)] : undefined;
    if (isGroup(group)) {
      const found = paramAt(group, key.slice(dot + 1));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
