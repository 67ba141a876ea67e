import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { diagnose } from "../../../lib/submission/diagnosis/match.ts";
import type { Facts } from "../../../lib/submission/diagnosis/rule.ts";
import { RULES } from "../../../lib/submission/diagnosis/rules/index.ts";
import { TAIL_BYTES, tailOf } from "../../../lib/submission/diagnosis/tail.ts";
import { CASES, NEAR_MISSES } from "./cases.ts";

function failedWith(log: string, facts: Partial<Facts> = {}): Facts {
  const tails = log === "" ? [] : [tailOf("run.err", new TextEncoder().encode(log), true)];
  return { state: "failed", exitCode: 1, missing: [], tails, ...facts };
}

for (const rule of RULES) {
  Deno.test(`diagnose() knows ${rule.id}`, async (t) => {
    const cases = CASES.filter((one) => one.rule === rule.id);
    ok(cases.length > 0, `tests/submission/diagnosis/cases.ts has no case of ${rule.id}`);
    for (const { source, log = "", facts, certainty = "certain" } of cases) {
      await t.step(source, () => {
        const found = diagnose(failedWith(log, facts));
        deepEqual([found.rule, found.class, found.certainty], [rule.id, rule.class, certainty]);
        ok(found.evidence.length > 0 && found.remedy !== "");
      });
    }
  });
}

Deno.test("diagnose() does not take what only looks like a failure for one", async (t) => {
  for (const { source, log, facts, never } of NEAR_MISSES) {
    await t.step(source, () => {
      const found = diagnose(failedWith(log, facts));
      ok(![found.rule, ...found.also.map(({ rule }) => rule)].includes(never), found.rule);
    });
  }
});

Deno.test("diagnose() says that it does not know, and quotes the last lines", () => {
  const found = diagnose(failedWith("one\ntwo\n\nValueError: what\n"));
  deepEqual([found.class, found.certainty, found.rule], ["unknown", "unknown", undefined]);
  deepEqual(found.evidence.map(({ line, text }) => [line, text]), [
    [undefined, "failed, exit code 1"],
    [1, "one"],
    [2, "two"],
    [4, "ValueError: what"],
  ]);
});

Deno.test("diagnose() tells the cause before what follows from it", () => {
  const log = `[rank1]:[E] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=5)
[rank0]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.
`;
  const found = diagnose(failedWith(log));
  deepEqual([found.rule, found.also.map(({ rule }) => rule)], ["cuda-oom", ["nccl"]]);
  equal(diagnose(failedWith(log, { state: "timeout" })).rule, "timeout");
});

Deno.test("tailOf() is not harmed by what a log may hold", async (t) => {
  const bytes = (...parts: (string | Uint8Array)[]) =>
    new Uint8Array(
      parts.flatMap((
        part,
      ) => [...typeof part === "string" ? new TextEncoder().encode(part) : part]),
    );
  await t.step("NULs, colours and bytes that are no UTF-8", () => {
    const tail = tailOf(
      "f",
      bytes("\0\0\x1b[31mMemoryError\x1b[0m\0", new Uint8Array([255, 10])),
      true,
    );
    deepEqual(tail.lines, ["MemoryError\ufffd"]);
  });
  await t.step("UTF-16 as some programs of Windows write it", () => {
    const text = "MemoryError\n".split("").map((letter) => `${letter}\0`).join("");
    deepEqual(tailOf("f", bytes(text), true).lines, ["MemoryError"]);
  });
  await t.step("a progress bar of one line", () => {
    const bar = `${Array.from({ length: 5000 }, (_, i) => `\r${i}%`).join("")}\rdone\n`;
    deepEqual(tailOf("f", bytes(bar), true).lines, ["done"]);
  });
  await t.step("a huge line is cut, a half one left out", () => {
    const tail = tailOf("f", bytes("x".repeat(60_000), "\nlast\n"), false);
    deepEqual(tail, { file: "f", lines: ["last"] });
    ok(tailOf("f", bytes("x".repeat(60_000)), false).lines[0]!.length <= 2000);
  });
});

Deno.test("diagnose() takes any bytes, in bounded time", () => {
  const words = [
    "MemoryError\n",
    "CUDA",
    " out of memory",
    "loss: nan",
    "\0",
    "\r",
    "\n",
    ": ",
    "exceeded memory limit",
  ];
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 50 }),
    fc.constantFrom(...words).map((w) => new TextEncoder().encode(w)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 80 }), fc.boolean(), (pieces, whole) => {
      const all = new Uint8Array(pieces.flatMap((one) => [...one]));
      const found = diagnose({ state: "failed", missing: [], tails: [tailOf("f", all, whole)] });
      ok(found.evidence.every(({ text }) => text.length <= 301));
    }),
    { numRuns: 300 },
  );
  for (const letter of ["a", " ", "'", "(", "No module named ", "image "]) {
    const full = new TextEncoder().encode(letter.repeat(TAIL_BYTES).slice(0, TAIL_BYTES));
    const started = performance.now();
    diagnose({ state: "failed", missing: [], tails: [tailOf("f", full, true)] });
    ok(performance.now() - started < 500, `${JSON.stringify(letter)} took too long`);
  }
});
