import { equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../lib/core/durations.ts";
import { UsageError } from "../../lib/core/errors.ts";
import { formatMemory, parseMemory } from "../../lib/core/memory.ts";

Deno.test("parseDuration() takes every form of sbatch, and the short one", async (t) => {
  const table: [string | number, number][] = [
    ["90", 5400],
    [60, 3600],
    ["30:15", 1815],
    ["02:00:00", 7200],
    ["48:00:00", 172800],
    ["1-12", 129600],
    ["1-12:30", 131400],
    ["2-03:04:05", 183845],
    ["UNLIMITED", Infinity],
    ["infinite", Infinity],
    ["2h", 7200],
    ["1d12h", 129600],
    ["1.5h", 5400],
    ["90m", 5400],
    ["45s", 45],
    ["1w", 604800],
  ];
  for (const [given, seconds] of table) {
    await t.step(String(given), () => equal(parseDuration(given), seconds));
  }
});

Deno.test("parseDuration() refuses the rest", () => {
  for (const given of ["", "abc", "1:2:3:4", "-5", "1-", "2 h", "1h-2", "12:"]) {
    throws(() => parseDuration(given), UsageError, given);
  }
});

Deno.test("formatDuration() is read back as the same time", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 10 ** 8 }), (seconds) => {
    equal(parseDuration(formatDuration(seconds)), seconds);
  }));
  equal(formatDuration(Infinity), "UNLIMITED");
  equal(formatDuration(183845), "2-03:04:05");
});

Deno.test("parseMemory() gives MiB", () => {
  const table: [string | number, number][] = [
    ["4000", 4000],
    [4000, 4000],
    ["16G", 16384],
    ["16GB", 16384],
    ["16 GiB", 16384],
    ["1T", 1048576],
    ["512K", 1],
    ["1.5G", 1536],
    ["0", 0],
  ];
  for (const [given, mib] of table) equal(parseMemory(given), mib, String(given));
  for (const given of ["", "lots", "16X", "-1", "G"]) throws(() => parseMemory(given), UsageError);
});

Deno.test("formatMemory() is read back as the same size", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 10 ** 8 }), (mib) => {
    equal(parseMemory(formatMemory(mib)), mib);
  }));
});
