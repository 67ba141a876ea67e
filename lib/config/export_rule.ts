import { z } from "zod";

const EXPORT = "NONE, NIL, ALL or a list of names | write NONE, or [LANG, MY_VARIABLE]";
const variable = z.string({ error: EXPORT }).regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: EXPORT });

/** What jobs inherit: names only, never a value. */
export const exportRule: z.ZodType<"NONE" | "NIL" | "ALL" | string[]> = z.union([
  z.enum(["NONE", "NIL", "ALL"], { error: EXPORT }),
  z.array(variable).min(1, { error: EXPORT }),
], { error: EXPORT });
