import { z } from "zod";
import { parseDuration } from "../core/durations.ts";
import { FAILURE_CLASSES, isRetryable } from "../core/failures.ts";
import { parseMemory } from "../core/memory.ts";
import { RETRY_CAPS, type RetryPolicy, type RetryRule } from "../core/retry.ts";
import { KEY, named, PARAM_KEY } from "./param_keys.ts";
import { count, flag, mapping, readable, word } from "./rules.ts";
import { defined } from "./values.ts";

const MEM = "a factor or a memory size | write x1.5, or 32G";
const TIME = "a factor or a time | write x2, or 04:00:00";
const PARAM = 'a value or a change of one | write "/2", "*2", "+1", or a value in its place';
const RULE = "a number of times or a mapping | write 2, or {times: 2, exclude_node: true}";

/** `x1.5`: more than once what it was. */
const isFactor = (given: string | number) =>
  /^x\d+(\.\d+)?$/.test(String(given)) &&
  Number(String(given).slice(1)) > 1;

function scaled(read: (text: string) => unknown, error: string) {
  const fits = (given: string | number) => isFactor(given) || readable(read)(given);
  return z.union([z.string(), z.number()], { error }).refine(fits, { error });
}

const rule = mapping({
  times: count.optional().describe("How often a run is retried after it; 1 unless told"),
  exclude_node: flag.optional().describe("Keep off the node that it failed on"),
  mem: scaled(parseMemory, MEM).optional().describe("Memory: x1.5 of what it had, or 32G"),
  time: scaled(parseDuration, TIME).optional().describe("Time limit: x2 of what it had, or 4h"),
  partition: word.optional().describe("Partition in the place of the one it had"),
  params: named(
    z.union([z.string(), z.number(), z.boolean()], { error: PARAM }),
    PARAM_KEY,
    KEY,
  ).optional().describe('Parameters that change: {batch: "/2"}; makes a child run'),
});

const rules = Object.fromEntries(
  FAILURE_CLASSES.filter(isRetryable).map((failure) => [
    failure,
    z.union([count, rule], { error: RULE }).optional()
      .describe(`After ${failure}: how often, and with what change`),
  ]),
);

/** `retry`: what is done about failures without a person. */
export const retrySchema = mapping({
  max_per_run: count.optional()
    .describe(`Retries of one run, whatever it fails of; ${RETRY_CAPS.max_per_run} unless told`),
  max_per_sweep: count.optional()
    .describe(`Retries of all runs together; ${RETRY_CAPS.max_per_sweep} unless told`),
  ...rules,
});

/** What `retry:` says, in full; nothing is retried without one. */
export function retryOf(block: z.infer<typeof retrySchema> | undefined): RetryPolicy | undefined {
  if (block === undefined) return undefined;
  const {
    max_per_run = RETRY_CAPS.max_per_run,
    max_per_sweep = RETRY_CAPS.max_per_sweep,
    ...given
  } = block;
  const on = Object.entries(given as Record<string, number | z.infer<typeof rule>>).map((
    [failure, said],
  ) => [failure, typeof said === "number" ? { times: said } : ruleOf(said)]);
  return { max_per_run, max_per_sweep, on: Object.fromEntries(on) };
}

function ruleOf({ times = 1, mem, time, partition, ...rest }: z.infer<typeof rule>): RetryRule {
  const text = (given?: string | number) => given === undefined ? undefined : String(given);
  return defined<RetryRule>({
    times,
    mem: text(mem),
    time: text(time),
    partition: text(partition),
    ...rest,
  });
}
