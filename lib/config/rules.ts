import { z } from "zod";
import { didYouMean, nearest } from "../core/suggest.ts";

// In every rule of a schema `error` is what was expected and, behind a bar, a hint: `explain.ts`
// makes the sentence. For an unknown key it is the hint alone.

const CONTROL = /\p{Cc}/u;
const LINE =
  "one line of text | it may not be empty, nor hold line breaks or other control characters";
const TEXT = 'text | quote it, as in "1"';
const LIST = "text or a list of texts | write [a, b], and quote what looks like a number";
const WHOLE = "a whole number | write it without quotes: 2";
const MAPPING = "a mapping | write `key: value` lines, indented below it";

/** A mapping with these keys and no other; `words` are what an unknown key may have meant. */
export function mapping<Shape extends z.ZodRawShape>(
  shape: Shape,
  words: readonly string[] = [],
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? meant(issue.keys[0]!, Object.keys(shape), words)
        : MAPPING,
  });
}

function meant(key: string, known: string[], words: readonly string[]): string {
  return didYouMean(nearest(key, words) ?? key, known);
}

/** Names of the user's choice, each with such a value. */
export function record<Value extends z.ZodType>(value: Value): z.ZodRecord<z.ZodString, Value> {
  return z.record(z.string(), value, { error: MAPPING });
}

/** A list of such values, one at least. */
export function list<Item extends z.ZodType>(
  item: Item,
  what = "a list | write [a, b]",
): z.ZodArray<Item> {
  return z.array(item, { error: what }).min(1, {
    error: "one item at least | give it an item, or leave it out",
  });
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
export const text: z.ZodString = z.string({ error: TEXT });
/** Text that may become a directive or a path. */
export const line: z.ZodString = text.refine(oneLine, { error: LINE });
/** As {@linkcode line}; editors do not mind a number. */
export const word: z.ZodUnion<readonly [z.ZodString, z.ZodNumber]> = z.union([
  z.string(),
  z.number(),
], {
  error: TEXT,
}).refine(oneLine, { error: LINE });
/** One text or several. */
export const texts: z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>]> = z.union(
  [text, z.array(text, { error: LIST })],
  { error: LIST },
);
/** One line of text or several. */
export const lines: z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>]> = z.union(
  [line, z.array(line, { error: LIST })],
  { error: LIST },
);
/** `true` or `false`. */
export const flag: z.ZodBoolean = z.boolean({ error: "true or false | write it without quotes" });
/** One of a few words. */
export function choice<Words extends readonly [string, ...string[]]>(
  ...words: Words
): z.ZodEnum<{ [Word in Words[number]]: Word }> {
  const all = `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  return z.enum(words, { error: `${all} | write one of these words` });
}

/** 1, 2, 3, … */
export const count: z.ZodInt = z.int({ error: WHOLE }).min(1, {
  error: "a whole number, 1 or more | leave it out where it is not needed",
});
