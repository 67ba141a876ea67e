import { equal } from "node:assert/strict";
import { join } from "node:path";
import { diagnose } from "../../../lib/submission/diagnosis/match.ts";
import { readTail } from "../../../lib/submission/diagnosis/tail.ts";
import { denoRunner } from "../../../lib/system/deno_runner.ts";

const python = (await denoRunner.run({ argv: ["python3", "--version"] })).code === 0;
if (!python) console.warn("NOT RUN: diagnosis of real failures of Python; python3 is not here");
const root = Deno.uid() === 0;
if (!root) console.warn("NOT RUN: diagnosis of a full disk; only root mounts a small one");

/** Failures made for real: what bash runs, the rule that must know it, and what it needs. */
const FAILURES: readonly { rule: string; script: string; needs?: boolean }[] = [
  { rule: "command-not-found", script: "pyhton3 train.py" },
  { rule: "not-executable", script: "touch tool; chmod -x tool; /usr/bin/env bash -c /tmp" },
  { rule: "missing-file", script: "cat nosuch.csv; exit 1" },
  { rule: "segfault", script: "bash -c 'kill -SEGV $$'; exit $?" },
  { rule: "illegal-instruction", script: "bash -c 'kill -ILL $$'; exit $?" },
  { rule: "host-oom", script: "bash -c 'kill -KILL $$'; exit $?" },
  { rule: "python-import", script: `python3 -c 'import nosuch'`, needs: python },
  { rule: "missing-script", script: "python3 nosuch.py", needs: python },
  { rule: "missing-file", script: `python3 -c 'open("nosuch.csv")'`, needs: python },
  {
    rule: "segfault",
    script: `python3 -X faulthandler -c 'import ctypes; ctypes.string_at(0)'`,
    needs: python,
  },
  { rule: "host-oom", script: `ulimit -v 200000; python3 -c 'bytearray(10**9)'`, needs: python },
  { rule: "corrupt-file", script: `python3 -c 'import json; json.loads("{")'`, needs: python },
  {
    rule: "permission",
    script: `touch s; chmod 000 s; ${root ? "chmod 755 .; runuser -u nobody -- " : ""}cat ./s`,
  },
  {
    rule: "disk-full",
    script: "mkdir full; mount -t tmpfs -o size=64k none full; " +
      "head -c 1000000 /dev/zero >full/x; code=$?; umount full; exit $code",
    needs: root,
  },
];

for (const { rule, script, needs = true } of FAILURES) {
  Deno.test({
    name: `diagnose() knows a real ${rule}: ${script}`,
    ignore: !needs,
    fn: async () => {
      const folder = Deno.makeTempDirSync({ prefix: "expflow-why-" });
      try {
        const argv: [string, ...string[]] = ["bash", "-c", `exec 2>err; ${script}`];
        const { code } = await denoRunner.run({ argv, cwd: folder });
        const tail = readTail(join(folder, "err"))!;
        const found = diagnose({ state: "failed", exitCode: code, missing: [], tails: [tail] });
        equal(found.rule, rule, JSON.stringify({ code, tail, found }));
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}
