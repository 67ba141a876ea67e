import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { parseGpus } from "../../lib/core/gres.ts";
import { expandHostlist } from "../../lib/core/hostlist.ts";

Deno.test("expandHostlist() handles what Slurm prints", async (t) => {
  const table: [string, string[]][] = [
    ["", []],
    ["gpu01", ["gpu01"]],
    ["cpu[01-03,07],login", ["cpu01", "cpu02", "cpu03", "cpu07", "login"]],
    ["a[1-2]b[3-4]", ["a1b3", "a1b4", "a2b3", "a2b4"]],
    ["n[009-011]-ib", ["n009-ib", "n010-ib", "n011-ib"]],
    ["x[1-", ["x[1-"]],
    ["x[5-1]", ["x[5-1]"]],
    ["x[1-99999999]", ["x[1-99999999]"]],
  ];
  for (const [text, names] of table) {
    await t.step(text || "nothing", () => deepEqual(expandHostlist(text), names));
  }
});

Deno.test("expandHostlist() gives each number of a range once, as wide as it is written", () => {
  const range = fc.tuple(fc.nat(9999), fc.nat(200), fc.integer({ min: 1, max: 5 }));
  fc.assert(fc.property(range, ([first, more, width]) => {
    const low = String(first).padStart(width, "0");
    const names = expandHostlist(`n[${low}-${first + more}]`);
    equal(names.length, more + 1);
    equal(new Set(names.map((name) => Number(name.slice(1)))).size, more + 1);
    equal(names[0], `n${low}`);
  }));
});

Deno.test("parseGpus() handles every form of a generic resource", async (t) => {
  const table: [string, ReturnType<typeof parseGpus>][] = [
    ["gpu:a100:4(S:0-1)", [{ type: "a100", count: 4 }]],
    ["gpu:4", [{ count: 4 }]],
    ["gpu", [{ count: 1 }]],
    ["gpu:h100", [{ type: "h100", count: 1 }]],
    ["gpu:tesla:2K", [{ type: "tesla", count: 2048 }]],
    ["gpu:a100_3g.20gb:2(S:0),gpu:a100:2", [
      { type: "a100_3g.20gb", count: 2 },
      { type: "a100", count: 2 },
    ]],
    ["gpu:1g.5gb:7", [{ type: "1g.5gb", count: 7 }]],
    ["gpu:a100:2(IDX:0,2),gpu:v100:0(IDX:N/A)", [
      { type: "a100", count: 2 },
      { type: "v100", count: 0 },
    ]],
    ["gres/gpu=18,gres/gpu:a100=8", [{ count: 18 }, { type: "a100", count: 8 }]],
    ["gpu:no_consume:2", [{ count: 2 }]],
    ["mps:400,craynetwork:4,gpumem:80G", []],
    ["(null)", []],
    ["N/A", []],
    ["", []],
  ];
  for (const [text, gpus] of table) {
    await t.step(text || "nothing", () => deepEqual(parseGpus(text), gpus));
  }
});
