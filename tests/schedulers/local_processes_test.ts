import assert from "node:assert/strict";
import {
  familyOf,
  parsePs,
  parseStat,
  type ProcessRow,
  procfs,
  psProcesses,
} from "../../lib/schedulers/batch/processes.ts";
import { parseGpuIndices } from "../../lib/schedulers/local/machine.ts";
import { denoRunner } from "../../lib/system/deno_runner.ts";

const hasProc = (() => {
  try {
    return Deno.statSync("/proc/self/stat").isFile;
  } catch {
    console.warn("no /proc here: what reads it was not tested");
    return false;
  }
})();

Deno.test("parseStat() reads names with spaces and parentheses", () => {
  const rest = "S 1 42 7 0 -1 4194560 0 0 0 0 1 2 0 0 20 0 1 0 9999 0 0";
  assert.deepEqual(parseStat(`42 (a) b (c) ) ${rest}`), {
    pid: 42,
    start: "9999",
    parent: 1,
    group: 42,
    session: 7,
    zombie: false,
  });
  assert.equal(parseStat(`42 (x) ${rest.replace("S", "Z")}`)?.zombie, true);
  assert.equal(parseStat(""), undefined);
});

Deno.test("parsePs() reads ps of Linux and of macOS", () => {
  const text = `    1     0     1     1 Ss   Sat Nov 22 00:26:01 2025
  501   500   501      0 Z+   Sun Nov  2 09:05:01 2025
`;
  assert.deepEqual(parsePs(text), [
    {
      pid: 1,
      parent: 0,
      group: 1,
      session: 1,
      zombie: false,
      start: "Sat_Nov_22_00_26_01_2025",
    },
    {
      pid: 501,
      parent: 500,
      group: 501,
      session: 0,
      zombie: true,
      start: "Sun_Nov_2_09_05_01_2025",
    },
  ]);
});

Deno.test({
  name: "procfs and psProcesses() agree about this process",
  ignore: !hasProc,
  fn: async () => {
    const ps = psProcesses(denoRunner);
    const [one, other] = [await procfs.find(Deno.pid), await ps.find(Deno.pid)];
    assert(one && other);
    assert.deepEqual({ ...one, start: "" }, { ...other, start: "" });
    for (const processes of [procfs, ps]) {
      assert((await processes.all()).some(({ pid }) => pid === Deno.pid));
      assert.equal(await processes.find(4_194_305), undefined);
    }
  },
});

Deno.test("familyOf() finds a session and its descendants, and never a stranger", () => {
  const row = (pid: number, parent: number, group: number, session: number): ProcessRow => ({
    pid,
    parent,
    group,
    session,
    start: `s${pid}`,
    zombie: false,
  });
  const rows = [
    row(10, 1, 10, 10),
    row(11, 10, 11, 10),
    row(12, 1, 12, 10),
    row(13, 11, 13, 13),
    row(14, 13, 13, 13),
    row(20, 1, 20, 20),
    row(21, 20, 11, 20),
  ];
  assert.deepEqual(familyOf(rows, { pid: 10, start: "s10" }, 11).sort(), [11, 12, 13, 14]);
  const gone = rows.slice(1);
  assert.deepEqual(familyOf(gone, { pid: 10, start: "s10" }, 11).sort(), [11, 12, 13, 14]);
  assert.deepEqual(familyOf(rows, { pid: 10, start: "earlier" }, 11), []);
  const unseen = [{ ...row(31, 1, 31, 0) }, row(32, 1, 33, 0)];
  assert.deepEqual(familyOf(unseen, { pid: 30, start: "s30" }, 31), [31]);
});

Deno.test("parseGpuIndices() takes indices only", () => {
  assert.deepEqual(parseGpuIndices("0\n1\n\n"), [0, 1]);
  assert.deepEqual(parseGpuIndices("No devices were found\n"), []);
});
