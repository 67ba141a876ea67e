import { z } from "zod";
import { didYouMean } from "../core/suggest.ts";

// In every rule of a schema `error` is what was expected, which `explain.ts` puts into a sentence;
// that of an unknown key is a hint.

const CONTROL = /\p{Cc}/u;
const LINE = "one line of text without control characters";
const LIST = "a text or a list of texts";
const WHOLE = "a whole number";

/** A mapping with these keys and no other; `words` are what an unknown key may have meant. */
export function mapping<Shape extends z.ZodRawShape>(
  shape: Shape,
  words: readonly string[] = Object.keys(shape),
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? didYouMean(issue.keys[0]!, words) : "a mapping",
  });
}

/** Names of the user's choice, each with such a value. */
export function record<Value extends z.ZodType>(value: Value): z.ZodRecord<z.ZodString, Value> {
  return z.record(z.string(), value, { error: "a mapping" });
}

/** A list of such values, one at least. */
export function list<Item extends z.ZodType>(item: Item, what = "a list"): z.ZodArray<Item> {
  return z.array(item, { error: what }).min(1, { error: "one item at least" });
}

/** Whether `read` takes a text without throwing. */
export function readable(read: (text: string) => unknown): (given: string | number) => boolean {
  return (given) => {
    try {
      read(String(given));
      return true;
    } catch {
      return false;
    }
  };
}

const oneLine = (given: string | number) => given !== "" && !CONTROL.test(String(given));

/** Any text. */
export const text: z.ZodString = z.string({ error: "a text" });
/** Text that may become a directive or a path. */
export const line: z.ZodString = text.refine(oneLine, { error: LINE });
/** As {@linkcode line}; editors do not mind a number. */
export const word: z.ZodUnion<readonly [z.ZodString, z.ZodNumber]> = z.union([
  z.string(),
  z.number(),
], {
  error: "a text",
}).refine(oneLine, { error: LINE });
/** One text or several. */
export const texts: z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>]> = z.union(
  [text, z.array(text, { error: "a list" })],
  { error: LIST },
);
/** One line of text or several. */
export const lines: z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>]> = z.union(
  [line, z.array(line, { error: "a list" })],
  { error: LIST },
);
/** `true` or `false`. */
export const flag: z.ZodBoolean = z.boolean({ error: "true or false" });
/** 1, 2, 3, … */
export const count: z.ZodInt = z.int({ error: WHOLE }).min(1, { error: `${WHOLE}, 1 or more` });
