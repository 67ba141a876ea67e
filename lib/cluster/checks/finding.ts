/** What one check found. */
export interface Finding {
  /** Name of the check: `scratch`, `account`, `controller`, … */
  check: string;
  /** `warning`: it works, but there is something to know. `unknown`: nobody could tell. */
  state: "ok" | "warning" | "wrong" | "unknown";
  /** What was found, with its source. */
  found: string;
  /** What to do about it, one line; absent where nothing has to be done. */
  hint?: string;
}

/** Nothing has to be done. */
export function ok(check: string, found: string): Finding {
  return { check, state: "ok", found };
}
